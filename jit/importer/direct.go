package importer

import (
	"fmt"
	"strings"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Direct is a model that runs operator by operator, because no graph of it can be made: shapes in it depend on values, such
// as as many boxes as have a score. It may be used by several goroutines, which wait for each other.
type Direct struct {
	Why             error // there is no graph
	Inputs, Outputs []string
	// Types and Shapes are those of the inputs, Results and Ranks those of the outputs for the examples.
	Types, Results []engine.DType
	Shapes         []engine.Shape
	Ranks          []int

	mu sync.Mutex
	s  *Source
}

// OpenDirect opens a model for which Model gave the error why, and runs it once, on examples as for Source.Examples. It is
// why where the model does not run so either.
func OpenDirect(path, weights, shapes string, files []string, why error) (*Direct, error) {
	if !Known(path) {
		return nil, why
	}
	s, err := Open(path, weights)
	if err != nil {
		return nil, why
	}
	xs, err := s.Examples(files, shapes)
	if err != nil {
		return nil, err
	}
	d := &Direct{Why: why, Inputs: s.Inputs, s: s}
	in := make([]engine.Array, len(xs))
	for i, x := range xs {
		in[i] = x.Array()
		d.Types, d.Shapes = append(d.Types, x.DType()), append(d.Shapes, x.Shape())
	}
	ys, err := d.Run(in)
	if err != nil {
		return nil, fmt.Errorf("%w (and operator by operator: %w)", why, err)
	}
	for i, y := range ys {
		d.Results, d.Ranks = append(d.Results, y.DType), append(d.Ranks, len(y.Shape))
		name := fmt.Sprint("output ", i)
		if names := s.Outputs(); i < len(names) {
			name = names[i]
		}
		d.Outputs = append(d.Outputs, name)
	}
	return d, nil
}

// Run computes the outputs for one array for each input, of the types and shapes of the examples.
func (d *Direct) Run(in []engine.Array) (out []engine.Array, err error) {
	if len(in) != len(d.Inputs) {
		return nil, fmt.Errorf("the model takes %d inputs (%s), got %d", len(d.Inputs), strings.Join(d.Inputs, ", "), len(in))
	}
	xs := make([]*eager.Tensor, len(in))
	for i, a := range in {
		if a.DType != d.Types[i] || !a.Shape.Equal(d.Shapes[i]) {
			return nil, fmt.Errorf("input %s is %v%v, the model was opened for %v%v", d.Inputs[i], a.DType, a.Shape, d.Types[i],
				d.Shapes[i])
		}
		xs[i] = eager.FromArray(a)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err = engine.Catch(func() {
		eager.NoGrad(func() {
			for _, y := range d.s.Apply(xs...) {
				out = append(out, y.Contiguous().Array())
			}
		})
	})
	return out, err
}
