package serve

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/pass"
)

// FromGraph returns a model of g under a name, as it is: requests have exactly the shapes of g's inputs.
func FromGraph(name string, g *graph.Graph) (*Model, error) {
	run, err := model.New(g)
	if err != nil {
		return nil, err
	}
	m := describe(name, g)
	m.Run = func(_ int, in []engine.Array) ([]engine.Array, error) { return run.Run(in) }
	return m, nil
}

func describe(name string, g *graph.Graph) *Model {
	m := &Model{Name: name}
	for _, x := range g.Inputs {
		m.Inputs = append(m.Inputs, Tensor{x.Name, g.Types[x.Value].DType, g.Types[x.Value].Shape.Clone()})
	}
	for _, o := range g.Outputs {
		m.Outputs = append(m.Outputs, Tensor{o.Name, g.Types[o.Value].DType, g.Types[o.Value].Shape.Clone()})
	}
	return m
}

// FromRows returns a model of g that takes any number of rows up to most: the first axis of every input and
// output counts rows. g is made anew for 1, 2, 4 … most rows, and each of these graphs must give, on random
// inputs, for each row what g gives. It is an error when a result depends on other rows, or when g changes states
// or draws random numbers.
func FromRows(name string, g *graph.Graph, most int) (*Model, error) {
	if most < 1 {
		return nil, fmt.Errorf("serve: model %s: batches of %d rows; want at least 1", name, most)
	}
	if len(g.States) > 0 || g.Words > 0 {
		return nil, fmt.Errorf("serve: model %s changes states or draws random numbers; its rows cannot be joined", name)
	}
	rows, err := rowsOf(name, g)
	if err != nil {
		return nil, err
	}
	whole, err := model.New(g)
	if err != nil {
		return nil, err
	}
	packed := pass.Pack(g.Clone()) // once, for all sizes
	m, runs := describe(name, g), map[int]*model.Model{}
	for _, list := range [][]Tensor{m.Inputs, m.Outputs} {
		for i := range list {
			list[i].Shape[0] = -1
		}
	}
	for n := 1; ; n = min(2*n, most) {
		run, err := resized(packed, rows, n)
		if err == nil {
			err = agree(g, whole, rows, run, n)
		}
		if err != nil {
			return nil, fmt.Errorf("serve: model %s for %d rows instead of %d: %w", name, n, rows, err)
		}
		m.Sizes, runs[n] = append(m.Sizes, n), run
		if n == most {
			break
		}
	}
	m.Run = func(rows int, in []engine.Array) ([]engine.Array, error) { return runs[rows].Run(in) }
	return m, nil
}

// rowsOf returns the first extent that all inputs and outputs share.
func rowsOf(name string, g *graph.Graph) (int, error) {
	rows := -1
	all := []graph.Value{}
	for _, x := range g.Inputs {
		all = append(all, x.Value)
	}
	for _, o := range g.Outputs {
		all = append(all, o.Value)
	}
	for _, v := range all {
		s := g.Types[v].Shape
		if len(s) == 0 || s[0] == 0 || rows >= 0 && s[0] != rows {
			return 0, fmt.Errorf("serve: model %s: inputs and outputs do not share a first axis of rows: %v", name, s)
		}
		rows = s[0]
	}
	if rows < 0 {
		return 0, fmt.Errorf("serve: model %s has no inputs and outputs", name)
	}
	return rows, nil
}

// resized makes g anew for n rows instead of rows: shapes among its parameters that begin with a multiple of
// rows begin with as many times n, and constants of rows equal rows have n of them, if that is needed.
func resized(g *graph.Graph, rows, n int) (m *model.Model, err error) {
	if n == rows {
		return model.New(g)
	}
	for _, constants := range []bool{false, true} {
		var made *graph.Graph
		if err = engine.Catch(func() { made = rebuild(g, rows, n, constants) }); err == nil {
			if m, err = model.New(made); err == nil {
				return m, nil
			}
		}
	}
	return nil, err
}

