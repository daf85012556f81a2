package gang

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/serve"
)

// served is a model of a file, for rows.
type served struct {
	inputs, outputs []slot
	sizes           []int // numbers of rows that run takes, ascending; nil: any
	run             func(rows int, in []feature) ([]feature, error)
}

// sparkTypes are the types of columns of outputs.
var sparkTypes = map[engine.DType]string{
	engine.F32: "float", engine.F64: "double", engine.F16: "float", engine.BF16: "float",
	engine.I8: "tinyint", engine.I16: "smallint", engine.I32: "int", engine.I64: "bigint", engine.U8: "smallint", engine.Bool: "smallint",
}

// columnTypes are the types that outputs travel in, where they are not their own.
var columnTypes = map[engine.DType]engine.DType{
	engine.F16: engine.F32, engine.BF16: engine.F32, engine.U8: engine.I16, engine.Bool: engine.I16,
}

// openModel reads a model and fills in what p leaves open.
func openModel(file string, p *Predict) (*served, error) {
	if p.Rows < 0 {
		return nil, fmt.Errorf("%d rows at once; want a number ≥ 0", p.Rows)
	}
	if p.Rows == 0 {
		p.Rows = 256
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	open := openONNX
	if strings.HasSuffix(p.Model, ".lathe") {
		open = openGraph
	}
	m, err := open(b, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Model, err)
	}
	if p.Columns == nil {
		for _, x := range m.inputs {
			p.Columns = append(p.Columns, x.name)
		}
	}
	if len(p.Columns) != len(m.inputs) {
		return nil, fmt.Errorf("%s: columns %q for the inputs %s; want one for each", p.Model, p.Columns, listed(m.inputs))
	}
	return m, nil
}

func listed(s []slot) string {
	all := make([]string, len(s))
	for i, x := range s {
		all[i] = x.name
	}
	return strings.Join(all, ", ")
}

// openGraph makes a model of a saved graph.
func openGraph(b []byte, p *Predict) (*served, error) {
	g, err := model.Read(b)
	if err != nil {
		return nil, err
	}
	s, err := serve.FromRows("predict", g.Graph(), p.Rows)
	if err != nil {
		return nil, err
	}
	m := &served{sizes: s.Sizes}
	for i, x := range s.Inputs {
		m.inputs = append(m.inputs, slot{name: named(x.Name, "input", i), typ: x.DType, shape: x.Shape[1:]})
	}
	var all []slot
	for i, x := range s.Outputs {
		all = append(all, slot{name: named(x.Name, "output", i), typ: x.DType, shape: x.Shape[1:]})
	}
	chosen, err := m.choose(all, p.Outputs)
	if err != nil {
		return nil, err
	}
	m.run = func(rows int, in []feature) ([]feature, error) {
		arrays := make([]engine.Array, len(in))
		for i, x := range in {
			arrays[i] = x.numbers.Detach().Contiguous().Storage()
		}
		out, err := s.Run(rows, arrays)
		if err != nil {
			return nil, err
		}
		y := make([]feature, len(chosen))
		for i, c := range chosen {
			y[i].numbers = eager.FromArray(out[c])
		}
		return y, nil
	}
	return m, nil
}

func named(name, what string, i int) string {
	if name == "" {
		return fmt.Sprint(what, i)
	}
	return name
}

// choose takes the wanted outputs, all without names, and returns their places.
func (m *served) choose(all []slot, want []string) ([]int, error) {
	var places []int
	for i, o := range all {
		if want == nil || slices.Contains(want, o.name) {
			places = append(places, i)
		}
	}
	for _, name := range want {
		if !slices.ContainsFunc(all, func(s slot) bool { return s.name == name }) {
			return nil, fmt.Errorf("the model has no output %q; it has %s", name, listed(all))
		}
	}
	for _, i := range places {
		o := all[i]
		if o.column == "" && !o.text {
			o.column = sparkTypes[o.typ]
		}
		switch {
		case o.text: // one for each row, which rows checks
			o.column = "string"
		case o.column == "":
			return nil, fmt.Errorf("output %q is no tensor of real numbers or texts with a first axis of rows; "+
				"choose others of %s by Outputs", o.name, listed(all))
		case len(o.shape) > 0:
			o.column = "array<" + o.column + ">"
		}
		if t, ok := columnTypes[o.typ]; ok {
			o.typ = t
		}
		m.outputs = append(m.outputs, o)
	}
	return places, nil
}

