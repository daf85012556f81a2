//go:build cuda && full

package cuda

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// isLibraries reports whether o is given to cuBLAS or cuDNN where they are.
func isLibraries(o *op.Def) bool {
	switch o {
	case op.MatMul, op.Linear, op.LinearGrad, op.Conv, op.ConvInputGrad, op.ConvWeightGrad:
		return true
	}
	return strings.HasPrefix(o.Name, "LSTM") || strings.HasPrefix(o.Name, "GRU") || strings.HasPrefix(o.Name, "RNN")
}

func withLibraries(d *Device, f func()) {
	own := d.libraries.own
	d.libraries.own = false
	defer func() { d.libraries.own = own }()
	f()
}

func TestLibrariesAreUsedWhereTheyAre(t *testing.T) {
	d := open(t)
	said := strings.Join(d.Libraries(), ", ")
	if onGPU {
		t.Log(said)
		return
	}
	if want := "products by cuBLAS 12.9, convolutions by cuDNN 9.10"; said != want {
		t.Errorf("the device says %q, want %q", said, want)
	}
	x := []engine.Array{{DType: engine.F32, Shape: engine.Shape{3, 3}, Strides: []int{3, 1}}}
	p, err := d.target().For(op.MatMul, nil, x, append(x, x...))
	if err != nil || len(p.Launches) != 1 || p.Launches[0].Product == nil {
		t.Errorf("a product takes %+v, %v; want one call of cuBLAS", p, err)
	}
	out := again(t, "TestHelperSaysItsLibraries", "LATHE_LIBCUBLAS=none")
	if !strings.Contains(out, "products by own kernels") || !strings.Contains(out, "convolutions by cuDNN") {
		t.Errorf("without cuBLAS: %s", out)
	}
	out = again(t, "TestHelperSaysItsLibraries", "LATHE_LIBCUDNN=/nowhere/libcudnn.so")
	if !strings.Contains(out, "own kernels: cuDNN is not there (/nowhere/libcudnn.so") {
		t.Errorf("without cuDNN: %s", out)
	}
}

func TestHelperSaysItsLibraries(t *testing.T) {
	d := open(t)
	for _, s := range d.Libraries() {
		t.Log(s)
	}
	y := eager.Ones(3, 4).To(d).MatMul(eager.Ones(4, 5).To(d)).Sum().Item()
	x := eager.Ones(1, 2, 4, 4).To(d)
	z := eager.Apply(op.Conv, op.ConvAttrs{}, x, eager.Ones(3, 2, 3, 3).To(d))[0].Sum().Item()
	if y != 60 || z != 4*3*18 {
		t.Errorf("sums are %v and %v, want 60 and 216", y, z)
	}
}

// TF32 has 10 bits of mantissa: 1 + 2⁻¹² is 1 there.
func TestTF32IsUsedOnlyWhereItIsAllowed(t *testing.T) {
	if onGPU {
		t.Skip("a GPU may compute small products otherwise")
	}
	d := open(t)
	x := eager.Full(1+1.0/4096, 4, 4).To(d)
	if s := x.MatMul(eager.Eye(4).To(d)).Sum().Item(); s == 16 {
		t.Error("a product is rounded to TF32 unasked")
	}
	engine.AllowTF32(true)
	defer engine.AllowTF32(false)
	if s := x.MatMul(eager.Eye(4).To(d)).Sum().Item(); s != 16 {
		t.Errorf("with AllowTF32 the sum is %v, want 16", s)
	}
}
