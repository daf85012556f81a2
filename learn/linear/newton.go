package linear

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/minimize"
)

// rowLoss is a loss of generalized linear models: each row has K raw predictions.
type rowLoss interface {
	outputs() int
	// row returns the loss of row i at raw predictions z; it writes the gradient, and the K×K curvature
	// unless it is nil.
	row(i int, z, grad, curvature []float64) float64
}

// problem is Σ wᵢ·lossᵢ(X·Wᵀ + b) + l2/2·‖W‖² + l1·‖W‖₁. Its variables are W, row by row, and b.
type problem struct {
	x         *learn.Matrix
	w         []float64
	loss      rowLoss
	l2, l1    float64
	intercept bool
	penalizeB bool // penalties hold for b too, as in liblinear
	tol       float64
	maxIter   int
	poll      func()

	iterations int
	rooms      sync.Pool // of *[]float64, for curvature
}

func (p *problem) size() int { return p.loss.outputs() * p.width() }

// width is the number of variables of one output.
func (p *problem) width() int {
	if p.intercept {
		return p.x.Cols + 1
	}
	return p.x.Cols
}

// block is what a worker computes on at a time: rows that stay in its cache.
const block = 1024

// sums are what one worker adds up.
type sums struct {
	value float64
	grad  []float64
	h     *learn.Matrix
}

// evaluate returns the value, writes the gradient, and adds up the curvature unless h is nil.
func (p *problem) evaluate(v, grad []float64, h *learn.Matrix) float64 {
	k, d, width := p.loss.outputs(), p.x.Cols, p.width()
	w := learn.NewMatrix(k, d)
	for c := range k {
		copy(w.Row(c), v[c*width:c*width+d])
	}
	n := (p.x.Rows + block - 1) / block
	parts := min(engine.Threads(), n)
	all := make([]sums, parts)
	engine.Parallel(parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			s := &all[t]
			s.grad = make([]float64, len(v))
			if h != nil {
				s.h = learn.NewMatrix(h.Rows, h.Cols)
			}
			for b := t * n / parts; b < (t+1)*n/parts; b++ {
				p.evaluateBlock(v, w, b, s)
			}
		}
	})
	total := 0.0
	clear(grad)
	if h != nil {
		clear(h.Data)
	}
	for _, s := range all {
		total += s.value
		axpy(1, s.grad, grad)
		if h != nil {
			axpy(1, s.h.Data, h.Data)
		}
	}
	if h != nil {
		mirror(h, k, width, p.intercept)
	}
	return total + p.penalty(v, grad, h)
}

// evaluateBlock adds the rows of one block to s.
func (p *problem) evaluateBlock(v []float64, w *learn.Matrix, b int, s *sums) {
	k, d, width := w.Rows, p.x.Cols, p.width()
	from, to := b*block, min((b+1)*block, p.x.Rows)
	x := &learn.Matrix{Rows: to - from, Cols: d, Data: p.x.Data[from*d : to*d]}
	z, g := products(x, w), learn.NewMatrix(to-from, k)
	var curv *learn.Matrix
	if s.h != nil {
		curv = learn.NewMatrix(x.Rows, k*k)
	}
	for i := range x.Rows {
		zr := z.Row(i)
		if p.intercept {
			for c := range zr {
				zr[c] += v[c*width+d]
			}
		}
		var cv []float64
		if curv != nil {
			cv = curv.Row(i)
		}
		weight := p.w[from+i]
		s.value += weight * p.loss.row(from+i, zr, g.Row(i), cv)
		for c := range g.Row(i) {
			g.Row(i)[c] *= weight
			if p.intercept {
				s.grad[c*width+d] += g.Row(i)[c]
			}
		}
		for q := range cv {
			cv[q] *= weight
		}
	}
	if k == 1 {
		addRows(x, g.Data, s.grad[:d])
	} else {
		gx := learn.TMul(g, x)
		for c := range k {
			axpy(1, gx.Row(c), s.grad[c*width:c*width+d])
		}
	}
	if curv != nil {
		p.curvature(x, curv, s.h)
	}
}

