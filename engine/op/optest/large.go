package optest

import (
	"fmt"
	"slices"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// large repeats the value checks of operators that take any shape with operands of odd extents that are
// large enough to be split among threads.
func large(t reporter, d *op.Def) {
	t.Helper()
	c := d.Cases()[0]
	if len(c.In) == 0 || c.Data != nil {
		return
	}
	var attrs []op.Attrs
	switch c.Attrs.(type) {
	case op.AxisAttrs:
		attrs = []op.Attrs{op.AxisAttrs{Axis: 0}, op.AxisAttrs{Axis: 1}}
	case op.ReduceAttrs:
		attrs = []op.Attrs{op.ReduceAttrs{Axes: []int{0}}, op.ReduceAttrs{Axes: []int{1}, Keep: true}}
	default:
		if !d.Elementwise {
			return
		}
		attrs = []op.Attrs{c.Attrs}
	}
	c.In = slices.Clone(c.In)
	for i := range c.In {
		c.In[i].Shape = engine.Shape{307, 411}
	}
	for i, a := range attrs {
		c.Name, c.Attrs = fmt.Sprintf("large %d", i), a
		in := operands(d, c)
		want := result(t, d, c, in)
		precision(t, d, c, in, want)
		layoutsAgree(t, d, c, in, want)
		levelsAgree(t, d, c, in)
	}
}
