package eager

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/engine"
)

// script runs the small programs of testdata/inplace.txt, as testdata/inplace.py does.
type script struct {
	vars             map[string]*Tensor
	leaves, retained []string
	out              string
}

func (s *script) value(w string) any {
	if x, ok := s.vars[w]; ok {
		return x
	}
	v, err := strconv.ParseFloat(w, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func (s *script) run(line string) {
	w := strings.Fields(line)
	switch {
	case w[0] == "nograd":
		NoGrad(func() { s.run(strings.TrimPrefix(line, "nograd ")) })
	case w[0] == "out":
		s.out = w[1]
	case w[0] == "hook":
		k := s.value(w[2])
		s.vars[w[1]].OnGrad(func(g *Tensor) *Tensor { return g.Mul(k) })
	case w[0] == "retain":
		s.vars[w[1]].RetainGrad()
		s.retained = append(s.retained, w[1])
	case w[0] == "backward":
		y := s.vars[w[1]]
		Grad([]*Tensor{y}, nil, GradOptions{GradOutputs: []*Tensor{counting(y)}, RetainGraph: true})
	case len(w) > 2 && w[1] == "=":
		s.vars[w[0]] = s.make(w[0], w[2], w[3:])
	default:
		s.write(w[0], s.vars[w[1]], w[2:])
	}
}

// counting is 1, 2, 3 … in y's shape.
func counting(y *Tensor) *Tensor {
	return Arange(1, float64(y.Numel()+1), 1).To(y.DType()).Reshape(y.Shape()...)
}

func literal(w []string) *Tensor {
	var shape []int
	for _, n := range strings.Split(strings.Trim(w[0], "[]"), ",") {
		if n != "" {
			v, _ := strconv.Atoi(n)
			shape = append(shape, v)
		}
	}
	var v []float64
	for _, n := range w[1:] {
		x, _ := strconv.ParseFloat(n, 64)
		v = append(v, x)
	}
	return New(v).Reshape(shape...).Clone()
}

var unaryMethods = map[string][2]func(*Tensor) *Tensor{
	"exp": {(*Tensor).Exp, (*Tensor).ExpInPlace}, "sigmoid": {(*Tensor).Sigmoid, (*Tensor).SigmoidInPlace},
	"relu": {(*Tensor).ReLU, (*Tensor).ReLUInPlace}, "sqrt": {(*Tensor).Sqrt, (*Tensor).SqrtInPlace},
	"neg": {(*Tensor).Neg, (*Tensor).NegInPlace}, "square": {(*Tensor).Square, (*Tensor).SquareInPlace},
	"sin": {(*Tensor).Sin, (*Tensor).SinInPlace}, "tanh": {(*Tensor).Tanh, (*Tensor).TanhInPlace},
	"abs": {(*Tensor).Abs, (*Tensor).AbsInPlace}, "log": {(*Tensor).Log, (*Tensor).LogInPlace},
	"floor": {(*Tensor).Floor, (*Tensor).FloorInPlace}, "round": {(*Tensor).Round, (*Tensor).RoundInPlace},
	"reciprocal": {(*Tensor).Reciprocal, (*Tensor).ReciprocalInPlace}, "sign": {(*Tensor).Sign, (*Tensor).SignInPlace},
	"clone": {(*Tensor).Clone, nil}, "detach": {(*Tensor).Detach, nil},
}

var binaryMethods = map[string][2]func(*Tensor, any) *Tensor{
	"add": {(*Tensor).Add, (*Tensor).AddInPlace}, "sub": {(*Tensor).Sub, (*Tensor).SubInPlace},
	"mul": {(*Tensor).Mul, (*Tensor).MulInPlace}, "div": {(*Tensor).Div, (*Tensor).DivInPlace},
	"pow": {(*Tensor).Pow, (*Tensor).PowInPlace}, "maximum": {(*Tensor).Maximum, (*Tensor).MaximumInPlace},
}

func (s *script) make(name, f string, w []string) *Tensor {
	switch f {
	case "leaf":
		s.leaves = append(s.leaves, name)
		return literal(w).SetRequiresGrad(true)
	case "const":
		return literal(w)
	case "ints":
		return literal(w).To(I64)
	}
	x := s.vars[w[0]]
	if g, ok := unaryMethods[f]; ok {
		return g[0](x)
	}
	if g, ok := binaryMethods[f]; ok {
		return g[0](x, s.value(w[1]))
	}
	var i []int
	for _, v := range w[1:] {
		if n, err := strconv.Atoi(v); err == nil {
			i = append(i, n)
		}
	}
	switch f {
	case "narrow":
		return x.Slice(i[0], i[1], i[1]+i[2])
	case "select":
		return x.Transpose(0, i[0]).Index(i[1])
	case "reshape":
		return x.Reshape(i...)
	case "permute":
		return x.Permute(i...)
	case "t":
		return x.T()
	case "expand":
		return x.Expand(i...)
	case "diag":
		return x.Diagonal(0, 0, 1)
	case "unsqueeze":
		return x.Unsqueeze(i[0])
	case "step":
		return x.Slice(0, i[0], x.Size(0), i[1])
	case "sum":
		return x.Sum()
	case "gt":
		return x.Gt(s.value(w[1]))
	case "f32":
		return x.To(F32)
	case "cat":
		return Concat(0, x, s.vars[w[1]])
	case "matmul":
		return x.MatMul(s.vars[w[1]])
	}
	panic("unknown function " + f)
}

func (s *script) write(f string, x *Tensor, w []string) {
	if g, ok := unaryMethods[strings.TrimSuffix(f, "_")]; ok {
		g[1](x)
		return
	}
	if g, ok := binaryMethods[strings.TrimSuffix(f, "_")]; ok {
		g[1](x, s.value(w[0]))
		return
	}
	var v []any
	for _, n := range w {
		v = append(v, s.value(n))
	}
	at := func(i int) *Tensor { return v[i].(*Tensor) }
	n := func(i int) float64 { return v[i].(float64) }
	switch f {
	case "copy_":
		x.Assign(v[0])
	case "fill_":
		x.FillInPlace(n(0))
	case "zero_":
		x.ZeroInPlace()
	case "clamp_":
		x.ClampInPlace(n(0), n(1))
	case "masked_fill_":
		x.MaskedFillInPlace(at(0), v[1])
	case "set":
		x.SetMask(v[1], at(0))
	case "setindex":
		x.SetIndex(v[1], int(n(0)))
	case "setslice":
		x.SetSlice(v[2], 0, int(n(0)), int(n(1)))
	case "index_add_":
		x.IndexAddInPlace(0, at(0), at(1))
	case "index_copy_":
		x.IndexCopyInPlace(0, at(0), at(1))
	case "index_fill_":
		x.IndexFillInPlace(0, at(0), v[1])
	case "index_put_":
		x.IndexPutInPlace(at(1), false, at(0))
	case "scatter_":
		x.ScatterInPlace(0, at(0), at(1))
	case "scatter_add_":
		x.ScatterAddInPlace(0, at(0), at(1))
	case "masked_scatter_":
		x.MaskedScatterInPlace(at(0), at(1))
	case "lerp_":
		x.LerpInPlace(at(0), n(1))
	case "addcmul_":
		x.AddInPlace(at(0).Mul(at(1)))
	case "requires_grad_":
		x.SetRequiresGrad(true)
	default:
		panic("unknown write " + f)
	}
}

// finish compares with the results that were recorded: "% name numbers" are values, + gradients, * second ones.
func (s *script) finish(results []string) error {
	y := s.vars[s.out]
	for _, r := range results {
		if w := strings.Fields(r); w[0] == "%" {
			if err := same(s.vars[w[1]], w); err != nil {
				return err
			}
		}
	}
	var xs []*Tensor
	for _, n := range s.leaves {
		xs = append(xs, s.vars[n])
	}
	dy := []*Tensor{counting(y)}
	Grad([]*Tensor{y}, nil, GradOptions{GradOutputs: dy, RetainGraph: true})
	first := map[string]*Tensor{}
	for _, n := range append(s.retained, s.leaves...) {
		first[n] = s.vars[n].Grad()
	}
	gs := Grad([]*Tensor{y}, xs, GradOptions{GradOutputs: dy, CreateGraph: true, AllowUnused: true})
	var loss *Tensor
	for _, g := range gs {
		if g != nil && loss == nil {
			loss = g.Square().Sum()
		} else if g != nil {
			loss = loss.Add(g.Square().Sum())
		}
	}
	second := make([]*Tensor, len(xs))
	if slices.ContainsFunc(results, func(r string) bool { return r[0] == '*' }) {
		second = Grad([]*Tensor{loss}, xs, GradOptions{AllowUnused: true})
	}
	for _, r := range results {
		w := strings.Fields(r)
		if w[0] == "%" {
			continue
		}
		got := first[w[1]]
		if w[0] != "+" {
			got = second[slices.Index(s.leaves, w[1])]
		}
		if err := same(got, w); err != nil {
			return err
		}
	}
	return nil
}

// same compares x with the numbers of w; no gradient and zeros are the same.
func same(x *Tensor, w []string) error {
	for i, n := range w[2:] {
		want, got := 0.0, 0.0
		if n != "none" {
			want, _ = strconv.ParseFloat(n, 64)
		}
		if x != nil {
			got = x.Float64s()[i]
		}
		if tol := 1e-9; !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
			return fmt.Errorf("%s %s is %v, want %v", w[0], w[1], x, w[2:])
		}
	}
	return nil
}

// kinds are parts of our messages for the kinds of errors that PyTorch has.
var kinds = map[string]string{
	"leaf": "is a leaf that requires", "view of a leaf": "is a view of a leaf", "modified": "changed in place afterwards",
	"no_grad view": "made in NoGrad", "overlap": "share memory", "shape": "in place: result",
}

func TestWritesToTrackedTensorsDoWhatPyTorchDoes(t *testing.T) {
	text, err := os.ReadFile("testdata/inplace.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(strings.TrimSpace(string(text)), "\n\n")[1:]
	if len(cases) < 150 {
		t.Fatalf("there are %d cases", len(cases))
	}
	for _, c := range cases {
		lines := strings.Split(c, "\n")
		t.Run(strings.TrimPrefix(lines[0], "# "), func(t *testing.T) {
			var program, results []string
			want := ""
			for _, line := range lines[1:] {
				switch {
				case line[0] == '!':
					want = line[2:]
				case strings.ContainsRune("%+*", rune(line[0])):
					results = append(results, line)
				default:
					program = append(program, line)
				}
			}
			err := runScript(program, results)
			switch {
			case want == "" && err != nil:
				t.Error(err)
			case want != "" && (err == nil || kinds[want] == "" || !strings.Contains(err.Error(), kinds[want])):
				t.Errorf("got %v, want the error %q", err, want)
			}
		})
	}
}

func runScript(program, results []string) (err error) {
	defer func() {
		if e, ok := recover().(*engine.Error); ok {
			err = e
		}
	}()
	s := &script{vars: map[string]*Tensor{}}
	for _, line := range program {
		s.run(line)
	}
	return s.finish(results)
}

func TestAViewIsReadByManyAfterAWrite(t *testing.T) {
	w := Ones(8).SetRequiresGrad(true)
	y := w.Mul(2)
	v := y.Slice(0, 2, 6)
	y.MulInPlace(3)
	results := make([]*Tensor, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Add(1)
		go func() { defer all.Done(); results[i] = v.Square() }()
	}
	all.Wait()
	for i, r := range results {
		g := Grad([]*Tensor{r.Sum()}, []*Tensor{w}, GradOptions{RetainGraph: true})[0]
		if want := Of(0, 0, 72, 72, 72, 72, 0, 0); !AllClose(g, want.To(F32), 0, 0) {
			t.Errorf("goroutine %d: gradient %v, want %v", i, g, want)
		}
	}
}

func TestAMaskNamesElementsAsInPyTorch(t *testing.T) {
	x := New([][]float64{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}})
	x.SetMask(New([]float64{10, 20, 30}), x.Gt(6)) // one for each true element
	x.SetMask(0, New([]bool{false, true, false}))  // a row, not a column
	if want := New([][]float64{{1, 2, 3}, {0, 0, 0}, {10, 20, 30}}); !AllClose(x, want, 0, 0) {
		t.Errorf("x is %v, want %v", x, want)
	}
	x.SetMask(New([]float64{1, 2, 3}), New([]bool{true, false, true}))
	if want := New([][]float64{{1, 2, 3}, {0, 0, 0}, {1, 2, 3}}); !AllClose(x, want, 0, 0) {
		t.Errorf("x is %v, want %v", x, want)
	}
}

func TestWritesToPartsOfComplexTensorsReachThem(t *testing.T) {
	re, im := Of(1, 2).To(F64).SetRequiresGrad(true), Of(3, 4).To(F64).SetRequiresGrad(true)
	z := Complex(re, im).Mul(1)
	z.ViewAsReal().Slice(1, 0, 1).MulInPlace(5)
	z.Abs().Square().Sum().Backward() // 25·re² + im²
	if a, b := re.Grad().Float64s(), im.Grad().Float64s(); a[0] != 50 || b[1] != 8 {
		t.Errorf("gradients are %v and %v, want 50 first and 8 last", a, b)
	}
}
