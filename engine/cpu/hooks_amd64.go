package cpu

import "unsafe"

// Slices to assembly. The AVX-512 routines take any length, the AVX2 ones whole vectors: the rest goes
// through a vector of its own, so that the value of an element does not depend on where the slice
// begins and ends.

// binding installs the form of one function for a level.
type binding func(level string)

// lanesOf is the number of elements that an AVX2 routine takes at once.
func lanesOf[D, T any]() int {
	var d D
	var t T
	return 32 / int(max(unsafe.Sizeof(d), unsafe.Sizeof(t)))
}

// at is the first element of a slice that has n.
func at[T any](x []T, n int) *T { return &x[:n][0] }

// choose sets *f to one of the forms; a level whose form is nil keeps the portable one.
func choose[F any](f *F, portable, avx512, avx2 F, has512, has256 bool) binding {
	return func(level string) {
		switch *f = portable; {
		case level == "avx512" && has512:
			*f = avx512
		case level == "avx2" && has256:
			*f = avx2
		}
	}
}

func bind1[D, T any](f *func(d []D, x []T), f512, f256 func(d *D, x *T, n int)) binding {
	lanes := lanesOf[D, T]()
	return choose(f, *f, func(d []D, x []T) {
		if n := len(d); n > 0 {
			f512(&d[0], at(x, n), n)
		}
	}, func(d []D, x []T) {
		n := len(d) / lanes * lanes
		if n > 0 {
			f256(&d[0], at(x, n), n)
		}
		if n < len(d) {
			var bd [8]D
			var bx [8]T
			copy(bx[:], x[n:len(d)])
			f256(&bd[0], &bx[0], lanes)
			copy(d[n:], bd[:])
		}
	}, f512 != nil, f256 != nil)
}

func bind2[D, T any](f *func(d []D, x, y []T), f512, f256 func(d *D, x, y *T, n int)) binding {
	lanes := lanesOf[D, T]()
	return choose(f, *f, func(d []D, x, y []T) {
		if n := len(d); n > 0 {
			f512(&d[0], at(x, n), at(y, n), n)
		}
	}, func(d []D, x, y []T) {
		n := len(d) / lanes * lanes
		if n > 0 {
			f256(&d[0], at(x, n), at(y, n), n)
		}
		if n < len(d) {
			var bd [8]D
			var bx, by [8]T
			copy(bx[:], x[n:len(d)])
			copy(by[:], y[n:len(d)])
			f256(&bd[0], &bx[0], &by[0], lanes)
			copy(d[n:], bd[:])
		}
	}, f512 != nil, f256 != nil)
}

// bindSlope is bind1 for a function and its derivative.
func bindSlope(f *func(y, slope, x []float32), f512, f256 func(y, slope, x *float32, n int)) binding {
	const lanes = 8
	return choose(f, *f, func(y, slope, x []float32) {
		if n := len(y); n > 0 {
			f512(&y[0], at(slope, n), at(x, n), n)
		}
	}, func(y, slope, x []float32) {
		n := len(y) / lanes * lanes
		if n > 0 {
			f256(&y[0], at(slope, n), at(x, n), n)
		}
		if n < len(y) {
			var by, bs, bx [lanes]float32
			copy(bx[:], x[n:len(y)])
			f256(&by[0], &bs[0], &bx[0], lanes)
			copy(y[n:], by[:])
			copy(slope[n:len(y)], bs[:])
		}
	}, true, true)
}

// bindWhere is bind2 with a condition.
func bindWhere[T any](f *func(d []T, c []uint8, x, y []T),
	f512, f256 func(d *T, c *uint8, x, y *T, n int),
) binding {
	lanes := lanesOf[T, T]()
	return choose(f, *f, func(d []T, c []uint8, x, y []T) {
		if n := len(d); n > 0 {
			f512(&d[0], at(c, n), at(x, n), at(y, n), n)
		}
	}, func(d []T, c []uint8, x, y []T) {
		n := len(d) / lanes * lanes
		if n > 0 {
			f256(&d[0], at(c, n), at(x, n), at(y, n), n)
		}
		for i := n; i < len(d); i++ {
			d[i] = y[i]
			if c[i] != 0 {
				d[i] = x[i]
			}
		}
	}, true, true)
}

// Functions with scalar parameters bind them and go through the forms without.

func bindScalar(f *func(d, x []float32, s float32),
	f512, f256 func(d, x *float32, n int, s float32),
) binding {
	return choose(f, *f, func(d, x []float32, s float32) {
		if n := len(d); n > 0 {
			f512(&d[0], at(x, n), n, s)
		}
	}, func(d, x []float32, s float32) {
		n := len(d) &^ 7
		if n > 0 {
			f256(&d[0], at(x, n), n, s)
		}
		if n < len(d) {
			var b [8]float32
			copy(b[:], x[n:len(d)])
			f256(&b[0], &b[0], 8, s)
			copy(d[n:], b[:])
		}
	}, true, true)
}

