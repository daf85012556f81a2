package caffe

import (
	"slices"
	"sync"

	"github.com/lathe-ml/lathe/eager"
)

// layers holds what every layer type does.
var layers = map[string]layerFunc{}

// custom holds layer types that users register.
var custom sync.Map // type → func(param *Message, in []*eager.Tensor) ([]*eager.Tensor, error)

// Register makes networks that have layers of type kind run f for them. f gets the layer's message. It may also
// replace a type.
func Register(kind string, f func(layer *Message, in []*eager.Tensor) ([]*eager.Tensor, error)) {
	custom.Store(kind, layerFunc(func(l *layer, in []*eager.Tensor) []*eager.Tensor {
		out, err := f(l.Message, in)
		if err != nil {
			fail("%v", err)
		}
		return out
	}))
}

// Unregister undoes Register.
func Unregister(kind string) { custom.Delete(kind) }

func isCustom(kind string) bool {
	_, ok := custom.Load(kind)
	return ok
}

func lookup(kind string) layerFunc {
	if f, ok := custom.Load(kind); ok {
		return f.(layerFunc)
	}
	return layers[kind]
}

// Layers returns the names of all layer types.
func Layers() []string {
	names := make([]string, 0, len(layers))
	for n := range layers {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// one is the result of most layers.
func one(x *eager.Tensor) []*eager.Tensor { return []*eager.Tensor{x} }

// elementwise registers a layer of one bottom.
func elementwise(kind string, f func(l *layer, x *eager.Tensor) *eager.Tensor) {
	layers[kind] = func(l *layer, in []*eager.Tensor) []*eager.Tensor {
		if len(in) != 1 {
			fail("%d bottoms, want 1", len(in))
		}
		return one(f(l, in[0]))
	}
}

// bottoms refuses another number of bottoms.
func bottoms(in []*eager.Tensor, lo, hi int) {
	if len(in) < lo || len(in) > hi {
		fail("%d bottoms, want %d to %d", len(in), lo, hi)
	}
}

// axis returns an axis from 0 on.
func axis(a, rank int) int {
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		fail("axis %d is out of range for rank %d", a, rank)
	}
	return a
}
