// Package source writes operators as CUDA C. A Plan says which GPU kernels one application of an operator
// takes, with their arguments; a Kernel is text that NVRTC compiles for a GPU and the emulator for the CPU.
//
//	p, err := source.For(op.Tanh, nil, []engine.Array{y}, []engine.Array{x})
//	for _, l := range p.Launches {
//		fmt.Println(l.Kernel.Text()) // extern "C" __global__ void … tanh(x) …
//	}
//
// Expressions of elementwise operators stand in op.Def.CUDA; the forms of all others are in table (forms.go),
// and operators without one in Missing, with the reason. It needs neither a GPU nor cgo, and runs nothing:
// that is package engine/cuda.
package source

import (
	"embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

//go:embed lib/*.cuh
var library embed.FS

// Kernel is one GPU kernel. Kernels of equal Name have equal Text.
type Kernel struct {
	Name       string
	Capability int      // compute capability that it wants, 80 for sm_80; 0: any
	parts      []string // files of lib, besides the prelude
	body       string
}

// Text returns the whole source.
func (k *Kernel) Text() string { return Join([]*Kernel{k}) }

// Join returns one source of several kernels with different names.
func Join(kernels []*Kernel) string {
	var b strings.Builder
	parts := []string{"prelude"}
	for _, k := range kernels {
		for _, p := range k.parts {
			if !slices.Contains(parts, p) {
				parts = append(parts, p)
			}
		}
	}
	for _, p := range parts {
		text, err := library.ReadFile("lib/" + p + ".cuh")
		if err != nil {
			panic("source: " + err.Error())
		}
		b.Write(text)
	}
	for _, k := range kernels {
		b.WriteString(k.body)
	}
	return b.String()
}

// Word is a 64-bit argument: a number, or an address.
type Word struct {
	Bits uint64         // the number, or bytes to add to an address
	Buf  *engine.Buffer // memory of an operand
	Temp int            // 1 + index of temporary memory
}

// Launch is one launch of a kernel. Behind its header (Head of prelude.cuh), which who launches fills in, come
// the Words. Without a Kernel it is a call of a library, Product or Convolution.
type Launch struct {
	Kernel      *Kernel
	Grid        [3]int
	Block       int
	Words       []Word
	Product     *Product
	Convolution *Convolution
}

// Plan is what the device does for one application of an operator.
type Plan struct {
	Launches []Launch
	Temps    []int // bytes of temporary memory
}

// HeadWords is the number of words in Head.
const HeadWords = 3

// form plans an operator: out is to be computed from in, promoted and broadcast, with any strides.
type form func(c *call) error

// call is an application of an operator that is being planned.
type call struct {
	target  Target
	def     *op.Def
	attrs   op.Attrs
	out, in []engine.Array
	plan    Plan
	temps   []*engine.Buffer // stand for Plan.Temps
}

// For plans an application of d. The arrays are those that Def.CPU gets, but for their memory, which need not
// exist. The error says that d has no CUDA form, and why.
func For(d *op.Def, a op.Attrs, out, in []engine.Array) (*Plan, error) {
	return Target{}.For(d, a, out, in)
}

func formOf(d *op.Def) (form, error) {
	if f := forms()[d]; f != nil {
		return f, nil
	}
	if d.CUDA != "" {
		return expression, nil
	}
	why := Missing[d.Name]
	if why == "" {
		why = "none was written"
	}
	return nil, &engine.Error{Where: d.Name, What: "has no CUDA form (" + why + "); run it on the CPU: x.To(t.CPU)"}
}

// args collects the arguments of a launch.
type args struct {
	c     *call
	words []Word
}

func (a *args) ints(v ...int) *args {
	for _, n := range v {
		a.words = append(a.words, Word{Bits: uint64(n)})
	}
	return a
}

func (a *args) bits(v ...uint64) *args {
	for _, n := range v {
		a.words = append(a.words, Word{Bits: n})
	}
	return a
}

func (a *args) floats(v ...float64) *args {
	for _, x := range v {
		a.words = append(a.words, Word{Bits: math.Float64bits(x)})
	}
	return a
}

// array is the address of x's first element; of an array that is absent 0.
func (a *args) array(x engine.Array) *args {
	w := Word{Buf: x.Buf, Bits: uint64(x.Offset * x.DType.Size())}
	if a.c != nil {
		if i := slices.Index(a.c.temps, x.Buf); i >= 0 && x.Buf != nil {
			w.Buf, w.Temp = nil, i+1
		}
	}
	a.words = append(a.words, w)
	return a
}

// temp returns a row-major array that exists while the plan runs.
func (c *call) temp(t engine.DType, s engine.Shape) engine.Array {
	c.plan.Temps = append(c.plan.Temps, s.Numel()*t.Size())
	c.temps = append(c.temps, new(engine.Buffer))
	return engine.Array{DType: t, Shape: s, Strides: s.Strides(), Buf: c.temps[len(c.temps)-1]}
}

// launch adds a launch over blocks of the usual size.
func (c *call) launch(k *Kernel, grid [3]int, a *args) {
	c.plan.Launches = append(c.plan.Launches, Launch{Kernel: k, Grid: grid, Block: blockSize, Words: a.words})
}

// blockSize is the number of threads of a block: all kernels are written for it.
const blockSize = 256

// maxBlocks bounds the grid of kernels that loop over their elements.
const maxBlocks = 1 << 16

// over is the grid for n elements, one for each thread of a loop.
func over(n int) [3]int {
	return [3]int{min(max((n+blockSize-1)/blockSize, 1), maxBlocks), 1, 1}
}

// rows is the grid for n rows, one for each block of a loop.
func rows(n int) [3]int { return [3]int{min(max(n, 1), maxBlocks), 1, 1} }

// ctype is the element type's name in the library.
func ctype(t engine.DType) string {
	if t == engine.Bool {
		return "b8"
	}
	return t.String()
}

// index is the type of indices below n.
func index(n int) string {
	if n < 1<<31 {
		return "u32"
	}
	return "i64"
}

// named makes a name from parts: letters, digits and _.
func named(parts ...any) string {
	s := fmt.Sprintln(parts...)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		case r == '\n':
			return -1
		case r == '-':
			return 'm'
		}
		return '_'
	}, strings.TrimSpace(s))
}

