package cpu

import (
	"runtime"

	"github.com/lathe-ml/lathe/engine"
)

// Depthwise convolution: each channel has a kernel of its own. On channels-last data the channels of a
// pixel are computed together.

// sumWindow computes for n channels bias, which may be nil, plus the sums over the taps of one window of values
// times weights, within bounds that let NaN pass. A tap is a pair of distances in bytes: of the values from x and
// of the weights from w. Assembly replaces it.
var sumWindow = sumWindowGo

func sumWindowGo(d, x, w, bias *float32, taps *[2]int, count, n int, low, high float32) {
	ds := floatsAt(d, 0, n)
	clear(ds)
	if bias != nil {
		copy(ds, floatsAt(bias, 0, n))
	}
	for _, t := range tapsAt(taps, count) {
		ws := floatsAt(w, t[1], n)
		for c, v := range floatsAt(x, t[0], n) {
			ds[c] += v * ws[c]
		}
	}
	for c, v := range ds {
		ds[c] = bounded(v, low, high)
	}
}

// besides is the number of windows that sumWindows computes.
const besides = 4

// sumWindows is sumWindow for windows beside each other: ldd and ldx bytes lie between their results and values.
var sumWindows = sumWindowsGo

func sumWindowsGo(d, x, w, bias *float32, taps *[2]int, count, n int, low, high float32, ldd, ldx int) {
	for i := range besides {
		sumWindowGo(&floatsAt(d, i*ldd, 1)[0], &floatsAt(x, i*ldx, 1)[0], w, bias, taps, count, n, low, high)
	}
}

// depthwise reports whether q has one input and one output channel in each group.
func (q *geometry) depthwise() bool { return q.tiles() && q.g > 1 && q.ci == 1 && q.co == 1 }

// perTap returns the weight [c 1 kernel] as [kernel c].
func perTap(q *geometry, f *filters) (d []float32, release func()) {
	return f.form(asTaps, q.g*q.kernelSize, func(d []float32) {
		p := packedCopy(*f.w)
		transposeGo(d, flatSlice[float32](&p), 0, 0, q.kernelSize, q.g, q.g, q.kernelSize)
		runtime.KeepAlive(p.Buf)
	})
}

// depthSweep computes a sweep whose groups have one channel.
func depthSweep(s *sweep) {
	s.prepare()
	c := s.q.g
	work := s.w * c * max(len(s.taps), 1)
	engine.Parallel(s.q.n*s.h, max(1, grain/work), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			n, y := t/s.h, t%s.h
			r := 0 // row of rectangles
			for s.rows[r].hi <= y {
				r++
			}
			for j, col := range s.cols {
				s.windows(n, y, s.rows[r].taps, col, s.offsets[r*len(s.cols)+j])
			}
		}
	})
}

// windows computes the windows of one row that see the same taps.
func (s *sweep) windows(n, y int, rows []int, col segment, list [][2]int) {
	c := s.q.g
	var bias *float32
	if s.bias != nil {
		bias = &s.bias[0]
	}
	for i := col.lo; i < col.hi; {
		d := s.out.d[s.out.at(n, y*s.oy+s.py, i*s.ox+s.px):][:c]
		if len(list) == 0 {
			s.unmet(d, 0, nil)
			i++
			continue
		}
		x := s.in.at(n, y*s.sy+s.dy[rows[0]], i*s.sx+s.dx[col.taps[0]])
		if i+besides <= col.hi {
			sumWindows(&d[0], &s.in.d[x], &s.packed[0], bias, &list[0], len(list), c, s.low, s.high,
				4*s.ox*s.out.pix, 4*s.sx*s.in.pix)
			i += besides
			continue
		}
		sumWindow(&d[0], &s.in.d[x], &s.packed[0], bias, &list[0], len(list), c, s.low, s.high)
		i++
	}
}

