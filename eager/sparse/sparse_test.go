package sparse_test

import (
	"fmt"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/sparse"
	"github.com/lathe-ml/lathe/engine"
)

func Example() {
	a := sparse.New(eager.New([][]int{{0, 2, 0}, {1, 0, 1}}), eager.New([]float64{1, 2, 3}), 3, 2)
	fmt.Println(a.Coalesce(), a.MatMul(eager.New([]float64{10, 1})).Float64s())
	// Output: sparse f64[3 2] with 2 elements [4 0 20]
}

// holes are random matrices of which about a third of the elements is stored, some twice.
func holes(seed uint64, m, n int) *sparse.COO {
	eager.Seed(seed)
	count := m * n / 3
	index := eager.Stack(0, eager.RandInt(0, m, count), eager.RandInt(0, n, count))
	return sparse.New(index, eager.Randn(count).To(eager.F64), m, n)
}

func near(t *testing.T, what string, got, want *eager.Tensor) {
	t.Helper()
	if !eager.AllClose(got, want, 1e-12, 1e-12) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestEverythingAgreesWithDenseTensors(t *testing.T) {
	a, b := holes(1, 7, 5), holes(2, 7, 5)
	d, e := a.Dense(), b.Dense()
	x := eager.Randn(5, 4).To(eager.F64)
	near(t, "coalesced", a.Coalesce().Dense(), d)
	near(t, "sum of two", a.Add(b).Dense(), d.Add(e))
	near(t, "multiple", a.Mul(2.5).Dense(), d.Mul(2.5))
	near(t, "product of elements", a.Mul(e).Dense(), d.Mul(e))
	near(t, "map", a.Map((*eager.Tensor).Tanh).Dense(), d.Tanh())
	near(t, "transposed", a.T().Dense(), d.T())
	near(t, "product", a.MatMul(x), d.MatMul(x))
	near(t, "product with a vector", a.MatMul(x.T().Index(0)), d.MatMul(x.T().Index(0)))
	near(t, "sum", a.Sum(), d.Sum())
	near(t, "sum of columns", a.Sum(0), d.Sum(0))
	near(t, "sum of rows", a.Sum(-1), d.Sum(1))
	near(t, "by rows", a.CSR().Dense(), d)
	near(t, "product by rows", a.CSR().MatMul(x), d.MatMul(x))
	near(t, "back", a.CSR().COO().Dense(), d)
	near(t, "there and back", sparse.FromDense(d).Dense(), d)
	if n := sparse.FromDense(d).Count(); n != a.Coalesce().Count() {
		t.Errorf("%d elements, want %d", n, a.Coalesce().Count())
	}
	cube := eager.Randn(2, 3, 4).To(eager.F64)
	near(t, "three axes", sparse.FromDense(cube).Sum(1), cube.Sum(1))
	c := a.CSR()
	again := sparse.NewCSR(c.Start(), c.Columns(), c.Values(), 7, 5)
	near(t, "parts of a CSR", again.Dense(), d)
}

func TestGradientsAreThoseOfTheDenseProduct(t *testing.T) {
	a := holes(3, 6, 4)
	v := a.Values().Clone().SetRequiresGrad(true)
	x := eager.Randn(4, 3).To(eager.F64).SetRequiresGrad(true)
	seed := eager.Randn(6, 3).To(eager.F64)
	s := sparse.New(a.Indices(), v, 6, 4)
	gs := eager.Grad([]*eager.Tensor{s.Coalesce().MatMul(x).Mul(seed).Sum()}, []*eager.Tensor{v, x}, eager.GradOptions{})
	gd := eager.Grad([]*eager.Tensor{s.Dense().MatMul(x).Mul(seed).Sum()}, []*eager.Tensor{v, x}, eager.GradOptions{})
	near(t, "gradient of the values", gs[0], gd[0])
	near(t, "gradient of x", gs[1], gd[1])
}

func TestRefusalsNameWhatDoesNotFit(t *testing.T) {
	v := eager.New([]float64{1, 2})
	for want, f := range map[string]func(){
		"sparse.New: index 3 is outside axis 0 of [3 2]": func() {
			sparse.New(eager.New([][]int{{0, 3}, {1, 0}}), v, 3, 2)
		},
		"sparse.New: index i64[1 2] and values f64[2] for shape [3 2]; want integers [2 count] and [count]": func() {
			sparse.New(eager.New([][]int{{0, 1}}), v, 3, 2)
		},
		"sparse.NewCSR: start [0 2 1] does not ascend from 0 to 2": func() {
			sparse.NewCSR(eager.New([]int{0, 2, 1}), eager.New([]int{0, 1}), v, 2, 2)
		},
		"sparse.T: sparse f64[2] with 2 elements is not a matrix": func() {
			sparse.New(eager.New([][]int{{0, 1}}), v, 2).T()
		},
	} {
		func() {
			defer func() {
				if e, ok := recover().(*engine.Error); !ok || e.Error() != want {
					t.Errorf("got %v, want %q", e, want)
				}
			}()
			f()
		}()
	}
}
