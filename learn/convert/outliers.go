package convert

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/covariance"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/neighbors"
)

// outliers converts detectors to their decision function, [N 1]; "" for others.
func (g *graph) outliers(e learn.Estimator, x string) string {
	switch m := e.(type) {
	case *ensemble.IsolationForest:
		return g.isolation(m, x)
	case *covariance.EllipticEnvelope:
		return g.wide(x, func(x string) string {
			z := g.sub(x, g.vec(m.Location))
			far := g.sum(g.mul(g.matMul(z, g.mat(m.Precision)), z))
			return g.sub(g.op("Neg", nil, far), g.scalar(m.Offset))
		})
	case *neighbors.LocalOutlierFactor:
		return g.localFactor(m, x)
	}
	return ""
}

// verdict returns 1 where a decision is at least 0 and −1 elsewhere, [N].
func (g *graph) verdict(decision string) string {
	in := g.flat(g.castTo(g.op("GreaterOrEqual", nil, decision, g.scalar(0)), int64Type))
	return g.sub(g.op("Mul", nil, in, g.ints(2)), g.ints(1))
}

// isolation is −2^(−mean depth / expected depth) − offset.
func (g *graph) isolation(m *ensemble.IsolationForest, x string) string {
	list, expected := m.Trees()
	if expected == 0 {
		return g.add(g.mul(g.sum(x), g.scalar(0)), g.scalar(-0.5-m.Offset))
	}
	t := &trees{targets: 1}
	for _, s := range list {
		t.add(s, 0, 1)
	}
	depth := g.div(t.write(g, x, false), g.scalar(float64(len(list))*expected))
	score := g.op("Pow", nil, g.scalar(2), g.op("Neg", nil, depth))
	return g.sub(g.op("Neg", nil, score), g.scalar(m.Offset))
}

// localFactor compares the density at a row with those of its nearest rows of Fit.
func (g *graph) localFactor(m *neighbors.LocalOutlierFactor, x string) string {
	if !m.Novelty {
		refuse(m, "judges only the rows of Fit; set Novelty")
	}
	density, reach := m.Local()
	return g.wide(x, func(x string) string {
		top := g.node("", "TopK", list(attr("axis", 1), attr("largest", 0), attr("sorted", 1)),
			[]string{g.distances(m, x, &m.Search), g.ints(m.Neighbors)}, 2)
		far := g.op("Max", nil, top[0], g.op("Gather", nil, g.vec(reach), top[1]))
		mean := g.op("ReduceMean", list(attr("keepdims", 1)), far, g.ints(1))
		theirs := g.op("ReduceMean", list(attr("keepdims", 1)), g.op("Gather", nil, g.vec(density), top[1]), g.ints(1))
		ratio := g.mul(theirs, g.add(mean, g.scalar(1e-10))) // over one's own density, 1/(mean + 1e-10)
		return g.sub(g.op("Neg", nil, ratio), g.scalar(m.Offset))
	})
}

// nearestGroups converts clusterers that give a row to its nearest centre; nil for others.
func nearestGroups(e learn.Estimator) (centers *learn.Matrix, labels []int) {
	switch m := e.(type) {
	case *cluster.KMeans:
		return m.Centers, nil
	case *cluster.MiniBatchKMeans:
		return m.Centers, nil
	case *cluster.BisectingKMeans:
		return m.Centers, nil
	case *cluster.MeanShift:
		return m.Centers, nil
	case *cluster.AffinityPropagation:
		if m.Centers == nil || m.Centers.Rows == 0 {
			refuse(m, "found no exemplars")
		}
		return m.Centers, nil
	case *cluster.Birch:
		return m.Centers, m.SubclusterLabel
	}
	return nil, nil
}

// within returns indicators or inverse distances of the rows within a radius, [N rows], in float64.
func (g *graph) within(e learn.Estimator, x string, s *neighbors.Search, radius float64, weights string) string {
	d := g.distances(e, x, s)
	near := g.cast(g.op("LessOrEqual", nil, d, g.scalar(radius)))
	switch weights {
	case "uniform":
		return near
	case "distance":
	default:
		refuse(e, "has weights %s; ONNX has uniform and distance here", weights)
	}
	zero := g.op("Equal", nil, d, g.scalar(0))
	inverse := g.div(near, g.op("Where", nil, zero, g.scalar(1), d))
	hit := g.cast(zero)
	exact := g.op("ReduceMax", list(attr("keepdims", 1)), hit, g.ints(1))
	return g.op("Where", nil, g.above(exact, 0), hit, inverse)
}

func (g *graph) radiusClasses(m *neighbors.RadiusNeighborsClassifier, x string) *scored {
	codes := m.Codes()
	if len(codes) != 1 || m.OutlierLabel != nil {
		refuse(m, "predicts %d outputs, label of outliers %v; ONNX has one output and none here", len(codes), m.OutlierLabel)
	}
	member := learn.NewMatrix(len(codes[0]), len(m.Classes))
	for i, c := range codes[0] {
		member.Set(i, c, 1)
	}
	p := g.wide(x, func(x string) string {
		return g.share(g.matMul(g.within(m, x, &m.Search, m.Radius, m.Weights), g.mat(member)))
	})
	return g.fixed(m.Classes, p)
}

// radiusNumbers are means of the rows within a radius; NaN without any.
func (g *graph) radiusNumbers(m *neighbors.RadiusNeighborsRegressor, x string) (y string, n int) {
	y = g.wide(x, func(x string) string {
		w := g.within(m, x, &m.Search, m.Radius, m.Weights)
		total := g.sum(w)
		none := g.op("Equal", nil, total, g.scalar(0))
		mean := g.div(g.matMul(w, g.mat(m.Y)), g.op("Where", nil, none, g.scalar(1), total))
		return g.op("Where", nil, none, g.scalar(math.NaN()), mean)
	})
	return y, m.Y.Cols
}