// rows runs the model for rows lo … hi−1, of which there are enough for one run: missing ones are zeros.
func (m *served) rows(in []feature, lo, hi int) ([]feature, error) {
	n, size := hi-lo, hi-lo
	if m.sizes != nil { // the last one is p.Rows
		i, _ := slices.BinarySearch(m.sizes, n)
		size = m.sizes[i]
	}
	part := make([]feature, len(in))
	for i, x := range in {
		if x.numbers == nil {
			part[i].texts = append(slices.Clone(x.texts[lo:hi]), make([]string, size-n)...)
			continue
		}
		y := x.numbers.Slice(0, lo, hi)
		if size > n {
			shape := append([]int{size - n}, y.Shape()[1:]...)
			y = eager.Concat(0, y, eager.Zeros(shape...).To(y.DType()))
		}
		part[i].numbers = y
	}
	var out []feature
	err := engine.Catch(func() {
		var failed error
		if out, failed = m.run(size, part); failed != nil {
			engine.Fail("gang.Predict", "%v", failed)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, y := range out {
		switch {
		case y.numbers == nil && len(y.texts) == size:
			out[i].texts = y.texts[:n]
		case y.numbers != nil && len(y.numbers.Shape()) > 0 && y.numbers.Size(0) == size:
			out[i].numbers = y.numbers.Slice(0, 0, n)
		default:
			return nil, fmt.Errorf("output %s has not one entry for each of %d rows", m.outputs[i].name, size)
		}
	}
	return out, nil
}

// openONNX makes a model of a file of ONNX.
func openONNX(b []byte, p *Predict) (*served, error) {
	x, err := onnx.Parse(b, nil)
	if err != nil {
		return nil, fmt.Errorf("%w (weights in files beside the model do not travel: save it as one file)", err)
	}
	m := &served{}
	var types []onnx.ElemType
	for _, in := range x.Inputs() {
		if in.Optional {
			continue
		}
		s, t, rows := onnxSlot(in)
		switch {
		case t == onnx.Undefined || rows == 0:
			return nil, fmt.Errorf("input %q is %s; want a tensor with a first axis of rows", in.Name, in.Type)
		case rows > 0 && m.sizes != nil && m.sizes[0] != rows:
			return nil, fmt.Errorf("input %q takes %d rows and another input %d", in.Name, rows, m.sizes[0])
		case rows > 0:
			m.sizes, p.Rows = []int{rows}, rows
		}
		m.inputs, types = append(m.inputs, s), append(types, t)
	}
	var all []slot
	for _, o := range x.Outputs() {
		s, t, rows := onnxSlot(o)
		if t == onnx.Undefined || rows == 0 { // it can be left out
			s = slot{name: o.Name}
		}
		all = append(all, s)
	}
	if _, err := m.choose(all, p.Outputs); err != nil {
		return nil, err
	}
	m.run = func(_ int, in []feature) ([]feature, error) {
		given := map[string]onnx.Value{}
		for i, f := range in {
			if f.numbers != nil {
				given[m.inputs[i].name] = &onnx.Tensor{Type: types[i], Data: f.numbers}
			} else {
				given[m.inputs[i].name] = onnx.FromStrings(f.texts, textShape(m.inputs[i].shape, len(f.texts))...)
			}
		}
		out, err := x.Run(given)
		if err != nil {
			return nil, err
		}
		y := make([]feature, len(m.outputs))
		for i, o := range m.outputs {
			t, ok := out[o.name].(*onnx.Tensor)
			if !ok {
				return nil, fmt.Errorf("output %s is no tensor", o.name)
			}
			y[i] = feature{t.Data, t.Strings}
		}
		return y, nil
	}
	return m, nil
}

// textShape is the shape of a text for each of n rows: axes beside that of rows have one entry.
func textShape(rest []int, n int) []int {
	shape := []int{n}
	for range rest {
		shape = append(shape, 1)
	}
	return shape
}

// onnxSlot reads a type such as float[N 3 224 224]. rows is the first extent, −1 when it is open, 0 without one.
// A tensor of unknown axes has several open ones.
func onnxSlot(x onnx.Info) (s slot, typ onnx.ElemType, rows int) {
	name, axes, known := strings.Cut(strings.TrimSuffix(x.Type, "]"), "[")
	s = slot{name: x.Name, text: name == onnx.String.String()}
	for t := onnx.ElemType(1); t.Carrier() != engine.Invalid || t == onnx.String; t++ {
		if t.String() == name {
			s.typ, typ = t.Carrier(), t
		}
	}
	if !known {
		s.shape = []int{-1, -1}
		return s, typ, -1
	}
	for i, e := range strings.Fields(axes) {
		n, err := strconv.Atoi(e)
		if err != nil || n == 0 {
			n = -1
		}
		if i > 0 {
			s.shape = append(s.shape, n)
		} else {
			rows = n
		}
	}
	return s, typ, rows
}
