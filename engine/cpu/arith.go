package cpu

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// Arithmetic on every real dtype. Integers wrap around.
var (
	Add = &Vec2{
		Name: "Add", F32: addV[float32], F64: addV[float64], I64: addV[int64],
		I32: addV[int32], I16: addV[int16], I8: addV[int8], U8: addV[uint8],
		F32S: addS, F32R: addS,
	}
	Sub = &Vec2{
		Name: "Sub", F32: subV[float32], F64: subV[float64], I64: subV[int64],
		I32: subV[int32], I16: subV[int16], I8: subV[int8], U8: subV[uint8],
		F32S: subS, F32R: subR,
	}
	Mul = &Vec2{
		Name: "Mul", F32: mulV[float32], F64: mulV[float64], I64: mulV[int64],
		I32: mulV[int32], I16: mulV[int16], I8: mulV[int8], U8: mulV[uint8],
		F32S: mulS, F32R: mulS,
	}
	// Div is true division; floats only.
	Div = &Vec2{Name: "Div", Cost: 2, F32: divV[float32], F64: divV[float64], F32S: divS}
	// Maximum and Minimum give NaN when either operand is NaN.
	Maximum = &Vec2{
		Name: "Maximum", F32: maxV[float32], F64: maxV[float64], I64: maxV[int64],
		I32: maxV[int32], I16: maxV[int16], I8: maxV[int8], U8: maxV[uint8],
	}
	Minimum = &Vec2{
		Name: "Minimum", F32: minV[float32], F64: minV[float64], I64: minV[int64],
		I32: minV[int32], I16: minV[int16], I8: minV[int8], U8: minV[uint8],
	}
	// TruncDiv rounds toward zero.
	TruncDiv = &Vec2{
		Name: "TruncDiv", Cost: 8, NonZero: true,
		F32: lift32(func(x, y float64) float64 { return math.Trunc(x / y) }),
		F64: map2(func(x, y float64) float64 { return math.Trunc(x / y) }),
		I64: quoV[int64], I32: quoV[int32], I16: quoV[int16], I8: quoV[int8], U8: quoV[uint8],
	}
	// FloorDiv rounds toward −∞.
	FloorDiv = &Vec2{
		Name: "FloorDiv", Cost: 8, NonZero: true,
		F32: lift32(floorDiv), F64: map2(floorDiv), I64: floorQuoV[int64],
		I32: floorQuoV[int32], I16: floorQuoV[int16], I8: floorQuoV[int8], U8: quoV[uint8],
	}
	// Mod is the remainder with the sign of the divisor: x − FloorDiv(x, y)·y.
	Mod = &Vec2{
		Name: "Mod", Cost: 8, NonZero: true,
		F32: lift32(floorMod), F64: map2(floorMod), I64: floorModV[int64],
		I32: floorModV[int32], I16: floorModV[int16], I8: floorModV[int8], U8: remV[uint8],
	}
	// Fmod is the remainder with the sign of the dividend.
	Fmod = &Vec2{
		Name: "Fmod", Cost: 8, NonZero: true,
		F32: lift32(math.Mod), F64: map2(math.Mod), I64: remV[int64],
		I32: remV[int32], I16: remV[int16], I8: remV[int8], U8: remV[uint8],
	}
	// Pow of an integer to a negative integer power is 0, except for the bases 1 and −1.
	Pow = &Vec2{
		Name: "Pow", Cost: 16, F32: lift32(math.Pow), F64: map2(math.Pow),
		I64: map2(powInt[int64]), I32: map2(powInt[int32]), I16: map2(powInt[int16]),
		I8: map2(powInt[int8]), U8: map2(powInt[uint8]),
	}
	Atan2 = Lift2("Atan2", math.Atan2)
	Hypot = Lift2("Hypot", math.Hypot)
	// And, Or and Xor are bitwise; on Bool they are the logical functions.
	And = &Vec2{
		Name: "And", I64: map2(andOf[int64]), I32: map2(andOf[int32]),
		I16: map2(andOf[int16]), I8: map2(andOf[int8]), U8: map2(andOf[uint8]),
	}
	Or = &Vec2{
		Name: "Or", I64: map2(orOf[int64]), I32: map2(orOf[int32]),
		I16: map2(orOf[int16]), I8: map2(orOf[int8]), U8: map2(orOf[uint8]),
	}
	Xor = &Vec2{
		Name: "Xor", I64: map2(xorOf[int64]), I32: map2(xorOf[int32]),
		I16: map2(xorOf[int16]), I8: map2(xorOf[int8]), U8: map2(xorOf[uint8]),
	}
)

// Sign-like functions on every real dtype.
var (
	Neg = &Vec1{
		Name: "Neg", F32: negV[float32], F64: negV[float64], I64: negV[int64],
		I32: negV[int32], I16: negV[int16], I8: negV[int8], U8: negV[uint8],
	}
	Abs = &Vec1{
		Name: "Abs", F32: absF32, F64: map1(math.Abs), I64: map1(absInt[int64]),
		I32: map1(absInt[int32]), I16: map1(absInt[int16]), I8: map1(absInt[int8]),
		U8: copySlice[uint8],
	}
	// Sign is −1, 0 or 1; 0 for NaN.
	Sign = &Vec1{
		Name: "Sign", F32: map1(signOf[float32]), F64: map1(signOf[float64]),
		I64: map1(signOf[int64]), I32: map1(signOf[int32]), I16: map1(signOf[int16]),
		I8: map1(signOf[int8]), U8: map1(signOf[uint8]),
	}
	Square = &Vec1{
		Name: "Square", F32: squareV[float32], F64: squareV[float64],
		I64: squareV[int64], I32: squareV[int32], I16: squareV[int16], I8: squareV[int8],
		U8: squareV[uint8],
	}
	// BitNot inverts every bit of an integer.
	BitNot = &Vec1{
		Name: "BitNot", I64: map1(notOf[int64]), I32: map1(notOf[int32]),
		I16: map1(notOf[int16]), I8: map1(notOf[int8]), U8: map1(notOf[uint8]),
	}
)

