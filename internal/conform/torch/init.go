package torch

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// inits maps torch.nn.init with default arguments.
var inits = map[string]func(x *tensor){
	"uniform_":         func(x *tensor) { nn.InitUniform(x, 0, 1) },
	"normal_":          func(x *tensor) { nn.InitNormal(x, 0, 1) },
	"trunc_normal_":    func(x *tensor) { nn.InitTruncNormal(x, 0, 1, -2, 2) },
	"xavier_uniform_":  func(x *tensor) { nn.InitXavierUniform(x, 1) },
	"xavier_normal_":   func(x *tensor) { nn.InitXavierNormal(x, 1) },
	"kaiming_uniform_": func(x *tensor) { nn.InitKaimingUniform(x) },
	"kaiming_normal_":  func(x *tensor) { nn.InitKaimingNormal(x) },
	"orthogonal_":      func(x *tensor) { nn.InitOrthogonal(x, 1) },
	"zeros_":           nn.InitZeros,
	"ones_":            nn.InitOnes,
	"eye_":             nn.InitEye,
	"sparse_":          func(x *tensor) { nn.InitSparse(x, 0.1, 0.01) },
}

// runInit compares the statistics of random weights: 3 % of the deviation, as the records say.
func runInit(r record) error {
	fill, ok := inits[r.str("init")]
	need(ok, "initialization")
	need(!r.has("args") && !r.has("kwargs"), "arguments of an initialization")
	shape, err := r.value("shape")
	if err != nil {
		return err
	}
	stat, err := r.value("stat")
	if err != nil {
		return err
	}
	want := fields(stat)
	eager.Seed(1)
	x := eager.Zeros(ints(shape, "shape")...)
	fill(x)
	got := statistics(x.Float64s())
	std := number64(want["std"])
	for name, w := range map[string]float64{"mean": got.mean, "std": got.std} {
		if v := number64(want[name]); math.Abs(w-v) > 0.03*std+1e-9 {
			return fmt.Errorf("%s is %v, want %v", name, w, v)
		}
	}
	for name, w := range map[string]float64{"min": got.min, "max": got.max} { // tails differ between draws
		if v := number64(want[name]); math.Abs(w-v) > 0.35*(number64(want["max"])-number64(want["min"]))/2 {
			return fmt.Errorf("%s is %v, want about %v", name, w, v)
		}
	}
	if want["orth_err"] != nil {
		return orthogonal(x)
	}
	return nil
}

type summary struct{ mean, std, min, max float64 }

func statistics(v []float64) summary {
	s := summary{min: math.Inf(1), max: math.Inf(-1)}
	for _, x := range v {
		s.mean += x / float64(len(v))
		s.min, s.max = min(s.min, x), max(s.max, x)
	}
	for _, x := range v {
		s.std += (x - s.mean) * (x - s.mean) / float64(len(v)-1)
	}
	s.std = math.Sqrt(s.std)
	return s
}

// orthogonal checks that rows or columns, whichever are fewer, are orthonormal; f32 rounding is allowed.
func orthogonal(x *tensor) error {
	if x.Size(0) > x.Size(1) {
		x = x.T()
	}
	off := x.MatMul(x.T()).Sub(eager.Eye(x.Size(0))).Abs().Max().Item()
	if off > 1e-5 {
		return fmt.Errorf("rows are orthonormal up to %v only", off)
	}
	return nil
}