// products returns x·wᵀ. A product with one row is not worth packing x for.
func products(x, w *learn.Matrix) *learn.Matrix {
	if w.Rows > 1 {
		return learn.MulT(x, w)
	}
	z := learn.NewMatrix(x.Rows, 1)
	for i := range z.Data {
		row, v := x.Row(i), w.Data
		var a, b, c, d float64
		for ; len(row) >= 4 && len(v) >= 4; row, v = row[4:], v[4:] {
			a, b, c, d = a+row[0]*v[0], b+row[1]*v[1], c+row[2]*v[2], d+row[3]*v[3]
		}
		for j, e := range row {
			a += e * v[j]
		}
		z.Data[i] = a + b + (c + d)
	}
	return z
}

// addRows adds the rows of x times f to sum, four at a time.
func addRows(x *learn.Matrix, f, sum []float64) {
	i := 0
	for ; i+4 <= x.Rows; i += 4 {
		a, b, c, d := x.Row(i), x.Row(i+1), x.Row(i+2), x.Row(i+3)
		for j := range sum {
			sum[j] += (f[i]*a[j] + f[i+1]*b[j]) + (f[i+2]*c[j] + f[i+3]*d[j])
		}
	}
	for ; i < x.Rows; i++ {
		axpy(f[i], x.Row(i), sum)
	}
}

// penalty adds the smooth penalty and returns its value.
func (p *problem) penalty(v, grad []float64, h *learn.Matrix) float64 {
	s := 0.0
	for q, x := range v {
		if !p.penalized(q) {
			continue
		}
		s += p.l2 / 2 * x * x
		grad[q] += p.l2 * x
		if h != nil {
			h.Data[q*h.Cols+q] += p.l2
		}
	}
	return s
}

func (p *problem) penalized(q int) bool {
	return p.penalizeB || q%p.width() < p.x.Cols
}

// scaleRows sets dst to the rows of x times f and adds their sum to sum.
func scaleRows(dst, x *learn.Matrix, f, sum []float64) {
	i := 0
	for ; i+4 <= x.Rows; i += 4 {
		a, b, c, d := x.Row(i), x.Row(i+1), x.Row(i+2), x.Row(i+3)
		p, q, r, s := dst.Row(i), dst.Row(i+1), dst.Row(i+2), dst.Row(i+3)
		b, c, d, p, q, r, s = b[:len(a)], c[:len(a)], d[:len(a)], p[:len(a)], q[:len(a)], r[:len(a)], s[:len(a)]
		t := sum[:len(a)]
		fa, fb, fc, fd := f[i], f[i+1], f[i+2], f[i+3]
		for j := range a {
			va, vb, vc, vd := fa*a[j], fb*b[j], fc*c[j], fd*d[j]
			p[j], q[j], r[j], s[j] = va, vb, vc, vd
			t[j] += (va + vb) + (vc + vd)
		}
	}
	for ; i < x.Rows; i++ {
		p := dst.Row(i)
		for j, v := range x.Row(i) {
			p[j] = f[i] * v
			sum[j] += p[j]
		}
	}
}

// curvature adds Xᵀ·diag(c)·X of a block to h, for each pair of outputs a ≤ b.
func (p *problem) curvature(x, curv, h *learn.Matrix) {
	k, d, width := p.loss.outputs(), x.Cols, p.width()
	kept, _ := p.rooms.Get().(*[]float64)
	if kept == nil {
		kept = new([]float64)
		*kept = make([]float64, d+block*(d+1))
	}
	defer p.rooms.Put(kept)
	room := *kept
	sink, weights := room[:d], room[d:d+x.Rows]
	scaled := &learn.Matrix{Rows: x.Rows, Cols: d, Data: room[d+block:][:x.Rows*d]}
	part := learn.NewMatrix(d, d)
	for a := range k {
		for b := a; b < k; b++ {
			corner := h.Row(a*width + width - 1)
			edge := sink
			if p.intercept {
				edge = corner[b*width : b*width+d]
			}
			total := 0.0
			for i := range weights {
				weights[i] = curv.Data[i*k*k+a*k+b]
				total += weights[i]
			}
			scaleRows(scaled, x, weights, edge)
			clear(part.Data)
			learn.AddGram(part, x, scaled)
			for r := range d {
				row := h.Row(a*width + r)[b*width : b*width+d]
				for j := range d {
					row[j] += part.Data[min(r, j)*d+max(r, j)]
				}
			}
			if p.intercept {
				corner[b*width+d] += total
			}
		}
	}
}