func rebuild(g *graph.Graph, rows, n int, constants bool) *graph.Graph {
	b, at := graph.NewBuilder(), make([]graph.Value, len(g.Types))
	for _, x := range g.Inputs {
		t := g.Types[x.Value]
		t.Shape = t.Shape.Clone()
		t.Shape[0] = n
		at[x.Value] = b.Input(x.Name, t)
	}
	for _, c := range g.Consts {
		data := c.Data
		if constants && equalRows(data, rows) {
			shape := data.Shape.Clone()
			shape[0] = n
			data = data.Slice(0, 0, 1, 1).Expand(shape)
		}
		if g.Types[c.Value].Weak {
			at[c.Value] = b.Number(data)
		} else {
			at[c.Value] = b.Constant(c.Name, rowMajor(data))
		}
	}
	for i := range g.Nodes {
		d := &g.Nodes[i]
		in := make([]graph.Value, len(d.In))
		for k, v := range d.In {
			in[k] = at[v]
		}
		for k, v := range b.Apply(d.Def, withRows(d.Attrs, rows, n), in...) {
			at[d.Out[k]] = v
		}
	}
	for _, o := range g.Outputs {
		b.Output(o.Name, at[o.Value])
	}
	made := b.Graph()
	for i, o := range made.Outputs {
		s := made.Types[o.Value].Shape
		if want := g.Types[g.Outputs[i].Value].Shape; len(s) != len(want) || s[0] != n || !s[1:].Equal(want[1:]) {
			engine.Fail("serve", "output %s would have shape %v", o.Name, s)
		}
	}
	return made
}

// equalRows reports whether a has so many rows, which are all the same.
func equalRows(a engine.Array, rows int) bool {
	if len(a.Shape) < 2 || a.Shape[0] != rows {
		return false
	}
	b := bytesOf(rowMajor(a))
	row := len(b) / rows
	for i := row; i < len(b); i += row {
		if !slices.Equal(b[i:i+row], b[:row]) {
			return false
		}
	}
	return true
}

// withRows returns a with n in place of rows where a list of extents or ends begins with a multiple of rows.
func withRows(a op.Attrs, rows, n int) op.Attrs {
	if a == nil {
		return nil
	}
	v := reflect.New(reflect.TypeOf(a)).Elem()
	v.Set(reflect.ValueOf(a))
	if v.Kind() != reflect.Struct {
		return a
	}
	for _, name := range []string{"Shape", "Stop"} {
		f := v.FieldByName(name)
		if !f.IsValid() || f.Kind() != reflect.Slice || f.Type().Elem().Kind() != reflect.Int || f.Len() == 0 {
			continue
		}
		if first := int(f.Index(0).Int()); first > 0 && first%rows == 0 {
			list := reflect.MakeSlice(f.Type(), f.Len(), f.Len())
			reflect.Copy(list, f)
			list.Index(0).SetInt(int64(first / rows * n))
			f.Set(list)
		}
	}
	return v.Interface()
}

// compared is how many rows of a batch are looked at, evenly spread: each takes a run of the model.
const compared = 8

// agree compares what run gives for n random rows with what whole gives for batches that hold some of them, each
// row in another place and beside other ones.
func agree(g *graph.Graph, whole *model.Model, rows int, run *model.Model, n int) error {
	r := rand.New(rand.NewPCG(11, uint64(n)))
	in := make([]engine.Array, len(g.Inputs))
	for k, x := range g.Inputs {
		t := g.Types[x.Value]
		s := t.Shape.Clone()
		s[0] = n
		in[k] = random(r, t.DType, s)
	}
	have, err := run.Run(in)
	if err != nil {
		return err
	}
	for i := 0; i < n; i += max(1, n/compared) {
		place := (3*i + 1) % rows
		batch := make([]engine.Array, len(in))
		for k, x := range in {
			s := x.Shape.Clone()
			s[0] = rows
			batch[k] = random(r, x.DType, s)
			row := bytesOf(x.Slice(0, i, i+1, 1))
			copy(batch[k].Buf.Bytes()[place*len(row):], row)
		}
		want, err := whole.Run(batch)
		if err != nil {
			return err
		}
		for k := range want {
			if err := sameRow(want[k].Slice(0, place, place+1, 1), have[k].Slice(0, i, i+1, 1)); err != nil {
				return fmt.Errorf("output %s of a row depends on the other rows, or on their number: %w", g.Outputs[k].Name, err)
			}
		}
	}
	return nil
}

// random returns numbers between −1 and 1, or whole numbers 0 and 1.
func random(r *rand.Rand, t engine.DType, s engine.Shape) engine.Array {
	x := engine.NewArray(engine.F64, s)
	for i := range x.F64() {
		if x.F64()[i] = 2*r.Float64() - 1; !t.IsFloat() {
			x.F64()[i] = float64(r.IntN(2))
		}
	}
	return converted(x, t)
}

func sameRow(want, have engine.Array) error {
	a, b := converted(want, engine.F64).F64(), converted(have, engine.F64).F64()
	for i, v := range a {
		if d := math.Abs(v - b[i]); d > 1e-3*max(1, math.Abs(v)) || (v != v) != (b[i] != b[i]) {
			return fmt.Errorf("element %d is %v and %v", i, v, b[i])
		}
	}
	return nil
}
