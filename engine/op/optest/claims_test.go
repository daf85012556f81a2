package optest

import (
	"math"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

func vector(d engine.DType, v ...float64) engine.Array {
	return fromFloats(op.Type{DType: d, Shape: engine.Shape{len(v)}}, v)
}

// table is rows of n columns.
func table(d engine.DType, n int, v ...float64) engine.Array {
	return fromFloats(op.Type{DType: d, Shape: engine.Shape{len(v) / n, n}}, v)
}

func types(in []engine.Array) []op.Type {
	t := make([]op.Type, len(in))
	for i, x := range in {
		t[i] = op.Type{DType: x.DType, Shape: x.Shape}
	}
	return t
}

func TestValuesAtTheEdgesAreAsDocumented(t *testing.T) {
	f, i := engine.F32, engine.I64
	for _, c := range []struct {
		name string
		d    *op.Def
		a    op.Attrs
		in   []engine.Array
		want []float64
	}{
		{"sign of NaN is 0", op.Sign, nil, []engine.Array{vector(f, nan, -2, 0)}, []float64{0, -1, 0}},
		{"ties round to even", op.Round, nil, []engine.Array{vector(f, 0.5, 1.5, -2.5)}, []float64{
			0, 2,
			-2,
		}},
		{"reciprocal of 0", op.Reciprocal, nil, []engine.Array{vector(f, 0)}, []float64{inf}},
		{"log at and below 0", op.Log, nil, []engine.Array{vector(f, 0, -1)}, []float64{-inf, nan}},
		{"exp overflows", op.Exp, nil, []engine.Array{vector(f, 1000, -1000)}, []float64{inf, 0}},
		{
			"softplus is linear far out", op.Softplus, nil,
			[]engine.Array{vector(f, 1000, -1000)},
			[]float64{1000, 0},
		},
		{"ReLU hands NaN on", op.ReLU, nil, []engine.Array{vector(f, nan, -1, 2)}, []float64{nan, 0, 2}},
		{
			"anything to the 0", op.Pow, nil,
			[]engine.Array{vector(f, 0, nan, inf), vector(f, 0, 0, 0)},
			[]float64{1, 1, 1},
		},
		{
			"integers to negative powers", op.Pow, nil,
			[]engine.Array{vector(i, 2, 1, -1, -1), vector(i, -1, -5, -3, -2)},
			[]float64{0, 1, -1, 1},
		},
		{
			"remainder has the divisor's sign", op.Mod, nil,
			[]engine.Array{vector(i, 7, -7, 7, -7), vector(i, 3, 3, -3, -3)},
			[]float64{1, 2, -2, -1},
		},
		{
			"division rounds down", op.FloorDiv, nil,
			[]engine.Array{vector(i, 7, -7, 7, -7), vector(i, 3, 3, -3, -3)},
			[]float64{2, -3, -3, 2},
		},
		{
			"integers divide to f32", op.Div, nil,
			[]engine.Array{vector(i, 1, 1), vector(i, 4, 0)},
			[]float64{0.25, inf},
		},
		{
			"maximum hands NaN on", op.Maximum, nil,
			[]engine.Array{vector(f, nan, 1, 2), vector(f, 1, nan, 3)},
			[]float64{nan, nan, 3},
		},
		{
			"bool adds up to or", op.Add, nil,
			[]engine.Array{vector(engine.Bool, 1, 0), vector(engine.Bool, 1, 0)},
			[]float64{1, 0},
		},
		{
			"integers wrap", op.Add, nil,
			[]engine.Array{vector(engine.U8, 255), vector(engine.U8, 2)},
			[]float64{1},
		},
		{
			"NaN is not equal", op.Eq, nil,
			[]engine.Array{vector(f, nan, 1), vector(f, nan, 1)},
			[]float64{0, 1},
		},
		{
			"upper bound wins", op.Clamp,
			op.ClampAttrs{Lo: 2, Hi: 1},
			[]engine.Array{vector(f, 0, nan)},
			[]float64{1, nan},
		},
		{"sum of nothing", op.Sum, op.ReduceAttrs{}, []engine.Array{vector(f)}, []float64{0}},
		{"product of nothing", op.Prod, op.ReduceAttrs{}, []engine.Array{vector(f)}, []float64{1}},
		{"all of nothing", op.All, op.ReduceAttrs{}, []engine.Array{vector(f)}, []float64{1}},
		{"any of nothing", op.Any, op.ReduceAttrs{}, []engine.Array{vector(f)}, []float64{0}},
		{"maximum of NaN", op.Max, op.ReduceAttrs{}, []engine.Array{vector(f, 1, nan, 3)}, []float64{nan}},
		{"NaN is true", op.Any, op.ReduceAttrs{}, []engine.Array{vector(f, nan)}, []float64{1}},
		{"first of equals", op.ArgMax, op.AxisAttrs{}, []engine.Array{vector(f, 1, 3, 3)}, []float64{1}},
		{"NaN first", op.ArgMin, op.AxisAttrs{}, []engine.Array{vector(f, 1, nan, 0)}, []float64{1}},
		{
			"no overflow in logsumexp", op.LogSumExp,
			op.ReduceAttrs{},
			[]engine.Array{vector(engine.F64, 1000, 1000)},
			[]float64{1000 + math.Ln2},
		},
		{
			"no overflow in softmax", op.Softmax,
			op.AxisAttrs{},
			[]engine.Array{vector(f, 1000, 1000)},
			[]float64{0.5, 0.5},
		},
		{
			"no overflow in cross entropy", op.CrossEntropy,
			op.CrossEntropyAttrs{Axis: 1},
			[]engine.Array{table(f, 2, 1000, 1000, -1000, 0), vector(i, 0, 0)},
			[]float64{math.Ln2, 1000},
		},
		{
			"cross entropy of NaN", op.CrossEntropy,
			op.CrossEntropyAttrs{Axis: 1},
			[]engine.Array{table(f, 2, nan, 0), vector(i, 1)},
			[]float64{nan},
		},
		{
			"floats truncate", op.Cast,
			op.CastAttrs{To: i},
			[]engine.Array{vector(f, -1.9, 1.9)},
			[]float64{-1, 1},
		},
		{"anything but 0 is true", op.Cast, op.CastAttrs{To: engine.Bool}, []engine.Array{vector(f, 0.5,
			0, -3)}, []float64{1, 0, 1}},
	} {
		out, err := run(c.d, c.a, types(c.in), c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if k, g, w := differ(floats(out[0]), c.want, 1e-6); k >= 0 {
			t.Errorf("%s: %s element %d is %v, want %v", c.name, c.d.Name, k, g, w)
		}
	}
}

func TestGradientsAtTheEdgesArePyTorchs(t *testing.T) {
	f := engine.F64
	for _, c := range []struct {
		name string
		d    *op.Def
		a    op.Attrs
		in   []engine.Array
		want [][]float64 // of the sum of the results
	}{
		{"abs at 0", op.Abs, nil, []engine.Array{vector(f, 0, -1)}, [][]float64{{0, -1}}},
		{"ReLU at 0", op.ReLU, nil, []engine.Array{vector(f, 0, 1)}, [][]float64{{0, 1}}},
		{"floor", op.Floor, nil, []engine.Array{vector(f, 0.5)}, [][]float64{{0}}},
		{"sign", op.Sign, nil, []engine.Array{vector(f, 0.5)}, [][]float64{{0}}},
		{
			"equal operands of maximum share", op.Maximum, nil,
			[]engine.Array{vector(f, 1, 2), vector(f, 1, 3)},
			[][]float64{{0.5, 0}, {0.5, 1}},
		},
		{
			"bounds of clamp count as inside", op.Clamp,
			op.ClampAttrs{Lo: 0, Hi: 1},
			[]engine.Array{vector(f, -1, 0, 0.5, 1, 2)},
			[][]float64{{0, 1, 1, 1, 0}},
		},
		{
			"power at 0", op.Pow, nil,
			[]engine.Array{vector(f, 0, 0, 2), vector(f, 0, 2, 0)},
			[][]float64{{0, 0, 0}, {0, 0, math.Ln2}},
		},
		{
			"equal maxima share", op.Max,
			op.ReduceAttrs{},
			[]engine.Array{vector(f, 3, 1, 3)},
			[][]float64{{0.5, 0, 0.5}},
		},
		{
			"factors of 0", op.Prod,
			op.ReduceAttrs{},
			[]engine.Array{vector(f, 0, 2, 3)},
			[][]float64{{6, 0, 0}},
		},
		{
			"remainder", op.Mod, nil,
			[]engine.Array{vector(f, 7.5), vector(f, 2)},
			[][]float64{{1}, {-3}},
		},
		{
			"not chosen", op.Where, nil,
			[]engine.Array{vector(engine.Bool, 1, 0), vector(f, 1, 2), vector(f, 3, 4)},
			[][]float64{nil, {1, 0}, {0, 1}},
		},
	} {
		b := executor{}
		in := make([]op.Value, len(c.in))
		for i, x := range c.in {
			in[i] = &value{arr: x}
		}
		out := b.Apply(c.d, c.a, in...)
		grads := pullback(b, c.d, c.a, in, out, []op.Value{b.Const(out[0].Type(), 1)})
		for i, w := range c.want {
			if w == nil {
				continue
			}
			if k, g, v := differ(floats(grads[i].(*value).arr), w, 1e-12); k >= 0 {
				t.Errorf("%s: gradient %d of %s, element %d is %v, want %v", c.name, i, c.d.Name, k, g, v)
			}
		}
	}
}

func TestDataOutOfRangeIsAnErrorOfTheOperator(t *testing.T) {
	i := engine.I64
	for _, c := range []struct {
		d    *op.Def
		a    op.Attrs
		in   []engine.Array
		want string
	}{
		{op.FloorDiv, nil, []engine.Array{vector(i, 1), vector(i, 0)}, "division by zero"},
		{op.Mod, nil, []engine.Array{vector(i, 1), vector(i, 0)}, "division by zero"},
		{op.Gather, op.AxisAttrs{}, []engine.Array{vector(i, 1, 2), vector(i, 2)}, "index 2"},
		{op.IndexSelect, op.AxisAttrs{}, []engine.Array{vector(i, 1, 2), vector(i, -1)}, "index -1"},
		{
			op.CrossEntropy,
			op.CrossEntropyAttrs{Axis: 1},
			[]engine.Array{table(engine.F32, 2, 1, 2), vector(i, 2)},
			"label 2",
		},
		{
			op.CrossEntropyGrad,
			op.CrossEntropyAttrs{Axis: 1},
			[]engine.Array{vector(engine.F32, 1), table(engine.F32, 2, 1, 2), vector(i, -1)},
			"label -1",
		},
		{op.Max, op.ReduceAttrs{}, []engine.Array{vector(i)}, "empty"},
		{op.ArgMax, op.AxisAttrs{}, []engine.Array{vector(i)}, "empty"},
	} {
		_, err := run(c.d, c.a, types(c.in), c.in)
		if err == nil || !strings.HasPrefix(err.Error(),
			c.d.Name+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.d.Name, err, c.want)
		}
	}
}

func TestRandomOperatorsAreFunctionsOfTheirAttributes(t *testing.T) {
	draw := func(d *op.Def, seed, offset uint64, p, q float64, dt engine.DType) []float64 {
		a := op.RandAttrs{Shape: engine.Shape{4000}, DType: dt, Seed: seed, Offset: offset, P: p, Q: q}
		out, err := run(d, a, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return floats(out[0])
	}
	for _, c := range []struct {
		d         *op.Def
		dt        engine.DType
		p, q      float64
		mean, std float64
	}{
		{op.RandUniform, engine.F32, -1, 3, 1, 4 / math.Sqrt(12)},
		{op.RandNormal, engine.F64, 1, 2, 1, 2},
		{op.RandBernoulli, engine.Bool, 0.3, 0, 0.3, math.Sqrt(0.21)},
		{op.RandInt, engine.I64, -5, 5, -0.5, math.Sqrt(99.0 / 12)},
	} {
		a := draw(c.d, 1, 0, c.p, c.q, c.dt)
		if k, _, _ := differ(a, draw(c.d, 1, 0, c.p, c.q, c.dt), 0); k >= 0 {
			t.Errorf("%s: the same attributes gave other numbers", c.d.Name)
		}
		for _, other := range [][]float64{draw(c.d, 2, 0, c.p, c.q, c.dt), draw(c.d, 1, 4000, c.p, c.q,
			c.dt)} {
			if k, _, _ := differ(a, other, 0); k < 0 {
				t.Errorf("%s: another seed or offset gave the same numbers", c.d.Name)
			}
		}
		n, mean, square := float64(len(a)), 0.0, 0.0
		for _, x := range a {
			mean += x / n
			square += x * x / n
		}
		if std := math.Sqrt(square - mean*mean); math.Abs(mean-c.mean) > 0.1 || math.Abs(std-c.std) > 0.1 {
			t.Errorf("%s: mean %v and deviation %v, want %v and %v", c.d.Name, mean, std, c.mean, c.std)
		}
	}
}
