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
	"github.com/lathe-ml/lathe/engine/cpu"
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

	columns *learn.Matrix // x transposed, for rbf
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
	if g.name == "rbf" {
		g.columns = x.T()
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
		engine.Parallel(g.x.Rows, 1+16384/(g.x.Cols+8), func(lo, hi int) { g.fill(r[lo:hi], xi, g.norm[i], lo) })
	}
	g.rows[i] = r
	g.order = append(g.order, i)
	return r
}

// fill sets r to the kernel of a row of squared length norm with rows lo ….
func (g *gram) fill(r []float32, xi []float64, norm float64, lo int) {
	if g.name != "rbf" {
		for k := range r {
			r[k] = float32(g.value(dot(xi, g.x.Row(lo+k)), norm, g.norm[lo+k]))
		}
		return
	}
	v := make([]float64, len(r))
	part := engine.Of(engine.Shape{g.x.Cols, g.x.Rows}, g.columns.Data)
	part.Shape, part.Offset = engine.Shape{g.x.Cols, len(r)}, lo
	learn.Must(cpu.MatMul(engine.Of(engine.Shape{1, len(r)}, v), engine.Of(engine.Shape{1, len(xi)}, xi), part, cpu.Epilogue{}))
	for k, n := range g.norm[lo : lo+len(r)] {
		v[k] = -g.gamma * (norm + n - 2*v[k])
	}
	exp(v)
	for k, e := range v {
		r[k] = float32(e)
	}
}

// exp replaces the elements of v by their exponentials.
func exp(v []float64) {
	a := engine.Of(engine.Shape{len(v)}, v)
	learn.Must(cpu.Exp.Run(a, a))
}

// dual is min ½αᵀQα + pᵀα with yᵀα constant and 0 ≤ αᵢ ≤ cᵢ. Variable v belongs to row v % rows of the
// kernel; Qᵢⱼ = yᵢyⱼKᵢⱼ.
type dual struct {
	g       *gram
	y, p, c []float64
	alpha   []float64
	nu      bool // one constraint for each sign of y
	tol     float64
	maxIter int
	poll    func()
	rho, r  float64
	iter    int
	diq     []float64
	viol    []float64 // −y times the gradient: the pair of a step is far apart in it
	state   []uint8   // which way yᵢαᵢ may go
}

const (
	mayRise uint8 = 1 << iota
	mayFall
)

const tau = 1e-12

func (d *dual) q(i, j int) float64 {
	n := d.g.x.Rows
	return d.y[i] * d.y[j] * float64(d.g.row(i % n)[j%n])
}

// settle notes which way yᵢαᵢ may go.
func (d *dual) settle(i int) {
	below, above := d.alpha[i] < d.c[i], d.alpha[i] > 0
	if d.y[i] < 0 {
		below, above = above, below
	}
	d.state[i] = 0
	if below {
		d.state[i] |= mayRise
	}
	if above {
		d.state[i] |= mayFall
	}
}

func (d *dual) solve() {
	n, rows := len(d.y), d.g.x.Rows
	d.viol, d.diq, d.state = make([]float64, n), make([]float64, n), make([]uint8, n)
	diag := d.g.diagonal()
	for i, y := range d.y {
		d.viol[i] = -y * d.p[i]
		d.diq[i] = diag[i%rows]
		d.settle(i)
	}
	for i, a := range d.alpha {
		if a != 0 {
			d.move(i, a, i, 0)
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

// move adds the effect of changes of αᵢ and αⱼ to the gradient.
func (d *dual) move(i int, di float64, j int, dj float64) {
	n := d.g.x.Rows
	rj := d.g.row(j % n) // first: if it takes row i's place, row i takes another
	ri := d.g.row(i % n)
	fi, fj := d.y[i]*di, d.y[j]*dj
	for base := 0; base < len(d.y); base += n {
		v := d.viol[base : base+n]
		for k := range v {
			v[k] -= fi*float64(ri[k]) + fj*float64(rj[k])
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
	state := d.state[:len(d.viol)]
	for k, v := range d.viol {
		if v >= top && state[k]&mayRise != 0 {
			top, i = v, k
		}
	}
	if i < 0 {
		return -1, -1
	}
	n := d.g.x.Rows
	row := d.g.row(i % n)
	low, best, j := math.Inf(1), math.Inf(1), -1
	for base := 0; base < len(d.y); base += n {
		viol, state, diq := d.viol[base:base+n], d.state[base:base+n], d.diq[base:base+n]
		for k, r := range row {
			v := viol[k]
			if v >= top || state[k]&mayFall == 0 {
				continue
			}
			low = min(low, v)
			curve := d.diq[i] + diq[k] - 2*float64(r)
			if curve <= 0 {
				curve = tau
			}
			if w := -(top - v) * (top - v) / curve; w <= best {
				best, j = w, base+k
			}
		}
	}
	if j < 0 || top-low < d.tol {
		return -1, -1
	}
	return i, j
}

// pickNu chooses a pair of one sign.
func (d *dual) pickNu() (i, j int) {
	top, first := [2]float64{math.Inf(-1), math.Inf(-1)}, [2]int{-1, -1}
	side := func(y float64) int {
		if y > 0 {
			return 0
		}
		return 1
	}
	for k, v := range d.viol {
		if s := side(d.y[k]); v >= top[s] && d.state[k]&mayRise != 0 {
			top[s], first[s] = v, k
		}
	}
	n := d.g.x.Rows
	var rows [2][]float32
	for _, s := range []int{1, 0, 1} { // again: a row may have taken the place of the one before
		if first[s] >= 0 {
			rows[s] = d.g.row(first[s] % n)
		}
	}
	low, best, j := [2]float64{math.Inf(1), math.Inf(1)}, math.Inf(1), -1
	for k, v := range d.viol {
		s := side(d.y[k])
		if d.state[k]&mayFall == 0 {
			continue
		}
		low[s] = min(low[s], v)
		if v >= top[s] || first[s] < 0 {
			continue
		}
		curve := d.diq[first[s]] + d.diq[k] - 2*float64(rows[s][k%n])
		if curve <= 0 {
			curve = tau
		}
		if w := -(top[s] - v) * (top[s] - v) / curve; w <= best {
			best, j = w, k
		}
	}
	if j < 0 || max(top[0]-low[0], top[1]-low[1]) < d.tol {
		return -1, -1
	}
	return first[side(d.y[j])], j
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
	gi, gj := -d.y[i]*d.viol[i], -d.y[j]*d.viol[j]
	if d.y[i] != d.y[j] {
		delta := (-gi - gj) / curve
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
		delta := (gi - gj) / curve
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
	d.settle(i)
	d.settle(j)
	d.move(i, ai-oi, j, aj-oj)
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
		v := -y * d.viol[i]
		up, low := d.alpha[i] >= d.c[i], d.alpha[i] <= 0
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
