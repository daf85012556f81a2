package optest

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Sample is an application of an operator with what the CPU makes of it, for tests of other devices.
type Sample struct {
	Name  string
	Attrs op.Attrs
	In    []engine.Array // promoted and broadcast
	Out   []op.Type
	Want  []engine.Array
	def   *op.Def
}

// Samples returns the cases of d: as they are, in other layouts, and for every dtype that d takes. Samples that
// the CPU refuses are left out.
func Samples(d *op.Def) []Sample {
	var all []Sample
	for _, c := range d.Cases() {
		in := operands(d, c)
		all = appendSample(all, d, c, in, c.Name)
		for _, l := range layouts {
			other := make([]engine.Array, len(in))
			for i, x := range in {
				other[i] = l.of(x)
			}
			if len(in) > 0 && in[0].DType != engine.F64 {
				all = appendSample(all, d, c, other, c.Name+" "+l.name)
			}
		}
	}
	return append(all, otherTypes(d)...)
}

func appendSample(all []Sample, d *op.Def, c op.Case, in []engine.Array, name string) []Sample {
	want, err := run(d, c.Attrs, c.In, in)
	if err != nil {
		return all
	}
	r, err := d.Resolve(c.Attrs, c.In)
	if err != nil {
		return all
	}
	s := Sample{Name: d.Name + "/" + name, Attrs: c.Attrs, Out: r.Out, Want: want, def: d}
	for i, x := range in {
		x = convert(x, r.DType[i])
		if r.Shape != nil {
			x = x.Expand(r.Shape)
		}
		s.In = append(s.In, x)
	}
	return append(all, s)
}

// otherTypes are the first case of d with each dtype, as dtypes tests them.
func otherTypes(d *op.Def) []Sample {
	if len(d.Inputs) == 0 {
		return nil
	}
	var all []Sample
	c := d.Cases()[0]
	for _, dt := range append(slices.Clone(realTypes), engine.C64, engine.C128) {
		k := c
		k.In = slices.Clone(c.In)
		for i := range k.In {
			if takes(d, i) == takes(d, 0) {
				k.In[i].DType, k.In[i].Weak = dt, false
			}
		}
		if k.Data == nil && !dt.IsFloat() && !dt.IsComplex() {
			k.Lo, k.Hi = 1, 2
		}
		if _, err := d.Resolve(k.Attrs, k.In); err == nil {
			all = appendSample(all, d, k, operands(d, k), "all "+dt.String())
		}
	}
	return all
}

// Compare returns an error where got is not what the CPU made, within the operator's tolerance.
func (s *Sample) Compare(got []engine.Array) error {
	for k, w := range s.Want {
		if !got[k].Shape.Equal(w.Shape) || got[k].DType != w.DType {
			return fmt.Errorf("%s: result %d is %v, want %v", s.Name, k, got[k], w)
		}
		limit := tolerance(s.def, w.DType)
		if i, g, v := differ(floats(got[k]), floats(w), limit); i >= 0 {
			return fmt.Errorf("%s: result %d %v, element %d is %v, want %v (tolerance %g)", s.Name, k, w, i, g, v, limit)
		}
	}
	return nil
}
