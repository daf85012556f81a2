package convert

import (
	"math"

	"github.com/lathe-ml/lathe/jit/onnx/pb"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/kernel"
	"github.com/lathe-ml/lathe/learn/mixture"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/svm"
)

const int64Type = pb.TensorProto_INT64

// squares returns the squared distances of rows to the rows of c; g is in float64.
func (g *graph) squares(x string, c *learn.Matrix) string {
	norm := make([]float64, c.Rows)
	for i := range norm {
		for _, v := range c.Row(i) {
			norm[i] += v * v
		}
	}
	cross := g.mul(g.matMul(x, g.mat(c.T())), g.scalar(-2))
	d := g.add(g.add(cross, g.sum(g.mul(x, x))), g.floats(norm, 1, c.Rows))
	return g.op("Max", nil, d, g.scalar(0))
}

// manhattan returns the sums of absolute differences.
func (g *graph) manhattan(x string, c *learn.Matrix) string {
	rows := g.op("Unsqueeze", nil, x, g.ints(1))
	d := g.op("Abs", nil, g.sub(rows, g.floats(c.Data, 1, c.Rows, c.Cols)))
	return g.op("ReduceSum", list(attr("keepdims", 0)), d, g.ints(2))
}

// distances of neighbours by the metrics that ONNX can express.
func (g *graph) distances(e learn.Estimator, x string, s *neighbors.Search) string {
	name := s.Metric
	if name == "minkowski" {
		switch s.P {
		case 1:
			name = "manhattan"
		case 2:
			name = "euclidean"
		}
	}
	switch name {
	case "euclidean", "l2":
		return g.op("Sqrt", nil, g.squares(x, s.X))
	case "sqeuclidean":
		return g.squares(x, s.X)
	case "manhattan", "cityblock", "l1":
		return g.manhattan(x, s.X)
	}
	refuse(e, "uses the metric %s (p=%g); ONNX has euclidean and manhattan here", s.Metric, s.P)
	return ""
}

// nearest returns the weights and the numbers of the k nearest rows, [N k] both.
func (g *graph) nearest(e learn.Estimator, x string, s *neighbors.Search, k int, weights string) (w, rows string) {
	top := g.node("", "TopK", list(attr("axis", 1), attr("largest", 0), attr("sorted", 1)),
		[]string{g.distances(e, x, s), g.ints(k)}, 2)
	if weights == "uniform" {
		return "", top[1]
	}
	zero := g.op("Equal", nil, top[0], g.scalar(0))
	inverse := g.div(g.scalar(1), g.op("Where", nil, zero, g.scalar(1), top[0]))
	hit := g.cast(zero)
	any := g.op("ReduceMax", list(attr("keepdims", 1)), hit, g.ints(1))
	return g.op("Where", nil, g.above(any, 0), hit, inverse), top[1]
}

func (g *graph) nearestClasses(m *neighbors.KNeighborsClassifier, x string) *scored {
	codes := m.Codes()
	if len(codes) != 1 {
		refuse(m, "predicts %d outputs; convert one estimator for each", len(codes))
	}
	var code []float64
	for _, c := range codes[0] {
		code = append(code, float64(c))
	}
	p := g.wide(x, func(x string) string {
		w, rows := g.nearest(m, x, &m.Search, m.NNeighbors, m.Weights)
		all := make([]float64, len(m.Classes))
		for i := range all {
			all[i] = float64(i)
		}
		label := g.op("Unsqueeze", nil, g.op("Gather", nil, g.vec(code), rows), g.ints(2))
		vote := g.cast(g.op("Equal", nil, label, g.floats(all, 1, 1, len(all))))
		if w != "" {
			vote = g.mul(vote, g.op("Unsqueeze", nil, w, g.ints(2)))
		}
		return g.share(g.op("ReduceSum", list(attr("keepdims", 0)), vote, g.ints(1)))
	})
	return &scored{classes: m.Classes, raw: p, cols: max(2, len(m.Classes)), proba: p}
}

func (g *graph) nearestNumbers(m *neighbors.KNeighborsRegressor, x string) (y string, n int) {
	t := m.Y
	y = g.wide(x, func(x string) string {
		w, rows := g.nearest(m, x, &m.Search, m.NNeighbors, m.Weights)
		found := g.op("Gather", list(attr("axis", 0)), g.mat(t), rows) // [N k outputs]
		if w == "" {
			return g.op("ReduceMean", list(attr("keepdims", 0)), found, g.ints(1))
		}
		part := g.op("Unsqueeze", nil, g.share(w), g.ints(2))
		return g.op("ReduceSum", list(attr("keepdims", 0)), g.mul(found, part), g.ints(1))
	})
	return y, t.Cols
}

func (g *graph) centroid(m *neighbors.NearestCentroid, x string) *scored {
	posterior := g.wide(x, func(x string) string {
		scale := make([]float64, len(m.WithinStd))
		for j, v := range m.WithinStd {
			if v != 0 {
				scale[j] = 1 / v
			}
		}
		var parts []string
		for c := range m.Classes {
			z := g.mul(g.sub(x, g.vec(m.Centroids.Row(c))), g.vec(scale))
			parts = append(parts, g.sub(g.scalar(2*math.Log(m.Prior[c])), g.sum(g.mul(z, z))))
		}
		if len(parts) == 2 {
			return g.sub(parts[1], parts[0])
		}
		return g.concat(parts...)
	})
	cols := len(m.Classes)
	if cols == 2 {
		cols = 1
	}
	s := &scored{classes: m.Classes, raw: posterior, cols: cols}
	if m.Priors == "uniform" {
		s.decision, s.decisionCols, s.cols = posterior, cols, len(m.Classes)
		s.raw = g.wide(x, func(x string) string {
			if m.Metric == "manhattan" {
				return g.op("Neg", nil, g.manhattan(x, m.Centroids))
			}
			return g.op("Neg", nil, g.squares(x, m.Centroids))
		})
	}
	return s
}

