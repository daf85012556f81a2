// Package svm has support vector machines: kernels by sequential minimal optimization, linear ones by
// coordinate descent.
//
//	m := svm.NewSVC()
//	m.C, m.Kernel, m.Gamma = 10, "rbf", 0.1
//	err := m.Fit(x, y)
//	p, err := m.Predict(xTest)
//	fmt.Println(m.NSupport, m.Support)
//
// The dual problems and the order of their steps are libsvm's (Chang and Lin 2011; Fan et al. 2005). Kernel
// ridge regression is in learn/kernel.
package svm

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// gram computes and keeps rows of the kernel matrix.
type gram struct {
	x      *learn.Matrix
	name   string
	gamma  float64
	degree float64
	coef0  float64
	norm   []float64
	rows   map[int][]float32
	order  []int
	limit  int // rows that are kept
}

func newGram(x *learn.Matrix, o *Kernel, gamma float64) *gram {
	g := &gram{
		x: x, name: o.Kernel, gamma: gamma, degree: float64(o.Degree), coef0: o.Coef0, rows: map[int][]float32{},
		norm: make([]float64, x.Rows), limit: max(64, (400<<20)/(4*max(x.Rows, 1))),
	}
	for i := range g.norm {
		for _, v := range x.Row(i) {
			g.norm[i] += v * v
		}
	}
	return g
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// value is the kernel of rows with inner product p and squared lengths na, nb.
func (g *gram) value(p, na, nb float64) float64 {
	switch g.name {
	case "rbf":
		return math.Exp(-g.gamma * (na + nb - 2*p))
	case "poly":
		return metric.Power(g.gamma*p+g.coef0, g.degree)
	case "sigmoid":
		return math.Tanh(g.gamma*p + g.coef0)
	}
	return p
}

// diagonal returns the kernel of each row with itself.
func (g *gram) diagonal() []float64 {
	d := make([]float64, g.x.Rows)
	for i := range d {
		if g.name == "precomputed" {
			d[i] = g.x.At(i, i)
		} else {
			d[i] = g.value(g.norm[i], g.norm[i], g.norm[i])
		}
	}
	return d
}

// row returns the kernel of row i with all rows.
func (g *gram) row(i int) []float32 {
	if r, ok := g.rows[i]; ok {
		return r
	}
	var r []float32
	if len(g.order) >= g.limit { // the oldest row makes room
		old := g.order[0]
		g.order = g.order[1:]
		r = g.rows[old]
		delete(g.rows, old)
	} else {
		r = make([]float32, g.x.Rows)
	}
	xi := g.x.Row(i)
	if g.name == "precomputed" {
		for j, v := range xi {
			r[j] = float32(v)
		}
	} else {
		engine.Parallel(g.x.Rows, 1+65536/(g.x.Cols+8), func(lo, hi int) {
			for j := lo; j < hi; j++ {
				r[j] = float32(g.value(dot(xi, g.x.Row(j)), g.norm[i], g.norm[j]))
			}
		})
	}
	g.rows[i] = r
	g.order = append(g.order, i)
	return r
}

// dual is min ½αᵀQα + pᵀα with yᵀα constant and 0 ≤ αᵢ ≤ cᵢ. Variable v belongs to row v % rows of the
// kernel; Qᵢⱼ = yᵢyⱼKᵢⱼ.
type dual struct {
	g         *gram
	y, p, c   []float64
	alpha     []float64
	nu        bool // one constraint for each sign of y
	tol       float64
	maxIter   int
	poll      func()
	rho, r    float64
	iter      int
	grad, diq []float64
}

const tau = 1e-12

func (d *dual) q(i, j int) float64 {
	n := d.g.x.Rows
	return d.y[i] * d.y[j] * float64(d.g.row(i % n)[j%n])
}

func (d *dual) upper(i int) bool { return d.alpha[i] >= d.c[i] }
func (d *dual) lower(i int) bool { return d.alpha[i] <= 0 }

func (d *dual) solve() {
	n, rows := len(d.y), d.g.x.Rows
	d.grad, d.diq = append([]float64(nil), d.p...), make([]float64, n)
	diag := d.g.diagonal()
	for i := range d.diq {
		d.diq[i] = diag[i%rows]
	}
	for i, a := range d.alpha {
		if a != 0 {
			d.move(i, a)
		}
	}
	limit := d.maxIter
	if limit <= 0 {
		limit = math.MaxInt
	}
	for d.iter = 0; d.iter < limit; d.iter++ {
		if d.iter%512 == 0 {
			d.poll()
		}
		i, j := d.pick()
		if j < 0 {
			break
		}
		d.step(i, j)
	}
	if d.nu {
		d.offsets()
	} else {
		d.offset()
	}
}

// move adds the effect of a change of αᵢ to the gradient.
func (d *dual) move(i int, delta float64) {
	n := d.g.x.Rows
	row := d.g.row(i % n)
	f := d.y[i] * delta
	for base := 0; base < len(d.y); base += n {
		g, y := d.grad[base:base+n], d.y[base:base+n]
		for k := range g {
			g[k] += f * y[k] * float64(row[k])
		}
	}
}

// pick chooses the pair with the largest violation and, given the first, the largest decrease (second
// order); j < 0 at the optimum.
func (d *dual) pick() (i, j int) {
	if d.nu {
		return d.pickNu()
	}
	top, i := math.Inf(-1), -1
	for k, y := range d.y {
		if y > 0 && !d.upper(k) && -d.grad[k] >= top {
			top, i = -d.grad[k], k
		} else if y < 0 && !d.lower(k) && d.grad[k] >= top {
			top, i = d.grad[k], k
		}
	}
	if i < 0 {
		return -1, -1
	}
	n := d.g.x.Rows
	row := d.g.row(i % n)
	low, best, j := math.Inf(-1), math.Inf(1), -1
	for k, y := range d.y {
		var diff, g float64
		if y > 0 {
			if d.lower(k) {
				continue
			}
			g = d.grad[k]
		} else {
			if d.upper(k) {
				continue
			}
			g = -d.grad[k]
		}
		diff = top + g
		low = max(low, g)
		if diff <= 0 {
			continue
		}
		curve := d.diq[i] + d.diq[k] - 2*float64(row[k%n])
		if curve <= 0 {
			curve = tau
		}
		if v := -diff * diff / curve; v <= best {
			best, j = v, k
		}
	}
	if top+low < d.tol || j < 0 {
		return -1, -1
	}
	return i, j
}

// pickNu chooses a pair of one sign.
func (d *dual) pickNu() (i, j int) {
	topP, topN, ip, in := math.Inf(-1), math.Inf(-1), -1, -1
	for k, y := range d.y {
		if y > 0 && !d.upper(k) && -d.grad[k] >= topP {
			topP, ip = -d.grad[k], k
		} else if y < 0 && !d.lower(k) && d.grad[k] >= topN {
			topN, in = d.grad[k], k
		}
	}
	n := d.g.x.Rows
	lowP, lowN, best, j := math.Inf(-1), math.Inf(-1), math.Inf(1), -1
	for k, y := range d.y {
		first, diff := ip, 0.0
		if y > 0 {
			if d.lower(k) {
				continue
			}
			diff = topP + d.grad[k]
			lowP = max(lowP, d.grad[k])
		} else {
			if d.upper(k) {
				continue
			}
			first = in
			diff = topN - d.grad[k]
			lowN = max(lowN, -d.grad[k])
		}
		if diff <= 0 || first < 0 {
			continue
		}
		curve := d.diq[first] + d.diq[k] - 2*float64(d.g.row(first % n)[k%n])
		if curve <= 0 {
			curve = tau
		}
		if v := -diff * diff / curve; v <= best {
			best, j = v, k
		}
	}
	if max(topP+lowP, topN+lowN) < d.tol || j < 0 {
		return -1, -1
	}
	if d.y[j] > 0 {
		return ip, j
	}
	return in, j
}

// step minimizes over a pair.
func (d *dual) step(i, j int) {
	ci, cj := d.c[i], d.c[j]
	oi, oj := d.alpha[i], d.alpha[j]
	ai, aj := oi, oj
	curve := d.diq[i] + d.diq[j] - 2*d.y[i]*d.y[j]*d.q(i, j)
	if curve <= 0 {
		curve = tau
	}
	if d.y[i] != d.y[j] {
		delta := (-d.grad[i] - d.grad[j]) / curve
		diff := ai - aj
		ai += delta
		aj += delta
		if diff > 0 && aj < 0 {
			ai, aj = diff, 0
		} else if diff <= 0 && ai < 0 {
			ai, aj = 0, -diff
		}
		if diff > ci-cj && ai > ci {
			ai, aj = ci, ci-diff
		} else if diff <= ci-cj && aj > cj {
			ai, aj = cj+diff, cj
		}
	} else {
		delta := (d.grad[i] - d.grad[j]) / curve
		sum := ai + aj
		ai -= delta
		aj += delta
		if sum > ci && ai > ci {
			ai, aj = ci, sum-ci
		} else if sum <= ci && aj < 0 {
			ai, aj = sum, 0
		}
		if sum > cj && aj > cj {
			ai, aj = sum-cj, cj
		} else if sum <= cj && ai < 0 {
			ai, aj = 0, sum
		}
	}
	d.alpha[i], d.alpha[j] = ai, aj
	d.move(i, ai-oi)
	d.move(j, aj-oj)
}

// offset computes rho from the free variables, or between the bounds of the others.
func (d *dual) offset() {
	d.rho, _ = d.bounds(func(int) bool { return true }, true)
}

// offsets computes rho and r of the ν problems.
func (d *dual) offsets() {
	a, _ := d.bounds(func(i int) bool { return d.y[i] > 0 }, false)
	b, _ := d.bounds(func(i int) bool { return d.y[i] < 0 }, false)
	d.r, d.rho = (a+b)/2, (a-b)/2
}

func (d *dual) bounds(use func(int) bool, signed bool) (rho float64, free int) {
	ub, lb, sum := math.Inf(1), math.Inf(-1), 0.0
	for i, y := range d.y {
		if !use(i) {
			continue
		}
		v := d.grad[i]
		up, low := d.upper(i), d.lower(i)
		if signed {
			v *= y
			if y < 0 {
				up, low = low, up
			}
		}
		switch {
		case up && low:
		case up:
			lb = max(lb, v)
		case low:
			ub = min(ub, v)
		default:
			free++
			sum += v
		}
	}
	if free > 0 {
		return sum / float64(free), free
	}
	if math.IsInf(ub, 0) {
		ub = lb
	}
	if math.IsInf(lb, 0) {
		lb = ub
	}
	return (ub + lb) / 2, 0
}
