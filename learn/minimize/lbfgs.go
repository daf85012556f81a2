// Package minimize finds minima of smooth functions for estimators.
//
//	f := func(x, grad []float64) float64 { … }
//	r := minimize.LBFGS(f, x0, minimize.Options{GradTol: 1e-6})
//	fmt.Println(r.X, r.Value, r.Iterations)
//	line := minimize.Scalar(g, -2, 2)
//	r = minimize.LBFGS(f, x0, minimize.Options{Lower: lo, Upper: hi})
//
// Functions are deterministic and single-threaded; what f does is f's business. Training of networks uses
// eager/optim.
package minimize

import "math"

// Func returns the value at x and writes the gradient to grad.
type Func func(x, grad []float64) float64

// Options are settings of LBFGS; zeros mean 15000 iterations, a gradient of 1e-5 and 10 pairs of memory.
type Options struct {
	MaxIter      int
	GradTol      float64   // stop when the largest component of the projected gradient is below
	ValueTol     float64   // stop when the value falls by less than this times its size
	Memory       int       // pairs of steps that approximate the curvature
	Lower, Upper []float64 // bounds; nil: none
}

// Result is where a search ended.
type Result struct {
	X          []float64
	Value      float64
	Iterations int
	Converged  bool
}

// pair is a step and the change of the gradient along it.
type pair struct {
	s, y []float64
	rho  float64
}

// LBFGS searches from x0 with limited-memory BFGS and a line search of the strong Wolfe kind; bounds are
// kept by projection.
func LBFGS(f Func, x0 []float64, o Options) Result {
	if o.MaxIter == 0 {
		o.MaxIter = 15000
	}
	if o.GradTol == 0 {
		o.GradTol = 1e-5
	}
	if o.Memory == 0 {
		o.Memory = 10
	}
	n := len(x0)
	x := append([]float64(nil), x0...)
	o.clip(x)
	g := make([]float64, n)
	v := f(x, g)
	var memory []pair
	res := Result{}
	for res.Iterations = 0; res.Iterations < o.MaxIter; res.Iterations++ {
		if o.stationary(x, g) {
			res.Converged = true
			break
		}
		d := direction(memory, g)
		o.freeze(x, g, d)
		slope := dot(d, g)
		if slope >= 0 {
			memory = nil
			for i := range d {
				d[i] = -g[i]
			}
			o.freeze(x, g, d)
			slope = dot(d, g)
		}
		first := 1.0
		if len(memory) == 0 {
			first = min(1, 1/math.Sqrt(dot(g, g)))
		}
		next, ng, nv, ok := o.search(f, x, g, d, v, slope, first)
		if !ok {
			if len(memory) == 0 {
				break
			}
			memory = nil
			continue
		}
		p := pair{s: make([]float64, n), y: make([]float64, n)}
		for i := range p.s {
			p.s[i], p.y[i] = next[i]-x[i], ng[i]-g[i]
		}
		if sy := dot(p.s, p.y); sy > 1e-300 && sy > 2.2e-16*dot(p.y, p.y) {
			p.rho = 1 / sy
			if memory = append(memory, p); len(memory) > o.Memory {
				memory = memory[1:]
			}
		}
		small := math.Abs(v-nv) <= o.ValueTol*max(math.Abs(v), math.Abs(nv), 1)
		x, g, v = next, ng, nv
		if small && o.ValueTol > 0 {
			res.Converged = true
			res.Iterations++
			break
		}
	}
	res.X, res.Value = x, v
	return res
}

func (o *Options) clip(x []float64) {
	for i := range x {
		if o.Lower != nil {
			x[i] = max(x[i], o.Lower[i])
		}
		if o.Upper != nil {
			x[i] = min(x[i], o.Upper[i])
		}
	}
}

// blocked reports whether x[i] is at a bound that -d would cross.
func (o *Options) blocked(x []float64, i int, d float64) bool {
	return o.Lower != nil && x[i] <= o.Lower[i] && d < 0 || o.Upper != nil && x[i] >= o.Upper[i] && d > 0
}

func (o *Options) stationary(x, g []float64) bool {
	for i, v := range g {
		if math.Abs(v) > o.GradTol && !o.blocked(x, i, -v) {
			return false
		}
	}
	return true
}

// freeze keeps d from leaving the bounds.
func (o *Options) freeze(x, g, d []float64) {
	for i := range d {
		if o.blocked(x, i, d[i]) || o.blocked(x, i, -g[i]) {
			d[i] = 0
		}
	}
}

// direction is −H·g by the two loops of Nocedal.
func direction(memory []pair, g []float64) []float64 {
	d := make([]float64, len(g))
	for i, v := range g {
		d[i] = -v
	}
	alpha := make([]float64, len(memory))
	for k := len(memory) - 1; k >= 0; k-- {
		p := memory[k]
		alpha[k] = p.rho * dot(p.s, d)
		axpy(-alpha[k], p.y, d)
	}
	if len(memory) > 0 {
		p := memory[len(memory)-1]
		scale := 1 / (p.rho * dot(p.y, p.y))
		for i := range d {
			d[i] *= scale
		}
	}
	for k, p := range memory {
		axpy(alpha[k]-p.rho*dot(p.y, d), p.s, d)
	}
	return d
}

// search finds a step along d with enough decrease and, without bounds, a flatter slope.
func (o *Options) search(f Func, x, g, d []float64, v, slope, step float64) (nx, ng []float64, nv float64,
	ok bool,
) {
	const c1, c2 = 1e-4, 0.9
	lo, hi := 0.0, math.Inf(1)
	nx, ng = make([]float64, len(x)), make([]float64, len(x))
	for range 50 {
		for i := range nx {
			nx[i] = x[i] + step*d[i]
		}
		o.clip(nx)
		nv = f(nx, ng)
		switch s := dot(ng, d); {
		case !(nv <= v+c1*step*slope+1e-15*math.Abs(v)): // also NaN
			hi = step
		case s < c2*slope && math.IsInf(hi, 1) && o.Lower == nil:
			lo = step
		case s < c2*slope && hi-lo > 1e-12*hi && o.Lower == nil:
			lo = step
		default:
			return nx, ng, nv, true
		}
		if math.IsInf(hi, 1) {
			step *= 2
		} else {
			step = (lo + hi) / 2
		}
	}
	return nx, ng, nv, nv < v
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func axpy(a float64, x, y []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}