func bindScalar2(f *func(d, x, y []float32, s float32),
	f512, f256 func(d, x, y *float32, n int, s float32),
) binding {
	return choose(f, *f, func(d, x, y []float32, s float32) {
		if n := len(d); n > 0 {
			f512(&d[0], at(x, n), at(y, n), n, s)
		}
	}, func(d, x, y []float32, s float32) {
		n := len(d) &^ 7
		if n > 0 {
			f256(&d[0], at(x, n), at(y, n), n, s)
		}
		if n < len(d) {
			var bx, by [8]float32
			copy(bx[:], x[n:len(d)])
			copy(by[:], y[n:len(d)])
			f256(&bx[0], &bx[0], &by[0], 8, s)
			copy(d[n:], bx[:])
		}
	}, true, true)
}

// bindBounds is for functions with two scalar parameters.
func bindBounds[T any](f *func(d, x []T, lo, hi T), f512, f256 func(d, x *T, n int, lo, hi T)) binding {
	lanes := lanesOf[T, T]()
	return choose(f, *f, func(d, x []T, lo, hi T) {
		if n := len(d); n > 0 {
			f512(&d[0], at(x, n), n, lo, hi)
		}
	}, func(d, x []T, lo, hi T) {
		n := len(d) / lanes * lanes
		if n > 0 {
			f256(&d[0], at(x, n), n, lo, hi)
		}
		if n < len(d) {
			var b [8]T
			copy(b[:], x[n:len(d)])
			f256(&b[0], &b[0], lanes, lo, hi)
			copy(d[n:], b[:])
		}
	}, true, true)
}

// bindLimited is bind1 for a function whose assembly is right up to a magnitude; the portable form
// computes the elements beyond.
func bindLimited[T float](f *func(d, x []T), f512, f256 func(d, x *T, n int), limit T,
	exceeds512, exceeds256 func(x *T, n int, limit T) bool,
) binding {
	portable := *f
	inner := bind1(f, f512, f256)
	return func(level string) {
		if inner(level); level == "portable" {
			return
		}
		fast, exceeds := *f, exceeds512
		if level == "avx2" {
			exceeds = exceeds256
		}
		*f = func(d, x []T) {
			const part = 2048
			for len(d) > 0 {
				n := min(len(d), part)
				limited(d[:n], x[:n], limit, fast, portable, exceeds)
				d, x = d[n:], x[n:]
			}
		}
	}
}

func limited[T float](d, x []T, limit T, fast, portable func(d, x []T),
	exceeds func(x *T, n int, limit T) bool,
) {
	n := len(x) &^ 15
	far := n > 0 && exceeds(&x[0], n, limit)
	for _, v := range x[n:] {
		far = far || v > limit || v < -limit
	}
	if !far {
		fast(d, x)
		return
	}
	all := make([]T, len(x)) // d may be x
	copy(all, x)
	fast(d, all)
	for i, v := range all {
		if v > limit || v < -limit {
			portable(d[i:i+1], all[i:i+1])
		}
	}
}

// byWords computes a bitwise function of bytes from that of 8-byte words.
func byWords(words *func(d, x, y []int64), bytes func(d, x, y []uint8)) func(d, x, y []uint8) {
	return func(d, x, y []uint8) {
		n := len(d) / 8
		if n > 0 {
			(*words)(view[int64](d, n), view[int64](x, n), view[int64](y, n))
		}
		bytes(d[8*n:], x[8*n:], y[8*n:])
	}
}

func view[T any](x []uint8, n int) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(x))), n)
}

// bindings are the functions that assembly replaces.
var bindings = joined(arithmeticBindings, functionBindings, pastBindings, scalarBindings, comparisonBindings, integerBindings,
	conversionBindings, reductionBindings, randomBindings)

func joined(parts ...[]binding) []binding {
	var all []binding
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func init() {
	And.U8 = byWords(&And.I64, And.U8)
	Or.U8 = byWords(&Or.I64, Or.U8)
	Xor.U8 = byWords(&Xor.I64, Xor.U8)
	start()
}

// hook puts the routines of a level in place.
func hook(level string) {
	for _, h := range bindings {
		h(level)
	}
	hookStreams(level)
	hookOptimizers(level)
}

func hookStreams(level string) {
	stream = nil
	f := stream512
	switch level {
	case "portable":
		return
	case "avx2":
		f = stream256
	}
	stream = func(d, s []byte) { f(&d[0], at(s, len(d)), len(d)) }
}
