package main

import "fmt"

type Matrix [2][2]float64

func (m Matrix) Mul(n Matrix) (r Matrix) {
	for i := range 2 {
		for j := range 2 {
			for k := range 2 {
				r[i][j] += m[i][k] * n[k][j]
			}
		}
	}
	return
}
func (m *Matrix) Scale(f float64) {
	for i := range m {
		for j := range m[i] {
			m[i][j] *= f
		}
	}
}

type Vec struct{ X, Y, Z float64 }

func (v Vec) Add(w Vec) Vec     { return Vec{v.X + w.X, v.Y + w.Y, v.Z + w.Z} }
func (v Vec) Neg() Vec          { return Vec{-v.X, -v.Y, -v.Z} }
func (v Vec) Dot(w Vec) float64 { return v.X*w.X + v.Y*w.Y + v.Z*w.Z }
func (v *Vec) Norm()            { n := v.Dot(*v); v.X /= n; v.Y /= n; v.Z /= n }

type Body struct {
	pos, vel Vec
	mass     float64
}

func step(bs []Body, dt float64) {
	for i := range bs {
		for j := range bs {
			if i != j {
				d := bs[j].pos.Add(bs[i].pos.Neg())
				bs[i].vel = bs[i].vel.Add(Vec{d.X * dt * bs[j].mass, d.Y * dt, d.Z * dt})
			}
		}
	}
	for i := range bs {
		b := &bs[i]
		b.pos = b.pos.Add(Vec{b.vel.X * dt, b.vel.Y * dt, b.vel.Z * dt})
	}
}
func newton(f func(float64) float64, x float64) float64 {
	for range 20 {
		h := 1e-6
		d := (f(x+h) - f(x-h)) / (2 * h)
		x -= f(x) / d
	}
	return x
}
func integrate(f func(float64) float64, a, b float64, n int) (s float64) {
	h := (b - a) / float64(n)
	for i := range n {
		s += f(a+h*(float64(i)+.5)) * h
	}
	return
}
func fft(a []complex128) []complex128 {
	n := len(a)
	if n == 1 {
		return a
	}
	e, o := make([]complex128, n/2), make([]complex128, n/2)
	for i := range n / 2 {
		e[i], o[i] = a[2*i], a[2*i+1]
	}
	e, o = fft(e), fft(o)
	r := make([]complex128, n)
	w := complex(1, 0)
	wn := complex(0, -1)
	if n == 2 {
		wn = -1
	}
	for k := range n / 2 {
		r[k], r[k+n/2] = e[k]+w*o[k], e[k]-w*o[k]
		w *= wn
	}
	return r
}
func variadic(base float64, xs ...float64) (m float64) {
	m = base
	for _, x := range xs {
		if x > m {
			m = x
		}
	}
	return
}
func main() {
	m := Matrix{{1, 2}, {3, 4}}
	fmt.Println(m.Mul(m))
	m.Scale(.5)
	fmt.Println(m)
	v := Vec{3, 4, 0}
	v.Norm()
	fmt.Println(v, v.Neg(), Vec{}.Neg(), Vec{}.Neg().Add(Vec{}))
	bs := []Body{{Vec{0, 0, 0}, Vec{}, 1}, {Vec{1, 0, 0}, Vec{0, 1, 0}, 2}}
	for range 10 {
		step(bs, .1)
	}
	fmt.Printf("%.4f\n", bs)
	fmt.Println(newton(func(x float64) float64 { return x*x - 2 }, 1), integrate(func(x float64) float64 { return x * x }, 0, 3, 1000))
	fmt.Println(fft([]complex128{1, 2, 3, 4}))
	fmt.Println(variadic(-1, 2, 0), variadic(5))
	z := 0.0
	fmt.Println(1/z, -1/z, z/z, -z, 1/(-z), z == -z)
	var f32 float32 = 1
	for range 30 {
		f32 /= 3
	}
	fmt.Println(f32, float64(f32))
	s := float32(0)
	for range 10 {
		s += .1
	}
	fmt.Println(s, s == 1, float64(s))
	x, y := 0.1, 0.2
	fmt.Println(x+y, x*y, x/y, int(1e9*x), int64(-19*x), uint8(x*1000), 7/2*2.0, 7/2.0)
	a, b := 1e308, 10.0
	fmt.Println(a*b, -a*b, a*b-a*b, 1e-320, a*b > a)
	fmt.Println(3*x == 0.3, float32(x)*3 == 0.3, x*x*x, (x+y)+0.3, x+(y+0.3))
}
