package cpu

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/engine"
)

// SGD is one step of stochastic gradient descent, in place:
//
//	g += WeightDecay·p;  v = Momentum·v + (1−Dampening)·g  (First: v = g)
//	p −= LR·v, with Nesterov LR·(g + Momentum·v); without Momentum LR·g
type SGD struct {
	LR, Momentum, Dampening, WeightDecay float64
	Nesterov, Maximize                   bool
	First                                bool // the velocity has no value yet
}

// Step updates the parameter p and its velocity (optional without Momentum) from the gradient g.
// All are contiguous F32 or F64.
func (o SGD) Step(p, g, velocity engine.Array) error {
	mustMatch("SGD", p.DType, g.DType)
	if o.Momentum != 0 && velocity.Buf == nil {
		return fmt.Errorf("cpu.SGD: momentum %v needs a velocity", o.Momentum)
	}
	switch p.DType {
	case engine.F32:
		updateFlat(func(a [][]float32) { sgdF32(&o, a) }, p, g, velocity)
	case engine.F64:
		updateFlat(func(a [][]float64) { sgdStep(&o, a) }, p, g, velocity)
	default:
		return unsupported("SGD", p.DType)
	}
	return nil
}

// updateFlat runs f on corresponding parts of contiguous arrays; missing ones are nil.
func updateFlat[T float](f func(a [][]T), arrays ...engine.Array) {
	all := make([][]T, len(arrays))
	n := arrays[0].Numel()
	for i, a := range arrays {
		if a.Buf == nil {
			continue
		}
		if a.Numel() != n || !a.IsContiguous() {
			panic(fmt.Sprintf("cpu: %v with strides %v where %d contiguous elements are wanted", a,
				a.Strides, n))
		}
		all[i] = flatSlice[T](&a)
	}
	if n <= grain/2 {
		f(all)
		return
	}
	engine.Parallel(n, grain/2, func(lo, hi int) {
		part := make([][]T, len(all))
		for i, s := range all {
			if s != nil {
				part[i] = s[lo:hi]
			}
		}
		f(part)
	})
}

var sgdF32 = sgdStep[float32]

func sgdStep[T float](o *SGD, a [][]T) {
	p, g, v := a[0], a[1], a[2]
	lr, mu, damp, decay := T(o.LR), T(o.Momentum), T(1-o.Dampening), T(o.WeightDecay)
	sign := T(1)
	if o.Maximize {
		sign = -1
	}
	for i := range p {
		d := sign*g[i] + decay*p[i]
		if mu != 0 {
			if o.First {
				v[i] = d
			} else {
				v[i] = mu*v[i] + damp*d
			}
			if o.Nesterov {
				d += mu * v[i]
			} else {
				d = v[i]
			}
		}
		p[i] -= lr * d
	}
}

// Adam is one step of Adam (Kingma and Ba 2015) or, with Decoupled weight decay, of AdamW
// (Loshchilov and Hutter 2019), in place. Step counts from 1.
type Adam struct {
	LR, Beta1, Beta2, Eps, WeightDecay float64
	Decoupled, Maximize                bool
	Step                               int
}

// Update updates the parameter p and its moments m and v from the gradient g; with vmax the largest
// v so far divides (AMSGrad). All are contiguous F32 or F64.
func (o Adam) Update(p, g, m, v, vmax engine.Array) error {
	mustMatch("Adam", p.DType, g.DType, m.DType, v.DType)
	switch p.DType {
	case engine.F32:
		updateFlat(func(a [][]float32) { adamF32(&o, a) }, p, g, m, v, vmax)
	case engine.F64:
		updateFlat(func(a [][]float64) { adamStep(&o, a) }, p, g, m, v, vmax)
	default:
		return unsupported("Adam", p.DType)
	}
	return nil
}

var adamF32 = adamStep[float32]

// corrections returns the step size and the factor of √v that remove the bias of the moments.
func (o *Adam) corrections() (size, scale float64) {
	t := float64(o.Step)
	return o.LR / (1 - math.Pow(o.Beta1, t)), 1 / math.Sqrt(1-math.Pow(o.Beta2, t))
}

func adamStep[T float](o *Adam, a [][]T) {
	p, g, m, v, vmax := a[0], a[1], a[2], a[3], a[4]
	size, scale := o.corrections()
	b1, b2, eps, decay := T(o.Beta1), T(o.Beta2), T(o.Eps), T(o.WeightDecay)
	step, root := T(size), T(scale)
	keep := T(1 - o.LR*o.WeightDecay)
	c1, c2 := T(1-o.Beta1), T(1-o.Beta2)
	for i := range p {
		d := g[i]
		if o.Maximize {
			d = -d
		}
		if o.Decoupled {
			p[i] *= keep
		} else {
			d += decay * p[i]
		}
		m[i] = b1*m[i] + c1*d
		v[i] = b2*v[i] + c2*d*d
		w := v[i]
		if vmax != nil {
			w = max(vmax[i], w)
			vmax[i] = w
		}
		p[i] -= step * m[i] / (T(math.Sqrt(float64(w)))*root + eps)
	}
}
