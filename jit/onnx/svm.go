package onnx

import (
	"math"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	ml("SVMRegressor", svmRegressor)
	ml("SVMClassifier", svmClassifier)
}

// svmKernel computes k(x, s) for rows of x and support vectors s.
func svmKernel(c *call, x, s *eager.Tensor) *eager.Tensor {
	p := c.floats("kernel_params")
	for len(p) < 3 {
		p = append(p, 0)
	}
	gamma, coef, degree := p[0], p[1], p[2]
	switch kind := strings.ToUpper(c.string("kernel_type", "LINEAR")); kind {
	case "LINEAR":
		return x.MatMul(s.T())
	case "POLY":
		return x.MatMul(s.T()).Mul(gamma).Add(coef).Pow(degree)
	case "SIGMOID":
		return x.MatMul(s.T()).Mul(gamma).Add(coef).Tanh()
	case "RBF":
		xx, ss := x.Mul(x).SumKeep(1), s.Mul(s).Sum(1)
		d := xx.Add(ss).Sub(x.MatMul(s.T()).Mul(2)).Maximum(0)
		return d.Mul(-gamma).Exp()
	default:
		fail("kernel_type %q is unknown; known: LINEAR, POLY, RBF, SIGMOID", kind)
	}
	return nil
}

// matrixOf shapes a list as rows of n.
func matrixOf(v []float64, n int, what string) *eager.Tensor {
	if n < 1 || len(v)%n != 0 {
		fail("%d %s for rows of %d", len(v), what, n)
	}
	return eager.FromFloat64s(v, len(v)/n, n)
}

func svmRegressor(c *call) []Value {
	_, t := c.table(0)
	x := t.To(engine.F64)
	rho := c.floats("rho")
	if len(rho) == 0 {
		fail("attribute rho is missing")
	}
	coef := c.floats("coefficients")
	var y *eager.Tensor
	if c.int("n_supports", 0) > 0 {
		k := svmKernel(c, x, matrixOf(c.floats("support_vectors"), x.Size(1), "support vector elements"))
		if k.Size(1) != len(coef) {
			fail("%d coefficients for %d support vectors", len(coef), k.Size(1))
		}
		y = k.MatMul(eager.FromFloat64s(coef, len(coef), 1))
	} else {
		y = x.MatMul(matrixOf(coef, x.Size(1), "coefficients").T())
	}
	y = y.Add(rho[0])
	if c.flag("one_class") {
		y = eager.Where(y.Gt(0), eager.OnesLike(y), eager.OnesLike(y).Neg())
	}
	return one(number(Float, transformed(c, y)))
}

func svmClassifier(c *call) []Value {
	_, t := c.table(0)
	x := t.To(engine.F64)
	l := c.labels("classlabels_ints")
	per := c.ints("vectors_per_class")
	n := max(l.len(), 1)
	if len(per) == 0 { // one row of coefficients for each class
		return linearSVM(c, x, l, n)
	}
	if len(per) != n {
		fail("vectors of %d classes for %d labels", len(per), n)
	}
	votes, scores := pairwise(c, x, per)
	pairs := n * (n - 1) / 2
	rows := x.Size(0)
	classes := make([]int, rows)
	for r := range classes {
		for k := range n {
			if votes[r*n+k] > votes[r*n+classes[r]] {
				classes[r] = k
			}
		}
	}
	if a, b := c.floats("prob_a"), c.floats("prob_b"); len(a) > 0 {
		if len(a) != pairs || len(b) != pairs {
			fail("%d and %d parameters of probabilities, want %d", len(a), len(b), pairs)
		}
		out := make([]float64, 0, rows*n)
		for r := range rows {
			p := coupled(scores[r*pairs:(r+1)*pairs], a, b, n)
			out = append(out, p...)
		}
		return []Value{l.of(classes), number(Float, transformed(c, eager.FromFloat64s(out, rows, n)))}
	}
	how := c.string("post_transform", "NONE")
	if pairs == 1 {
		both := make([]float64, 0, 2*rows)
		for _, s := range scores {
			both = append(both, -s, s)
		}
		return []Value{l.of(classes), number(Float, postTransform(how, eager.FromFloat64s(both, rows, 2)))}
	}
	return []Value{l.of(classes), number(Float, postTransform(how, eager.FromFloat64s(scores, rows, pairs)))}
}