// instance is a kernel that calls the function template f of a part of the library with arguments of the type
// template in that part.
func instance(part, f, argsType string, templ ...any) *Kernel {
	list := make([]string, len(templ))
	for i, t := range templ {
		list[i] = fmt.Sprint(t)
	}
	t := strings.Join(list, ", ")
	name := named(append([]any{f}, templ...)...)
	return &Kernel{
		Name: name, parts: []string{part},
		body: fmt.Sprintf("typedef %s A_%s;\nKERNEL(%s, A_%s) { %s<%s>(a); }\n", argsType, name, name, name, f, t),
	}
}

// collapse joins neighbouring axes that are one axis for all arrays of one shape, and leaves out those of
// extent 1. There is always an axis.
func collapse(shape engine.Shape, all ...[]int) (engine.Shape, [][]int) {
	var s engine.Shape
	strides := make([][]int, len(all))
	for ax, n := range shape {
		if n == 1 {
			continue
		}
		last := len(s) - 1
		joins := last >= 0
		for i := range all {
			joins = joins && strides[i][last] == n*all[i][ax]
		}
		if joins {
			s[last] *= n
		} else {
			s = append(s, n)
		}
		for i := range all {
			if joins {
				strides[i][last] = all[i][ax]
			} else {
				strides[i] = append(strides[i], all[i][ax])
			}
		}
	}
	if len(s) == 0 {
		s = engine.Shape{1}
		for i := range strides {
			strides[i] = []int{0}
		}
	}
	return s, strides
}
