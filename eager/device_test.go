package eager_test

import (
	"math"
	"strings"
	"testing"

	t "github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// shelf is a device for tests: memory that the CPU does not see as its own, and the CPU's kernels.
type shelf struct {
	blocks map[uint64][]byte
	next   uint64
	ran    map[string]int
}

func newShelf() *shelf { return &shelf{blocks: map[uint64][]byte{}, ran: map[string]int{}} }

func (s *shelf) String() string { return "shelf:0" }

func (s *shelf) New(n int) *engine.Buffer {
	s.next += 1 << 20
	addr := s.next
	s.blocks[addr] = make([]byte, n)
	return engine.NewRemote(s, addr, n, func() {})
}

func (s *shelf) Upload(b *engine.Buffer, at int, p []byte)   { copy(s.blocks[b.Addr()][at:], p) }
func (s *shelf) Download(p []byte, b *engine.Buffer, at int) { copy(p, s.blocks[b.Addr()][at:]) }
func (s *shelf) Synchronize()                                {}

// near returns arrays with their memory as the CPU's.
func (s *shelf) near(arrays []engine.Array) []engine.Array {
	r := append([]engine.Array(nil), arrays...)
	for i, a := range r {
		if a.Device() != nil {
			r[i].Buf = engine.WrapBytes(s.blocks[a.Buf.Addr()])
		}
	}
	return r
}

func (s *shelf) Run(d *op.Def, a op.Attrs, out, in []engine.Array) {
	s.ran[d.Name]++
	d.CPU(a, s.near(out), s.near(in))
}

// loss is a few operators of different kinds, with a view, a reduction and a number.
func loss(x, w *t.Tensor) *t.Tensor {
	return x.MatMul(w).Add(0.5).Tanh().Permute(1, 0).Mul(2).Softmax(1).Mul(x.Sum()).Floor().Add(w.Mul(w).Sum()).Mean()
}

func TestOperatorsRunWhereTheirOperandsAre(tt *testing.T) {
	dev := newShelf()
	t.Seed(3)
	x, w := t.Randn(4, 3), t.Randn(3, 5)
	near, far := w.Clone().SetRequiresGrad(true), w.To(dev).SetRequiresGrad(true)
	want, got := loss(x, near), loss(x.To(dev), far)
	want.Backward()
	got.Backward()
	if got.Device() != op.Device(dev) || far.Grad().Device() != op.Device(dev) {
		tt.Errorf("the loss is on %v, the gradient on %v", got.Device(), far.Grad().Device())
	}
	if math.Abs(got.Item()-want.Item()) > 1e-6 {
		tt.Errorf("the loss is %v, on the CPU %v", got.Item(), want.Item())
	}
	for i, g := range far.Grad().Float32s() {
		if v := near.Grad().Float32s()[i]; math.Abs(float64(g-v)) > 1e-6 {
			tt.Errorf("gradient %d is %v, on the CPU %v", i, g, v)
		}
	}
	if dev.ran["MatMul"] < 2 || dev.ran["Tanh"] != 1 {
		tt.Errorf("the device ran %v", dev.ran)
	}
}

func TestGradientsReturnToWhereATensorCameFrom(tt *testing.T) {
	x := t.New([]float32{1, 2, 3}).SetRequiresGrad(true)
	y := x.To(newShelf())
	y.Mul(y).Sum().To(t.CPU).Backward()
	if g := x.Grad(); g.Device() != nil || g.Float32s()[2] != 6 {
		tt.Errorf("the gradient of x² is %v", g)
	}
}

func TestTensorsAreChangedInPlaceWhereTheyAre(tt *testing.T) {
	dev := newShelf()
	x := t.New([][]float32{{1, 2}, {3, 4}}).To(dev)
	x.Assign(x.Transpose(0, 1).Clone())
	x.AddInPlace(1)
	x.SetIndex(7, 0)
	if s := x.Float32s(); s[0] != 7 || s[1] != 7 || s[2] != 3 || s[3] != 5 {
		tt.Errorf("x is %v, want [7 7 3 5]", s)
	}
	if y := x.To(t.I64); y.DType() != t.I64 || y.Device() != op.Device(dev) || y.Ints()[3] != 5 {
		tt.Errorf("converted: %v", y)
	}
	if z := t.ZerosLike(x); z.Device() != op.Device(dev) || z.Sum().Item() != 0 {
		tt.Errorf("zeros like x: %v on %v", z, z.Device())
	}
}

func TestDevicesAreNotLeftSilently(tt *testing.T) {
	x := t.Ones(2, 3).To(newShelf())
	for want, f := range map[string]func(){
		"operand 1 (f32[2 3]) is on the CPU": func() { x.Add(t.Ones(2, 3)) },
		"operands are on shelf:0 and":        func() { x.Add(t.Ones(2, 3).To(newShelf())) },
		"the CPU cannot read it":             func() { x.Array().F32() },
		"want a dtype (t.F16), t.CPU":        func() { x.To("gpu") },
		"build it with -tags cuda":           func() { t.CUDA(0) },
	} {
		if err := engine.Catch(f); err == nil || !strings.Contains(err.Error(), want) {
			tt.Errorf("error %v, want one with %q", err, want)
		}
	}
}