// mirror fills what curvature leaves out: the column of the intercept of each pair, and pairs a > b.
func mirror(h *learn.Matrix, k, width int, intercept bool) {
	d := width - 1
	for a := range k {
		for b := a; intercept && b < k; b++ {
			for r := range d {
				h.Set(a*width+r, b*width+d, h.At(a*width+d, b*width+r))
			}
		}
	}
	for a := range k {
		for b := range a {
			for r := range width {
				for c := range width {
					h.Set(a*width+r, b*width+c, h.At(b*width+c, a*width+r))
				}
			}
		}
	}
}

// newtonSize is the largest number of variables whose curvature matrix is worth solving.
const newtonSize = 800

// solve minimizes from v.
func (p *problem) solve(v []float64) []float64 {
	if p.size() > newtonSize && p.l1 == 0 {
		scale := 0.0
		for _, w := range p.w {
			scale += w
		}
		r := minimize.LBFGS(func(x, g []float64) float64 {
			p.poll()
			f := p.evaluate(x, g, nil) / scale
			for i := range g {
				g[i] /= scale
			}
			return f
		}, v, minimize.Options{MaxIter: p.maxIter, GradTol: p.tol})
		p.iterations = r.Iterations
		return r.X
	}
	n := p.size()
	g, h := make([]float64, n), learn.NewMatrix(n, n)
	value := p.evaluate(v, g, h) + p.lasso(v)
	for p.iterations = 0; p.iterations < max(p.maxIter, 1); p.iterations++ {
		p.poll()
		step := p.step(v, g, h)
		next, nv, ok := p.backtrack(v, g, h, step, value)
		if !ok {
			break
		}
		change, size := 0.0, 0.0
		for i := range v {
			change, size = max(change, math.Abs(next[i]-v[i])), max(size, math.Abs(next[i]))
		}
		v = next
		fell := value - nv
		value = nv
		if change <= 1e-9*size || fell <= 1e-15*math.Abs(value) && change <= 1e-6*size {
			p.iterations++
			break
		}
	}
	return v
}

func (p *problem) lasso(v []float64) float64 {
	if p.l1 == 0 {
		return 0
	}
	s := 0.0
	for q, x := range v {
		if p.penalized(q) {
			s += p.l1 * math.Abs(x)
		}
	}
	return s
}

// step minimizes the quadratic model at v, with the l1 penalty where there is one.
func (p *problem) step(v, g []float64, h *learn.Matrix) []float64 {
	n := len(v)
	largest := 0.0
	for i := range n {
		largest = max(largest, h.At(i, i))
	}
	for i := range n {
		h.Data[i*n+i] += 1e-12*largest + 1e-300
	}
	if p.l1 > 0 {
		return p.lassoStep(v, g, h)
	}
	s := make([]float64, n)
	for i, x := range g {
		s[i] = -x
	}
	for jitter := 1e-10 * largest; ; jitter *= 100 {
		var ch mat.Cholesky
		if ch.Factorize(symmetric(h)) {
			out := mat.NewVecDense(n, nil)
			if err := ch.SolveVecTo(out, mat.NewVecDense(n, s)); err == nil || isCondition(err) {
				return out.RawVector().Data
			}
		}
		if !(jitter <= largest*1e6) || math.IsInf(largest, 0) { // also NaN
			return s
		}
		for i := range n {
			h.Data[i*n+i] += jitter
		}
	}
}

func isCondition(err error) bool { _, ok := err.(mat.Condition); return ok }

