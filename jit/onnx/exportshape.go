package onnx

import (
	"slices"

	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// shapes returns the wanted extents of the node and of its twin.
func shapes(c *emission) string {
	return c.dims(c.n.Attrs.(op.ShapeAttrs).Shape, c.twin.Attrs.(op.ShapeAttrs).Shape)
}

func init() {
	composed(op.Reshape, func(c *emission) string {
		return c.opAttr("Reshape", []*pb.AttributeProto{attrInt("allowzero", 1)}, c.in[0], shapes(c))
	})
	composed(op.Expand, func(c *emission) string { return c.op("Expand", c.in[0], shapes(c)) })
	composed(op.Permute, func(c *emission) string {
		return c.opAttr("Transpose", []*pb.AttributeProto{attrInts("perm", c.n.Attrs.(op.PermuteAttrs).Perm)}, c.in[0])
	})
	composed(op.Concat, func(c *emission) string {
		return c.opAttr("Concat", []*pb.AttributeProto{axisAttr(c)}, c.in...)
	})
	composed(op.Slice, exportSlice)
	composed(op.Flip, func(c *emission) string {
		axes := c.n.Attrs.(op.ReduceAttrs).Axes
		if axes == nil {
			for i := range c.types[0].Shape {
				axes = append(axes, i)
			}
		}
		n := len(axes)
		return c.op("Slice", c.in[0], c.ints(slices.Repeat([]int{-1}, n)...), c.ints(slices.Repeat([]int{-1 << 62}, n)...),
			c.ints(axes...), c.ints(slices.Repeat([]int{-1}, n)...))
	})
	composed(op.Unslice, func(c *emission) string {
		a, t := c.n.Attrs.(op.UnsliceAttrs), c.twin.Attrs.(op.UnsliceAttrs)
		var pads, twin [2][]int
		for i, n := range a.Shape {
			if a.Step[i] != 1 {
				c.refuse("its step is not 1")
			}
			pads[0], pads[1] = append(pads[0], a.Start[i]), append(pads[1], n-a.Start[i]-c.types[0].Shape[i])
			twin[0] = append(twin[0], t.Start[i])
			twin[1] = append(twin[1], t.Shape[i]-t.Start[i]-c.twinType(0).Shape[i])
		}
		return c.op("Pad", c.in[0], c.dims(slices.Concat(pads[:]...), slices.Concat(twin[:]...)))
	})
	composed(op.Pad, func(c *emission) string {
		a, t := c.n.Attrs.(op.PadAttrs), c.twin.Attrs.(op.PadAttrs)
		pads := c.dims(slices.Concat(a.Before, a.After), slices.Concat(t.Before, t.After))
		return c.op("Pad", c.in[0], pads, c.number(a.Value))
	})
	composed(op.IndexSelect, func(c *emission) string {
		return c.opAttr("Gather", []*pb.AttributeProto{axisAttr(c)}, c.in...)
	})
	composed(op.Gather, func(c *emission) string {
		return c.opAttr("GatherElements", []*pb.AttributeProto{axisAttr(c)}, c.in...)
	})
	composed(op.Scatter, func(c *emission) string {
		return c.opAttr("ScatterElements", []*pb.AttributeProto{axisAttr(c)}, c.in...)
	})
	composed(op.ScatterAdd, func(c *emission) string {
		return c.opAttr("ScatterElements", []*pb.AttributeProto{axisAttr(c), attrText("reduction", "add")}, c.in...)
	})
	composed(op.ScatterReduce, func(c *emission) string {
		a := c.n.Attrs.(op.ScatterReduceAttrs)
		how := map[cpu.Combine]string{cpu.CombineProd: "mul", cpu.CombineMax: "max", cpu.CombineMin: "min"}[a.How]
		return c.opAttr("ScatterElements", []*pb.AttributeProto{attrInt("axis", a.Axis), attrText("reduction", how)}, c.in...)
	})
}

func exportSlice(c *emission) string {
	a, t := c.n.Attrs.(op.SliceAttrs), c.twin.Attrs.(op.SliceAttrs)
	s, ts := c.types[0].Shape, c.twinType(0).Shape
	var start, stop, tstart, tstop, axes, steps []int
	for i := range s {
		if a.Start[i] == 0 && a.Stop[i] == s[i] && a.Step[i] == 1 && t.Stop[i] == ts[i] {
			continue
		}
		end, tend := a.Stop[i], t.Stop[i]
		if a.Step[i] < 0 && end < 0 { // before the first element
			end, tend = -1<<62, -1<<62
		}
		start, stop = append(start, a.Start[i]), append(stop, end)
		tstart, tstop = append(tstart, t.Start[i]), append(tstop, tend)
		axes, steps = append(axes, i), append(steps, a.Step[i])
	}
	if len(axes) == 0 {
		return c.op("Identity", c.in[0])
	}
	return c.op("Slice", c.in[0], c.dims(start, tstart), c.dims(stop, tstop), c.ints(axes...), c.ints(steps...))
}
