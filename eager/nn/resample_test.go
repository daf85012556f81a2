package nn

import (
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestStraightLinesStayStraight(t *testing.T) {
	x := eager.Arange(0, 7, 1).To(engine.F32).Reshape(1, 1, 1, 7).Expand(1, 1, 3, 7)
	for _, mode := range []string{"bilinear", "bicubic"} {
		y := Interpolate(x, UpsampleOptions{Size: []int{5, 13}, Mode: mode, AlignCorners: true})
		got := y.Index(0, 0, 2)
		if mode == "bicubic" { // edges repeat
			near(t, mode, got.Slice(0, 2, 11), eager.Arange(1, 5.5, 0.5), 1e-5)
			continue
		}
		near(t, mode, got, eager.Arange(0, 6.5, 0.5), 1e-5)
	}
}

func TestSmallerImagesKeepTheirMeanWhenFiltered(t *testing.T) {
	eager.Seed(1)
	x := eager.Ones(1, 1, 16, 16)
	for _, o := range []UpsampleOptions{
		{Size: []int{5}, Mode: "area"},
		{Size: []int{5}, Mode: "bilinear", Antialias: true},
		{Scale: []float64{0.3}, Mode: "bicubic", Antialias: true},
		{Size: []int{40, 3}},
	} {
		y := Interpolate(x, o)
		near(t, o.Mode, y, eager.OnesLike(y), 1e-5)
	}
}

func TestFoldCountsHowManyWindowsSeeAnElement(t *testing.T) {
	x := eager.Ones(1, 1, 3, 4)
	y := NewFold(3, 4, []int{2}).Forward(NewUnfold([]int{2}).Forward(x))
	want := eager.FromInts([]int{1, 2, 2, 1, 2, 4, 4, 2, 1, 2, 2, 1}, 1, 1, 3, 4).To(engine.F32)
	near(t, "windows", y, want, 0)
}

// everyPath adds the probabilities of all paths that collapse to the target.
func everyPath(lp [][]float64, target []int) float64 {
	var walk func(t, last int, p float64, rest []int) float64
	walk = func(t, last int, p float64, rest []int) float64 {
		if t == len(lp) {
			if len(rest) == 0 {
				return math.Exp(p)
			}
			return 0
		}
		sum := 0.0
		for c, v := range lp[t] {
			switch {
			case c == 0 || c == last:
				sum += walk(t+1, c, p+v, rest)
			case len(rest) > 0 && rest[0] == c:
				sum += walk(t+1, c, p+v, rest[1:])
			}
		}
		return sum
	}
	return -math.Log(walk(0, -1, 0, target))
}

func TestCTCAddsEveryPath(t *testing.T) {
	eager.Seed(2)
	scores := eager.Randn(5, 2, 3).To(engine.F64).SetRequiresGrad(true)
	lp := scores.LogSoftmax(-1)
	targets := [][]int{{1, 1}, {2}}
	loss := CTC(lp, eager.FromInts([]int{1, 1, 2, 0}, 2, 2), []int{5, 4}, []int{2, 1}, CTCOptions{Reduction: "none"})
	for b, n := range []int{5, 4} {
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = lp.Index(i, b).Float64s()
		}
		if want := everyPath(rows, targets[b]); math.Abs(loss.At(b)-want) > 1e-9 {
			t.Errorf("sample %d: %v, all paths give %v", b, loss.At(b), want)
		}
	}
	loss.Sum().Backward()
	eager.NoGrad(func() {
		const step = 1e-5
		at := func(d float64) float64 {
			x := scores.Detach().Clone()
			x.Index(1, 0, 2).Assign(scores.At(1, 0, 2) + d)
			return CTC(x.LogSoftmax(-1), eager.FromInts([]int{1, 1, 2}, 3), []int{5, 4}, []int{2, 1},
				CTCOptions{Reduction: "sum"}).Item()
		}
		want := (at(step) - at(-step)) / (2 * step)
		if got := scores.Grad().At(1, 0, 2); math.Abs(got-want) > 1e-6 {
			t.Errorf("gradient %v, differences give %v", got, want)
		}
	})
}

func TestCTCOfATargetThatDoesNotFit(t *testing.T) {
	lp := eager.Zeros(2, 1, 3).LogSoftmax(-1)
	run := func(o CTCOptions) float64 {
		return CTC(lp, eager.FromInts([]int{1, 1}, 1, 2), []int{2}, []int{2}, o).Item()
	}
	if v := run(CTCOptions{}); !math.IsInf(v, 1) {
		t.Errorf("loss %v, want +Inf", v)
	}
	if v := run(CTCOptions{ZeroInfinity: true}); v != 0 {
		t.Errorf("loss %v with ZeroInfinity, want 0", v)
	}
	err := engine.Catch(func() {
		CTC(lp, eager.FromInts([]int{3}, 1, 1), []int{2}, []int{1})
	})
	if want := "nn.CTC: target 3 of sample 0 is outside the 3 classes"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