// lassoStep is coordinate descent on the quadratic model.
func (p *problem) lassoStep(v, g []float64, h *learn.Matrix) []float64 {
	n := len(v)
	d, r := make([]float64, n), append([]float64(nil), g...) // r is the gradient of the model
	for range 10000 {
		change := 0.0
		for j := range n {
			a := h.At(j, j)
			if a <= 0 {
				continue
			}
			t := v[j] + d[j] - r[j]/a
			if p.penalized(j) {
				t = math.Copysign(max(math.Abs(t)-p.l1/a, 0), t)
			}
			if e := t - v[j] - d[j]; e != 0 {
				axpy(e, h.Row(j), r)
				d[j] += e
				change = max(change, math.Abs(e))
			}
		}
		if change < 1e-12 {
			break
		}
	}
	return d
}

// backtrack shortens the step until the value falls enough; g and h become those of the point that it returns.
func (p *problem) backtrack(v, g []float64, h *learn.Matrix, step []float64, value float64) (next []float64, nv float64, ok bool) {
	slope := dot(g, step)
	if p.l1 > 0 {
		moved := make([]float64, len(v))
		for i := range v {
			moved[i] = v[i] + step[i]
		}
		slope += p.lasso(moved) - p.lasso(v)
	}
	next = make([]float64, len(v))
	for t := 1.0; t > 1e-12; t /= 2 {
		for i := range v {
			next[i] = v[i] + t*step[i]
		}
		nv = p.evaluate(next, g, h) + p.lasso(next)
		if nv <= value+1e-4*t*slope+1e-13*math.Abs(value) {
			return next, nv, true
		}
	}
	return v, value, false
}

// coefs splits the variables into coefficients and intercepts.
func (p *problem) coefs(v []float64) Coefs {
	k, d, width := p.loss.outputs(), p.x.Cols, p.width()
	c := Coefs{Coef: learn.NewMatrix(k, d), Intercept: make([]float64, k)}
	for o := range k {
		copy(c.Coef.Row(o), v[o*width:o*width+d])
		if p.intercept {
			c.Intercept[o] = v[o*width+d]
		}
	}
	if _, ok := p.loss.(softmax); ok { // a shift of all classes changes nothing: choose the sum 0
		mean := 0.0
		for _, b := range c.Intercept {
			mean += b / float64(k)
		}
		for o := range c.Intercept {
			c.Intercept[o] -= mean
		}
	}
	return c
}

// pack is the inverse of coefs.
func (p *problem) pack(c Coefs) []float64 {
	d, width := p.x.Cols, p.width()
	v := make([]float64, p.size())
	for o := range c.Coef.Rows {
		copy(v[o*width:o*width+d], c.Coef.Row(o))
		if p.intercept {
			v[o*width+d] = c.Intercept[o]
		}
	}
	return v
}

// logistic is the loss of two classes: y is 1 for the second.
type logistic struct{ y []float64 }

func (l logistic) outputs() int { return 1 }

func (l logistic) row(i int, z, grad, curvature []float64) float64 {
	y, s := l.y[i], z[0]
	e := math.Exp(-math.Abs(s))
	p := 1 / (1 + e)
	if s < 0 {
		p = e / (1 + e)
	}
	grad[0] = p - y
	if curvature != nil {
		curvature[0] = e / ((1 + e) * (1 + e))
	}
	return math.Log1p(e) + max(s, 0) - y*s
}

// softmax is the loss of K classes.
type softmax struct {
	y []int
	k int
}

func (l softmax) outputs() int { return l.k }

func (l softmax) row(i int, z, grad, curvature []float64) float64 {
	top := z[0]
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for c, v := range z {
		grad[c] = math.Exp(v - top)
		sum += grad[c]
	}
	for c := range grad {
		grad[c] /= sum
	}
	if curvature != nil {
		for a, p := range grad {
			for b, q := range grad {
				curvature[a*l.k+b] = -p * q
			}
			curvature[a*l.k+a] += p
		}
	}
	value := math.Log(sum) + top - z[l.y[i]]
	grad[l.y[i]]--
	return value
}
