package cpu

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/lathe-ml/lathe/engine"
)

// maxPoolBytes computes MaxPool of U8 data in channels-last order without positions; it reports whether it
// took the case.
func maxPoolBytes(q *pool, dst, index, x *engine.Array) bool {
	if x.DType != engine.U8 || index.Buf != nil || q.in[0] != 1 || q.k[0] != 1 || dst.Numel() == 0 ||
		!ChannelsLast(*x) {
		return false
	}
	c := x.Shape[1]
	d := *dst
	if !ChannelsLast(d) {
		d = NewChannelsLast(engine.U8, dst.Shape)
	}
	rows, cols, taps := q.windowTaps(c)
	offsets := make([][]int, len(taps))
	for i, w := range taps {
		for _, t := range w.taps {
			offsets[i] = append(offsets[i], t[1]*c)
		}
	}
	from, to := bytesAt(x, 0), bytesAt(&d, 0)
	engine.Parallel(x.Shape[0]*q.out[1], max(1, grain/(q.out[2]*c)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			n, y := t/q.out[1], t%q.out[1]
			r := segmentOf(rows, y)
			for s, col := range cols {
				at := r*len(cols) + s
				for i := col.lo; i < col.hi; i++ {
					o := (*uint8)(unsafe.Add(to, (t*q.out[2]+i)*c))
					if len(offsets[at]) == 0 { // dilation keeps the window off the input
						clear(unsafe.Slice(o, c))
						continue
					}
					p := (n*q.in[1]+y*q.stride[1])*q.in[2] + i*q.stride[2] + taps[at].first
					quantTiling.maxBytes(o, (*uint8)(unsafe.Add(from, p*c)), &offsets[at][0], len(offsets[at]), c)
				}
			}
		}
	})
	giveTo(dst, d)
	runtime.KeepAlive(x.Buf)
	return true
}

// segmentOf returns the index of the segment that i lies in.
func segmentOf(all []segment, i int) int {
	k := 0
	for all[k].hi <= i {
		k++
	}
	return k
}

// QuantAvgPool computes the means of windows of U8 data x [n c h w] or [n c w], best channels-last:
// y = (mean of x − xZero)·scale, rounded half to even plus zero for a result of U8 or I8, as it is for F32.
// Padding counts as AvgPool says, with the value xZero; a window that dilation keeps off the input has the
// mean xZero.
func QuantAvgPool(dst, x engine.Array, s PoolSpec, xZero int, scale float32, zero int) error {
	q := newPool(&dst, &x, &s)
	if x.DType != engine.U8 || dst.DType != engine.U8 && dst.DType != engine.I8 && dst.DType != engine.F32 {
		return fmt.Errorf("QuantAvgPool: %v of %v; want u8, i8 or f32 of u8", dst.DType, x.DType)
	}
	if q.in[0] != 1 || q.k[0] != 1 || len(x.Shape) > 4 {
		return fmt.Errorf("QuantAvgPool: input %v; want at most two axes besides samples and channels", x)
	}
	if dst.Numel() == 0 {
		return nil
	}
	d, from := array4(&dst), array4(&x)
	out, in := d, engine.Array{}
	if pixelsLast(d).Buf == nil {
		out = NewChannelsLast(d.DType, d.Shape)
	}
	if in = from; !bytesLast(from) {
		in = slackened(from)
	}
	p := &avgBytes{pool: q, in: imageOf(&in), out: imageOf(&out), c: d.Shape[1], xZero: xZero, scale: scale}
	l := QuantLayer{r: Requant{Zero: zero}}
	p.low, p.high = l.bounds(d.DType)
	p.zero, p.size, p.finish = int32(zero), d.DType.Size(), quantTiling.requantBytes
	if d.DType == engine.F32 {
		p.finish, p.zero = quantTiling.requantFloats, 0
	}
	p.run(d.Shape[0])
	if out.Buf != d.Buf {
		must(Copy(d, out))
	}
	runtime.KeepAlive(p)
	return nil
}

// bytesLast reports whether mixBytes can read a in place: it reads 8 channels at once.
func bytesLast(a engine.Array) bool { return pixelsLast(a).Buf != nil && a.Shape[1]%8 == 0 }

// slackened copies [n c h w] data into channels-last order with readable memory behind it.
func slackened(a engine.Array) engine.Array {
	c, h, w := a.Shape[1], a.Shape[2], a.Shape[3]
	n := a.Numel()
	buf := engine.NewBuffer(n + slackBytes)
	clear(buf.Bytes()[n:])
	b := engine.Array{DType: a.DType, Shape: a.Shape, Strides: []int{h * w * c, 1, w * c, c}, Buf: buf}
	must(Copy(b, a))
	return b
}

// avgBytes is one run of QuantAvgPool.
type avgBytes struct {
	*pool
	in, out   byteImage
	c, size   int
	xZero     int
	scale     float32
	low, high float32
	zero      int32
	finish    func(a *requantArgs)
}

func (p *avgBytes) run(n int) {
	h, w := p.pool.out[1], p.pool.out[2]
	engine.Parallel(n*h, max(1, grain/(w*p.c*p.k[1]*p.k[2])), func(lo, hi int) {
		t := &avgTask{avgBytes: p}
		for i := range t.ones {
			t.ones[i] = 1
		}
		for i := lo; i < hi; i++ {
			for x := range w {
				t.window(i/h, i%h, x)
			}
		}
	})
}

// avgTask is what one thread needs.
type avgTask struct {
	*avgBytes
	ones         [strip]int8
	bias, sums   [strip]int32
	scale, shift [strip]float32
	taps         [][2]int
}

// window computes one mean for all channels.
func (t *avgTask) window(n, y, x int) {
	at := [3]int{0, y, x}
	var lo, hi, pos [3]int
	for i := range 3 {
		lo[i], hi[i], pos[i] = t.span(i, at[i])
	}
	t.taps = t.taps[:0]
	for i := range hi[1] - lo[1] {
		for j := range hi[2] - lo[2] {
			t.taps = append(t.taps, [2]int{i*t.dil[1]*t.in.row + j*t.dil[2]*t.in.pix, 0})
		}
	}
	factor := float32(0)
	if d := t.divisorAt(&at, &lo, &hi); d > 0 {
		factor = float32(float64(t.avgBytes.scale) / d)
	}
	for i := range t.bias {
		t.bias[i], t.scale[i] = int32(-t.xZero*len(t.taps)), factor
	}
	a := requantArgs{
		sums: &t.sums[0], ld: t.out.pix, rows: 1, scale: &t.scale[0], shift: &t.shift[0], low: t.low, high: t.high,
		zero: t.zero,
	}
	for c := 0; c < t.c; c += strip {
		a.columns = min(strip, t.c-c)
		a.dst = unsafe.Add(t.out.at(n, y, x), c*t.size)
		copy(t.sums[:], t.bias[:])
		if len(t.taps) > 0 {
			from := (*uint8)(unsafe.Add(t.in.at(n, pos[1], pos[2]), c))
			quantTiling.mixBytes(&t.sums[0], &t.bias[0], from, &t.ones[0], &t.taps[0], len(t.taps), a.columns)
		}
		t.finish(&a)
	}
}
