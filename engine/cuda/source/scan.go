package source

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// wideScan is the length from which a block takes a line.
const wideScan = 512

// sortRoom is the number of elements that a block sorts in shared memory.
const sortRoom = 1024

// scanning is the form of a running reduction by reducer k.
func scanning(k string) form {
	return func(c *call) error {
		axis, x, y := []int{c.attrs.(op.AxisAttrs).Axis}, c.in[0], c.out[0]
		if y.Numel() == 0 {
			return nil
		}
		xo, xi := split(x, axis)
		yo, yi := split(y, axis)
		shape, st := collapse(xo.Shape, xo.Strides, yo.Strides)
		a := (&args{c: c}).ints(xo.Numel(), xi.Shape[0]).ints(shape...).ints(st[0]...).ints(xi.Strides[0])
		a.ints(st[1]...).ints(yi.Strides[0]).array(x).array(y)
		in, out, r := ctype(x.DType), ctype(y.DType), len(shape)
		f, grid := "scan", over(xo.Numel())
		if xo.Numel() < busyThreads && xi.Shape[0] >= wideScan {
			f, grid = "scan_wide", rows(xo.Numel())
		}
		kernel := instance("scan", f, fmt.Sprintf("ScanArgs<%s, %s, %d>", in, out, r), in, out,
			fmt.Sprintf("%s<%s, %s>", k, in, out), r)
		kernel.parts = []string{"math", "reduce", "scan"}
		c.launch(kernel, grid, a)
		return nil
	}
}

// sorting is the form of Sort and TopK.
func sorting(c *call) error {
	var axis, keep int
	var descending bool
	x, values, index := c.in[0], c.out[0], c.out[1]
	switch p := c.attrs.(type) {
	case op.SortAttrs:
		axis, descending, keep = p.Axis, p.Descending, x.Shape[p.Axis]
	case op.TopKAttrs:
		axis, descending, keep = p.Axis, !p.Smallest, p.K
	}
	if values.Numel() == 0 {
		return nil
	}
	xo, xi := split(x, []int{axis})
	vo, vi := split(values, []int{axis})
	io, ii := split(index, []int{axis})
	n, lines := x.Shape[axis], xo.Numel()
	if n > math.MaxInt32 {
		return fmt.Errorf("has %d elements in a line, want less than 2³¹", n)
	}
	room := max(2, 1<<bits.Len(uint(n-1)))
	order := c.temp(engine.I64, engine.Shape{lines * room})
	shape, st := collapse(xo.Shape, xo.Strides, vo.Strides, io.Strides)
	t, r := ctype(x.DType), len(shape)
	step := func(f string, size, distance, threads int) {
		a := (&args{c: c}).ints(lines, n, room, bit(descending), size, distance, keep).ints(shape...)
		a.ints(st[0]...).ints(xi.Strides[0]).ints(st[1]...).ints(vi.Strides[0]).ints(st[2]...).ints(ii.Strides[0])
		a.array(x).array(order).array(values).array(index)
		k := instance("scan", f, fmt.Sprintf("SortArgs<%s, %d>", t, r), t, r)
		k.parts = []string{"math", "reduce", "scan"}
		c.launch(k, over(threads), a)
	}
	small := min(room, sortRoom)
	blocks := lines * (room / small) * blockSize // threads
	step("sort_begin", 2, 0, blocks)
	for size := 2 * small; size <= room; size *= 2 {
		distance := size / 2
		for ; distance >= small; distance /= 2 {
			step("sort_step", size, distance, lines*room/2)
		}
		step("sort_rest", size, distance, blocks)
	}
	step("sort_end", 0, 0, lines*keep)
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
