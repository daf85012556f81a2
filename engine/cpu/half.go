package cpu

import "math"

// F16 is IEEE binary16, BF16 the upper half of a binary32; both round half to even.

var (
	widenF16, narrowF16   = widenF16Go, narrowF16Go
	widenBF16, narrowBF16 = widenBF16Go, narrowBF16Go
)

func widenF16Go(d []float32, s []uint16) {
	for i, h := range s {
		d[i] = fromF16(h)
	}
}

func narrowF16Go(d []uint16, s []float32) {
	for i, v := range s {
		d[i] = toF16(v)
	}
}

func widenBF16Go(d []float32, s []uint16) {
	for i, h := range s {
		d[i] = math.Float32frombits(uint32(h) << 16)
	}
}

func narrowBF16Go(d []uint16, s []float32) {
	for i, v := range s {
		d[i] = toBF16(v)
	}
}

func toBF16(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func fromF16(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&0x3ff)
	switch exp {
	case 0: // zero and subnormals: frac · 2⁻²⁴
		v := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

func toF16(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00
	case b >= 0x477ff000: // rounds to 65536 or more
		return sign | 0x7c00
	case b < 0x38800000: // subnormal in F16: adding 0.5 aligns the fraction and rounds it
		f := math.Float32frombits(b) + 0.5
		return sign | uint16(math.Float32bits(f)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1
	return sign | uint16((b-(112<<23))>>13)
}
