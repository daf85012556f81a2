package cpu

import (
	"math"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// Pooling of channels-last data: the channels of a window are computed together.

// maxWindow computes the maxima over the taps of a window for n channels, and the position at + that of
// the tap. A tap is a pair of a distance in bytes and a position. Assembly replaces it.
var maxWindow = maxWindowGo

func maxWindowGo(d *float32, index *int64, x *float32, taps *[2]int, count, n, at int) {
	ds, is := floatsAt(d, 0, n), unsafe.Slice(index, n)
	for t, tap := range tapsAt(taps, count) {
		p := int64(at + tap[1])
		for c, v := range floatsAt(x, tap[0], n) {
			if b := ds[c]; t == 0 || v > b || v != v && b == b {
				ds[c], is[c] = v, p
			}
		}
	}
}

// windows see the same taps: first is the position of the first one relative to the window, the others
// are relative to it.
type windows struct {
	first int
	taps  [][2]int
}

// windowTaps lists the taps of each rectangle of windows that see the same ones.
func (q *pool) windowTaps(c int) (rows, cols []segment, taps []windows) {
	offsets := func(i int) []int {
		d := make([]int, q.k[i])
		for k := range d {
			d[k] = k*q.dil[i] - q.pad[i]
		}
		return d
	}
	dy, dx := offsets(1), offsets(2)
	rows = segments(q.out[1], q.in[1], q.stride[1], dy)
	cols = segments(q.out[2], q.in[2], q.stride[2], dx)
	for _, r := range rows {
		for _, s := range cols {
			var w windows
			for _, y := range r.taps {
				for _, x := range s.taps {
					at := dy[y]*q.in[2] + dx[x]
					if len(w.taps) == 0 {
						w.first = at
					}
					w.taps = append(w.taps, [2]int{4 * (at - w.first) * c, at - w.first})
				}
			}
			taps = append(taps, w)
		}
	}
	return rows, cols, taps
}

// maxPoolLast computes MaxPool on channels-last arrays with up to two spatial axes; it reports whether it
// took the case.
func maxPoolLast(q *pool, dst, index, x *engine.Array) bool {
	if x.DType != engine.F32 || q.in[0] != 1 || q.k[0] != 1 || dst.Numel() == 0 ||
		!ChannelsLast(*x) || x.Shape[2:].Numel() > math.MaxInt32 {
		return false
	}
	c := x.Shape[1]
	d, ix := NewChannelsLast(engine.F32, dst.Shape), NewChannelsLast(engine.I64, dst.Shape)
	if ChannelsLast(*dst) {
		d = *dst
	}
	if index.Buf != nil && ChannelsLast(*index) {
		ix = *index
	}
	ds, is := whole[float32](&d)[d.Offset:], whole[int64](&ix)[ix.Offset:]
	xs := whole[float32](x)[x.Offset:]
	rows, cols, taps := q.windowTaps(c)
	points := q.out[1] * q.out[2]
	work := q.out[2] * c * q.k[1] * q.k[2]
	engine.Parallel(x.Shape[0]*q.out[1], max(1, grain/work), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			n, y := t/q.out[1], t%q.out[1]
			r := 0 // row of rectangles
			for rows[r].hi <= y {
				r++
			}
			for s, col := range cols {
				w := &taps[r*len(cols)+s]
				for i := col.lo; i < col.hi; i++ {
					o := (n*points + y*q.out[2] + i) * c
					if len(w.taps) == 0 {
						emptyWindow(ds[o:o+c], is[o:o+c])
						continue
					}
					at := y*q.stride[1]*q.in[2] + i*q.stride[2] + w.first
					from := &xs[(n*q.in[1]*q.in[2]+at)*c]
					maxWindow(&ds[o], &is[o], from, &w.taps[0], len(w.taps), c, at)
				}
			}
		}
	})
	giveTo(dst, d)
	if index.Buf != nil {
		giveTo(index, ix)
	}
	return true
}

// emptyWindow is a window that dilation keeps off the input.
func emptyWindow(d []float32, index []int64) {
	for i := range d {
		d[i] = float32(math.Inf(-1))
	}
	clear(index)
}

// giveTo copies d to a unless it is a.
func giveTo(a *engine.Array, d engine.Array) {
	if d.Buf != a.Buf {
		must(Copy(*a, d))
		d.Buf.Release()
	}
}

// maxPoolGradLast is MaxPoolGrad for a channels-last index; it reports whether it took the case.
func maxPoolGradLast(dx, dy, index *engine.Array) bool {
	if dx.DType != engine.F32 || len(dx.Shape) > 4 || dx.Numel() == 0 ||
		!ChannelsLast(*index) || !ChannelsLast(*dx) {
		return false
	}
	g := lastCopy(*dy)
	c := dx.Shape[1]
	size, points := dx.Shape[2:].Numel(), dy.Shape[2:].Numel()
	d, gs := whole[float32](dx)[dx.Offset:], whole[float32](&g)[g.Offset:]
	ix := whole[int64](index)[index.Offset:]
	engine.Parallel(dx.Shape[0], max(1, grain/(size*c)), func(lo, hi int) {
		for n := lo; n < hi; n++ {
			plane := d[n*size*c : (n+1)*size*c]
			clear(plane)
			for p := n * points * c; p < (n+1)*points*c; p += c {
				row := gs[p : p+c]
				for k, at := range ix[p : p+c] {
					plane[int(at)*c+k] += row[k]
				}
			}
		}
	})
	return true
}
