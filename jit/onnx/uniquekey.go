package onnx

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/eager"
)

// sliceKey identifies and orders one slice of a tensor.
type sliceKey struct {
	text    string
	numbers []float64
	strings []string
}

func (k sliceKey) compare(o sliceKey) int {
	if k.strings != nil {
		return slices.Compare(k.strings, o.strings)
	}
	return slices.CompareFunc(k.numbers, o.numbers, cmp.Compare[float64])
}

// sliceKeys returns a key for each slice of t along axis.
func sliceKeys(t *Tensor, axis int) []sliceKey {
	moved := byIndex(t, func(x *eager.Tensor) *eager.Tensor { return moveFirst(x, axis) })
	n := t.Shape()[axis]
	keys := make([]sliceKey, n)
	if n == 0 {
		return keys
	}
	per := moved.Numel() / n
	if t.Type == String {
		for i := range keys {
			s := moved.Strings[i*per : (i+1)*per]
			keys[i] = sliceKey{text: fmt.Sprintf("%q", s), strings: s}
		}
		return keys
	}
	v := moved.Data.Float64s()
	bits := bitsOf(moved)
	for i := range keys {
		keys[i] = sliceKey{text: fmt.Sprint(bits[i*per : (i+1)*per]), numbers: v[i*per : (i+1)*per]}
	}
	return keys
}

// moveFirst makes axis the first one.
func moveFirst(x *eager.Tensor, axis int) *eager.Tensor {
	perm := []int{axis}
	for i := range x.Rank() {
		if i != axis {
			perm = append(perm, i)
		}
	}
	return x.Permute(perm...)
}
