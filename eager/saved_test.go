package eager_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func ExampleSavedHooks() {
	x := t.New([]float32{1, 2, 3}).SetRequiresGrad(true)
	bytes := 0
	pack := func(v *t.Tensor) any { h := v.To(t.BF16); bytes += 2 * h.Numel(); return h }
	unpack := func(v any) *t.Tensor { return v.(*t.Tensor).To(t.F32) }
	var loss *t.Tensor
	t.SavedHooks(pack, unpack, func() { loss = x.Exp().Square().Sum() })
	loss.Backward()
	fmt.Println(bytes, "bytes saved;", x.Grad().Round())
	// Output: 18 bytes saved; [ 15. 109. 810.] f32[3]
}

// chain is a computation with small and large values, views, several results and a function of the user's.
func chain(x *t.Tensor) *t.Tensor {
	cube := &t.Function{Name: "cube", Forward: func(c *t.Context, in []*t.Tensor) []*t.Tensor {
		c.Save(in...)
		return []*t.Tensor{in[0].Pow(3)}
	}, Backward: func(c *t.Context, dy []*t.Tensor) []*t.Tensor {
		return []*t.Tensor{c.Saved()[0].Square().Mul(3).Mul(dy[0])}
	}}
	y := x.Tanh().MatMul(x.T()).Sigmoid()
	s, _ := y.Sort(-1, false)
	return cube.Call(s)[0].Mul(y.Exp()).Sum()
}

func TestSavedHooksChangeNoGradient(tt *testing.T) {
	t.Seed(1)
	base := t.Randn(5, 7)
	grads := func(wrap func(f func())) (first, second *t.Tensor) {
		x := base.Clone().SetRequiresGrad(true)
		var y *t.Tensor
		wrap(func() { y = chain(x) })
		g := t.Grad([]*t.Tensor{y}, []*t.Tensor{x}, t.GradOptions{CreateGraph: true})[0]
		return g, t.Grad([]*t.Tensor{g.Square().Sum()}, []*t.Tensor{x}, t.GradOptions{})[0]
	}
	g, gg := grads(func(f func()) { f() })
	packs := 0
	ways := map[string]func(f func()){
		"same": func(f func()) {
			t.SavedHooks(func(x *t.Tensor) any { packs++; return x }, func(v any) *t.Tensor { return v.(*t.Tensor) }, f)
		},
		"disk": func(f func()) { t.SavedToDisk(tt.TempDir(), f) },
	}
	for name, way := range ways {
		h, hh := grads(way)
		if !t.AllClose(g, h, 0, 0) || !t.AllClose(gg, hh, 0, 0) {
			tt.Errorf("%s: gradients are %v and %v, want %v and %v", name, h, hh, g, gg)
		}
	}
	if packs < 5 {
		tt.Errorf("%d values were packed, want those of each operator", packs)
	}
}

func TestUnpackMustReturnWhatWasPacked(tt *testing.T) {
	x := t.Ones(3).SetRequiresGrad(true)
	var y *t.Tensor
	t.SavedHooks(func(x *t.Tensor) any { return nil }, func(any) *t.Tensor { return t.Ones(2) },
		func() { y = x.Exp().Square().Sum() })
	err := engine.Catch(func() { y.Backward() })
	if err == nil || !strings.Contains(err.Error(), "unpack of SavedHooks returned f32[2]") {
		tt.Errorf("error is %v", err)
	}
	if err := engine.Catch(func() { t.SavedToDisk("/no/such/folder", func() {}) }); err == nil {
		tt.Error("a folder that is not there gave no error")
	}
}

func TestGradientOfLookUpComesByRows(tt *testing.T) {
	t.Seed(2)
	base := t.Randn(6, 2)
	index := t.New([][]int{{4, 1}, {4, 0}})
	w, dense := base.Clone().SetRequiresGrad(true), base.Clone().SetRequiresGrad(true)
	c := t.Randn(2, 2, 2)
	for range 2 { // two passes add up
		w.LookUp(index).Square().Mul(c).Sum().Backward()
		dense.IndexSelect(0, index).Square().Mul(c).Sum().Backward()
	}
	rows := w.RowGrad()
	if rows == nil || fmt.Sprint(rows.Index.Ints()) != "[0 1 4]" || !t.AllClose(rows.Values, dense.Grad().IndexSelect(0, rows.Index), 1e-6, 0) {
		tt.Fatalf("rows are %+v, want those of %v", rows, dense.Grad())
	}
	if g := w.Grad(); !t.AllClose(g, dense.Grad(), 1e-6, 0) || w.RowGrad() != nil {
		tt.Errorf("the dense gradient is %v, want %v", g, dense.Grad())
	}
	w.LookUp(index).Square().Mul(c).Sum().Backward() // on top of a dense one
	dense.IndexSelect(0, index).Square().Mul(c).Sum().Backward()
	if g := w.Grad(); !t.AllClose(g, dense.Grad(), 1e-6, 0) {
		tt.Errorf("the sum is %v, want %v", g, dense.Grad())
	}
	if w.ZeroGrad(); w.Grad() != nil {
		tt.Error("ZeroGrad left a gradient")
	}
	second := func(w *t.Tensor, y *t.Tensor) *t.Tensor {
		g := t.Grad([]*t.Tensor{y.Pow(3).Sum()}, []*t.Tensor{w}, t.GradOptions{CreateGraph: true})[0]
		return t.Grad([]*t.Tensor{g.Sum()}, []*t.Tensor{w}, t.GradOptions{})[0]
	}
	if a, b := second(w, w.LookUp(index)), second(dense, dense.IndexSelect(0, index)); !t.AllClose(a, b, 1e-6, 0) {
		tt.Errorf("second gradients are %v, want %v", a, b)
	}
}