func addV[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] + y[i]
	}
}

func subV[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] - y[i]
	}
}

func mulV[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] * y[i]
	}
}

func divV[T float](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] / y[i]
	}
}

func maxV[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = max(x[i], y[i])
	}
}

func minV[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = min(x[i], y[i])
	}
}

func addS(d, x []float32, y float32) {
	for i, v := range x {
		d[i] = v + y
	}
}

func subS(d, x []float32, y float32) {
	for i, v := range x {
		d[i] = v - y
	}
}

func subR(d, y []float32, x float32) {
	for i, v := range y {
		d[i] = x - v
	}
}

func mulS(d, x []float32, y float32) {
	for i, v := range x {
		d[i] = v * y
	}
}

func divS(d, x []float32, y float32) {
	for i, v := range x {
		d[i] = v / y
	}
}

func init() { Pow.F32S = powS } // which refers to Pow

// powS computes the powers that need no logarithm by multiplication, as PyTorch does.
func powS(d, x []float32, y float32) {
	switch y {
	case 1:
		copy(d, x)
	case 2:
		Square.F32(d, x)
	case 3:
		for i := 0; i < len(x); i += chunk {
			p, v := d[i:min(i+chunk, len(x))], x[i:min(i+chunk, len(x))]
			if &p[0] == &v[0] {
				cube(p, v)
				continue
			}
			Square.F32(p, v)
			Mul.F32(p, p, v)
		}
	default:
		powLine(d, x, y)
	}
}

func cube(d, x []float32) {
	for i, v := range x {
		d[i] = v * v * v
	}
}

func powLine(d, x []float32, y float32) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	ys := part[float32](s, 0)
	fillSlice(ys, y)
	for i := 0; i < len(x); i += chunk {
		n := min(chunk, len(x)-i)
		Pow.F32(d[i:i+n], x[i:i+n], ys[:n])
	}
}

func negV[T number](d, x []T) {
	for i, v := range x {
		d[i] = -v
	}
}

func squareV[T number](d, x []T) {
	for i, v := range x {
		d[i] = v * v
	}
}

func absF32(d, x []float32) {
	for i, v := range x {
		d[i] = math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
	}
}

func quoV[T integer](d, x, y []T) {
	for i := range d {
		d[i] = x[i] / y[i]
	}
}

func remV[T integer](d, x, y []T) {
	for i := range d {
		d[i] = x[i] % y[i]
	}
}

func floorQuoV[T integer](d, x, y []T) {
	for i := range d {
		q, r := x[i]/y[i], x[i]%y[i]
		if r != 0 && (r < 0) != (y[i] < 0) {
			q--
		}
		d[i] = q
	}
}

func floorModV[T integer](d, x, y []T) {
	for i := range d {
		r := x[i] % y[i]
		if r != 0 && (r < 0) != (y[i] < 0) {
			r += y[i]
		}
		d[i] = r
	}
}

// floorDiv follows Python and PyTorch: computed from the exact remainder, so that the quotient of a
// number just below a multiple is not rounded up to it.
func floorDiv(x, y float64) float64 {
	if y == 0 {
		return x / y
	}
	m := math.Mod(x, y)
	q := (x - m) / y
	if m != 0 && (y < 0) != (m < 0) {
		q--
	}
	if q == 0 {
		return math.Copysign(0, x/y)
	}
	f := math.Floor(q)
	if q-f > 0.5 {
		f++
	}
	return f
}

func floorMod(x, y float64) float64 {
	m := math.Mod(x, y)
	if m != 0 && (y < 0) != (m < 0) {
		m += y
	}
	return m
}

func powInt[T integer](x, y T) T {
	if y < 0 {
		switch {
		case x == 1:
			return 1
		case x+1 == 0 && x < 0:
			if y%2 == 0 {
				return 1
			}
			return x
		}
		return 0
	}
	r := T(1)
	for ; y > 0; y >>= 1 {
		if y&1 == 1 {
			r *= x
		}
		x *= x
	}
	return r
}

func andOf[T integer](x, y T) T { return x & y }
func orOf[T integer](x, y T) T  { return x | y }
func xorOf[T integer](x, y T) T { return x ^ y }
func notOf[T integer](x T) T    { return ^x }

func absInt[T integer](x T) T {
	if x < 0 {
		return -x
	}
	return x
}

func signOf[T number](x T) T {
	switch {
	case x > 0:
		return 1
	case x < 0:
		var one T = 1
		return -one
	}
	return 0
}

// AddScaled computes dst = x + s·y for floats.
func AddScaled(dst, x, y engine.Array, s float64) error {
	v := &Vec2{
		Name: "AddScaled",
		F32:  func(d, x, y []float32) { axpy(d, x, y, float32(s)) },
		F64: func(d, x, y []float64) {
			for i := range d {
				d[i] = x[i] + s*y[i]
			}
		},
	}
	return v.Run(dst, x, y)
}

// axpy computes d = x + s·y.
var axpy = axpyGo

func axpyGo(d, x, y []float32, s float32) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] + s*y[i]
	}
}