// depthwiseForward is the forward pass.
func depthwiseForward(q *geometry, dst, x, bias *engine.Array, f *filters, a after) {
	in := asChannelsLast(ptr(array4(x)))
	defer in.release()
	out, direct := q.output(dst)
	defer out.release()
	if q.tiledDepth() {
		depthTiledForward(q, in, out, bias, f, a)
	} else {
		depthSweepForward(q, in, out, bias, f, a)
	}
	if !direct {
		must(Copy(array4(dst), out.array(q.n, q.g, q.out[1], q.out[2])))
	}
}

// depthSweepForward is the forward pass for all filters.
func depthSweepForward(q *geometry, in, out *image, bias *engine.Array, f *filters, a after) {
	s := forwardSweep(q, in, out, a)
	for t := range q.kernelSize {
		s.taps = append(s.taps, 4*t*q.g)
	}
	if bias.Buf != nil {
		s.bias = flatSlice[float32](ptr(lasting(*bias)))
	}
	var release func()
	s.packed, release = perTap(q, f)
	defer release()
	depthSweep(s)
}

// depthwiseInput computes the input's gradient.
func depthwiseInput(q *geometry, dx, dy, w *engine.Array) {
	x4 := array4(dx)
	in := asChannelsLast(ptr(array4(dy)))
	defer in.release()
	out := channelsLast(&x4)
	direct := out != nil
	if !direct {
		out = newImage(q.n, q.in[1], q.in[2], q.g)
		defer out.release()
	}
	packed, release := perTap(q, &filters{w: w})
	defer release()
	q.phases(in, out, func(s *sweep) {
		s.packed = packed
		s.phase(4 * q.g)
		depthSweep(s)
	})
	if !direct {
		must(Copy(x4, out.array(q.n, q.g, q.in[1], q.in[2])))
	}
}

// depthwiseWeight computes the weight's gradient: for each tap the products of dy with the pixels that
// it meets, summed over rows of the result.
func depthwiseWeight(q *geometry, dw, x, dy *engine.Array) {
	in, up := asChannelsLast(ptr(array4(x))), asChannelsLast(ptr(array4(dy)))
	defer in.release()
	defer up.release()
	c, rows := q.g, q.n*q.out[1]
	pieces := min(columnPieces, rows)
	size := q.kernelSize * c
	buf := engine.NewBuffer(4 * pieces * size)
	defer buf.Release()
	parts := floats(buf)
	clear(parts)
	least := max(1, grain*pieces/(rows*q.out[2]*size))
	engine.Parallel(pieces, least, func(lo, hi int) {
		zero, unused := make([]float32, c), make([]float32, c)
		for p := lo; p < hi; p++ {
			acc := parts[p*size:][:size]
			for r := rows * p / pieces; r < rows*(p+1)/pieces; r++ {
				q.depthRow(acc, in, up, r/q.out[1], r%q.out[1], zero, unused)
			}
		}
	})
	for p := 1; p < pieces; p++ {
		addInto(parts[:size], parts[p*size:][:size])
	}
	sums := engine.Array{
		DType: engine.F32, Shape: engine.Shape{c, 1, q.k[1], q.k[2]}, Buf: buf,
		Strides: []int{1, 1, q.k[2] * c, c},
	}
	must(Copy(array4(dw), sums))
}

// depthRow adds the products of row y of the result in sample n.
func (q *geometry) depthRow(acc []float32, in, up *image, n, y int, zero, unused []float32) {
	c := q.g
	for kh := range q.k[1] {
		row := y*q.stride[1] + kh*q.dil[1] - q.pad[1]
		if row < 0 || row >= q.in[1] {
			continue
		}
		for kw := range q.k[2] {
			d := kw*q.dil[2] - q.pad[2]
			lo, hi := validRange(d, q.stride[2], q.in[2], q.out[2])
			if lo >= hi {
				continue
			}
			g, v := up.at(n, y, lo), in.at(n, row, lo*q.stride[2]+d)
			columnDots(&up.d[g], &in.d[v], &zero[0], &unused[0], &acc[(kh*q.k[2]+kw)*c], hi-lo, c,
				4*up.pix, 4*q.stride[2]*in.pix)
		}
	}
}