// kernelOf returns the kernel of rows with c; g is in float64.
func (g *graph) kernelOf(e learn.Estimator, x string, c *learn.Matrix, name string, gamma, coef0, degree float64) string {
	switch name {
	case "linear":
		return g.matMul(x, g.mat(c.T()))
	case "rbf":
		return g.op("Exp", nil, g.mul(g.squares(x, c), g.scalar(-gamma)))
	case "laplacian":
		return g.op("Exp", nil, g.mul(g.manhattan(x, c), g.scalar(-gamma)))
	case "poly", "polynomial", "sigmoid":
		z := g.add(g.mul(g.matMul(x, g.mat(c.T())), g.scalar(gamma)), g.scalar(coef0))
		if name == "sigmoid" {
			return g.op("Tanh", nil, z)
		}
		return g.op("Pow", nil, z, g.scalar(degree))
	}
	refuse(e, "uses the kernel %s; ONNX has linear, poly, rbf, laplacian and sigmoid here", name)
	return ""
}

// machine returns sums of kernels of the support vectors times weights [support outputs], plus b.
func (g *graph) machine(e learn.Estimator, x string, m *svm.Machine, k *svm.Kernel, w *learn.Matrix, b []float64) string {
	return g.wide(x, func(x string) string {
		z := g.kernelOf(e, x, m.SupportVectors, k.Kernel, m.GammaUsed, k.Coef0, float64(k.Degree))
		return g.add(g.matMul(z, g.mat(w)), g.vec(b))
	})
}

// voter converts SVC and NuSVC: a decision for each pair of classes, then votes.
func (g *graph) voter(e learn.Estimator, x string, m *svm.Machine, k *svm.Kernel, classes []float64,
	v svm.Pairs, breakTies bool,
) *scored {
	raw := g.machine(e, x, m, k, v.Weights, v.Bias) // positive: the pair's first class
	if len(classes) == 2 {
		return &scored{classes: classes, raw: g.op("Neg", nil, raw), cols: 1}
	}
	first, second := learn.NewMatrix(len(v.Classes), len(classes)), learn.NewMatrix(len(v.Classes), len(classes))
	for r, p := range v.Classes {
		first.Set(r, p[0], 1)
		second.Set(r, p[1], 1)
	}
	won := g.cast(g.above(raw, 0))
	votes := g.add(g.matMul(won, g.mat(first)), g.matMul(g.sub(g.scalar(1), won), g.mat(second)))
	conf := g.sub(g.matMul(raw, g.mat(first)), g.matMul(raw, g.mat(second)))
	share := g.div(conf, g.mul(g.scalar(3), g.add(g.op("Abs", nil, conf), g.scalar(1))))
	s := &scored{classes: classes, raw: votes, cols: len(classes), decision: g.add(votes, share)}
	if breakTies {
		s.raw = s.decision
	}
	return s
}

func (g *graph) kernelRidge(m *kernel.KernelRidge, x string) (y string, n int) {
	gamma := 1 / float64(m.XFit.Cols)
	if v, ok := learn.OptFloat(m.Gamma); ok {
		gamma = v
	}
	y = g.wide(x, func(x string) string {
		return g.matMul(g.kernelOf(m, x, m.XFit, m.Kernel, gamma, m.Coef0, m.Degree), g.mat(m.DualCoef))
	})
	return y, m.DualCoef.Cols
}

// centers converts clusterers with centres: label of the nearest, and distances.
func (g *graph) centers(x string, c *learn.Matrix) (label, scores string, n int) {
	d := g.wide(x, func(x string) string {
		d := g.squares(x, c)
		label = g.argMax(g.op("Neg", nil, d))
		return g.op("Sqrt", nil, d)
	})
	return label, d, c.Rows
}

func (g *graph) mixture(m *mixture.GaussianMixture, x string) (label, proba string, n int) {
	logs := make([]float64, len(m.Weights))
	for c, w := range m.Weights {
		logs[c] = math.Log(w)
	}
	return g.normals(x, m.Means, m.PrecisionsCholesky(), logs)
}

// normals are the probabilities of normal distributions with these means, roots of precisions and log-weights.
func (g *graph) normals(x string, means *learn.Matrix, roots []*learn.Matrix, weights []float64,
) (label, proba string, n int) {
	proba = g.wide(x, func(x string) string {
		var parts []string
		for c, u := range roots {
			z := g.matMul(g.sub(x, g.vec(means.Row(c))), g.mat(u))
			base := weights[c] - 0.5*float64(u.Rows)*math.Log(2*math.Pi)
			for j := range u.Rows {
				base += math.Log(u.At(j, j))
			}
			parts = append(parts, g.sub(g.scalar(base), g.mul(g.scalar(0.5), g.sum(g.mul(z, z)))))
		}
		logs := g.concat(parts...)
		label = g.argMax(logs)
		return g.softmax(logs)
	})
	return label, proba, len(weights)
}