func linearSVM(c *call, x *eager.Tensor, l labels, n int) []Value {
	rho := c.floats("rho")
	if len(rho) == 0 {
		fail("attribute rho is missing")
	}
	w := matrixOf(c.floats("coefficients"), x.Size(1), "coefficients")
	scores := x.MatMul(w.T()).Add(rho[0])
	if scores.Size(1) == 1 && n == 2 {
		classes, both := binaryScores(scores.Float64s(), false)
		return []Value{l.of(classes), number(Float, transformed(c, eager.FromFloat64s(both, x.Size(0), 2)))}
	}
	return []Value{l.of(scores.ArgMax(1).Ints()), number(Float, transformed(c, scores))}
}

// pairwise returns the votes [rows n] and the decision values of all pairs of classes [rows n(n−1)/2].
func pairwise(c *call, x *eager.Tensor, per []int) (votes, scores []float64) {
	n := len(per)
	start := make([]int, n+1)
	for i, k := range per {
		if k < 0 {
			fail("vectors_per_class is %v", per)
		}
		start[i+1] = start[i] + k
	}
	total := start[n]
	sv := matrixOf(c.floats("support_vectors"), x.Size(1), "support vector elements")
	coef, rho := c.floats("coefficients"), c.floats("rho")
	if sv.Size(0) != total || len(coef) != (n-1)*total || len(rho) < n*(n-1)/2 {
		fail("%d vectors, %d coefficients and %d offsets for classes of %v", sv.Size(0), len(coef), len(rho), per)
	}
	k := svmKernel(c, x, sv).Float64s()
	rows := x.Size(0)
	votes = make([]float64, rows*n)
	for r := range rows {
		row, pair := k[r*total:(r+1)*total], 0
		for i := range n {
			for j := i + 1; j < n; j++ {
				s := rho[pair]
				for v := start[i]; v < start[i+1]; v++ {
					s += coef[(j-1)*total+v] * row[v]
				}
				for v := start[j]; v < start[j+1]; v++ {
					s += coef[i*total+v] * row[v]
				}
				if s > 0 {
					votes[r*n+i]++
				} else {
					votes[r*n+j]++
				}
				scores = append(scores, s)
				pair++
			}
		}
	}
	return votes, scores
}

// coupled joins the probabilities of pairs of classes (Wu, Lin and Weng 2004), as libsvm does.
func coupled(scores, a, b []float64, n int) []float64 {
	r := make([]float64, n*n)
	pair := 0
	for i := range n {
		for j := i + 1; j < n; j++ {
			v := scores[pair]*a[pair] + b[pair]
			p := 1 - 1/(1+math.Exp(-v))
			p = min(max(p, 1e-7), 1-1e-7)
			r[i*n+j], r[j*n+i] = p, 1-p
			pair++
		}
	}
	p, q := make([]float64, n), make([]float64, n*n)
	for t := range n {
		p[t] = 1 / float64(n)
		for j := range n {
			if j != t {
				q[t*n+t] += r[j*n+t] * r[j*n+t]
				q[t*n+j] = -r[j*n+t] * r[t*n+j]
			}
		}
	}
	qp := make([]float64, n)
	for range max(100, n) {
		pqp, worst := 0.0, 0.0
		for t := range n {
			qp[t] = 0
			for j := range n {
				qp[t] += q[t*n+j] * p[j]
			}
			pqp += p[t] * qp[t]
		}
		for t := range n {
			worst = max(worst, math.Abs(qp[t]-pqp))
		}
		if worst < 0.005/float64(n) {
			break
		}
		for t := range n {
			d := (pqp - qp[t]) / q[t*n+t]
			p[t] += d
			pqp = (pqp + d*(d*q[t*n+t]+2*qp[t])) / (1 + d) / (1 + d)
			for j := range n {
				qp[j] = (qp[j] + d*q[t*n+j]) / (1 + d)
				p[j] /= 1 + d
			}
		}
	}
	return p
}