func TestHooksAndOtherUsesMakeRowGradientsDense(tt *testing.T) {
	index := t.New([]int{1})
	w := t.Ones(3, 2).SetRequiresGrad(true)
	remove := w.OnGrad(func(g *t.Tensor) *t.Tensor { return g.Mul(2) })
	w.LookUp(index).Sum().Backward()
	if w.RowGrad() != nil || w.Grad().At(1, 0) != 2 {
		tt.Errorf("behind a hook the gradient is %v", w.Grad())
	}
	remove()
	w.ZeroGrad()
	w.LookUp(index).Sum().Add(w.Sum()).Backward()
	if w.RowGrad() != nil || fmt.Sprint(w.Grad().Ints()) != "[1 1 2 2 1 1]" {
		tt.Errorf("with a dense part the gradient is %v", w.Grad())
	}
}

func TestSetRowsWritesRowsOnly(tt *testing.T) {
	x := t.Arange(0, 8, 1).Reshape(4, 2)
	x.SetRows(t.New([]int{2, 0}), t.New([][]float64{{-1, -2}, {-3, -4}}))
	turned := t.Zeros(2, 4).T()
	turned.SetRows(t.New([]int{3}), t.New([][]int{{5, 6}}))
	if fmt.Sprint(x.Ints(), turned.Ints()) != "[-3 -4 2 3 -1 -2 6 7] [0 0 0 0 0 0 5 6]" {
		tt.Errorf("got %v and %v", x.Ints(), turned.Ints())
	}
	if err := engine.Catch(func() { x.SetRows(t.New([]int{4}), t.Zeros(1, 2)) }); err == nil {
		tt.Error("a row that is not there gave no error")
	}
}

func TestHooksSeeTheAccumulatedGradient(tt *testing.T) {
	w := t.Ones(2).SetRequiresGrad(true)
	sums := []float64{}
	remove := w.OnAccumulated(func(x *t.Tensor) { sums = append(sums, x.Grad().Sum().Item()) })
	w.Mul(2).Sum().Backward()
	w.Mul(3).Sum().Backward()
	remove()
	w.Mul(4).Sum().Backward()
	if fmt.Sprint(sums) != "[4 10]" {
		tt.Errorf("the hook saw %v, want [4 10]", sums)
	}
}

func TestPassesOfSeveralGoroutinesAddUp(tt *testing.T) {
	w := t.Zeros(300).SetRequiresGrad(true)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				w.Mul(2).Sum().Backward()
			}
		})
	}
	all.Wait()
	if g := w.Grad(); g.Min().Item() != 800 || g.Max().Item() != 800 {
		tt.Errorf("the gradient is between %v and %v, want 800", g.Min().Item(), g.Max().Item())
	}
}

func TestPassesOfSeveralGoroutinesShareAView(tt *testing.T) {
	w := t.Zeros(16, 4).SetRequiresGrad(true)
	v := w.Slice(0, 0, 8)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 25 {
				v.Mul(2).Sum().Backward()
			}
		})
	}
	all.Wait()
	if g := w.Grad(); g.Slice(0, 0, 8).Min().Item() != 200 || g.Slice(0, 8, 16).Max().Item() != 0 {
		tt.Errorf("the gradient is %v, want 200 in the first 8 rows and 0 in the others", g)
	}
}

func TestUnusedInputsGetZerosWhenAsked(tt *testing.T) {
	x, y := t.Ones(2).SetRequiresGrad(true), t.Ones(3).SetRequiresGrad(true)
	g := t.Grad([]*t.Tensor{x.Sum()}, []*t.Tensor{x, y}, t.GradOptions{ZeroUnused: true})
	if len(g) != 2 || fmt.Sprint(g[1].Ints()) != "[0 0 0]" {
		tt.Errorf("gradients are %v", g)
	}
}
