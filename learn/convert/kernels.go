package convert

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/gp"
	"github.com/lathe-ml/lathe/learn/kernel"
	"github.com/lathe-ml/lathe/learn/neural"
	"github.com/lathe-ml/lathe/learn/preprocess"
)

// features converts transformers by kernels and their approximations, or returns "".
func (g *graph) features(e learn.Estimator, x string, cols int) (y string, n int) {
	switch m := e.(type) {
	case *preprocess.KernelCenterer:
		return g.wide(x, func(x string) string { return g.centred(m, x) }), cols
	case *decomposition.KernelPCA:
		w := m.Eigenvectors.Clone()
		for i := range w.Rows {
			for k := range w.Row(i) {
				if v := m.Eigenvalues[k]; v > 0 {
					w.Row(i)[k] /= math.Sqrt(v)
				} else {
					w.Row(i)[k] = 0
				}
			}
		}
		return g.wide(x, func(x string) string {
			k := x
			if m.Kernel != "precomputed" {
				k = g.kernelOf(m, x, m.XFit, m.Kernel, m.GammaUsed, m.Coef0, m.Degree)
			}
			return g.matMul(g.centred(m.Centerer, k), g.mat(w))
		}), w.Cols
	case *kernel.Nystroem:
		gamma := 1 / float64(m.Components.Cols)
		if v, ok := learn.OptFloat(m.Gamma); ok {
			gamma = v
		}
		return g.wide(x, func(x string) string {
			k := g.kernelOf(m, x, m.Components, m.Kernel, gamma, m.Coef0, m.Degree)
			return g.matMul(k, g.mat(m.Normalization.T()))
		}), m.Normalization.Rows
	case *kernel.RBFSampler:
		return g.fourier(x, m.Weights, m.Offset), m.Weights.Cols
	case *kernel.SkewedChi2Sampler:
		return g.fourier(g.wide(x, func(x string) string { return g.op("Log", nil, g.add(x, g.scalar(m.Skewedness))) }), m.Weights, m.Offset), m.Weights.Cols
	case *kernel.AdditiveChi2Sampler:
		return g.additive(m, x), cols * (2*m.SampleSteps - 1)
	case *neural.BernoulliRBM:
		return g.sigmoid(g.affine(x, m.Components, m.Hidden)), m.Components.Rows
	}
	return "", 0
}

// centred subtracts the means of a kernel matrix.
func (g *graph) centred(m *preprocess.KernelCenterer, k string) string {
	mean := g.op("ReduceMean", list(attr("keepdims", 1)), k, g.ints(1))
	return g.add(g.sub(g.sub(k, mean), g.vec(m.KFitRows)), g.scalar(m.KFitAll))
}

// fourier are √(2/n)·cos(x·w + b).
func (g *graph) fourier(x string, w *learn.Matrix, b []float64) string {
	return g.wide(x, func(x string) string {
		z := g.op("Cos", nil, g.add(g.matMul(x, g.mat(w)), g.vec(b)))
		return g.mul(z, g.scalar(math.Sqrt(2/float64(w.Cols))))
	})
}

// additive samples the Fourier transform of the additive χ² kernel; columns of 0 stay 0.
func (g *graph) additive(m *kernel.AdditiveChi2Sampler, x string) string {
	step := m.Interval()
	return g.wide(x, func(x string) string {
		zero := g.op("Equal", nil, x, g.scalar(0))
		logs := g.op("Log", nil, g.op("Where", nil, zero, g.scalar(1), x))
		parts := []string{g.op("Sqrt", nil, g.mul(x, g.scalar(step)))}
		for k := 1; k < m.SampleSteps; k++ {
			f := g.op("Sqrt", nil, g.mul(x, g.scalar(2*step/math.Cosh(math.Pi*float64(k)*step))))
			angle := g.mul(logs, g.scalar(float64(k)*step))
			parts = append(parts, g.mul(f, g.op("Cos", nil, angle)), g.mul(f, g.op("Sin", nil, angle)))
		}
		return g.concat(parts...)
	})
}

// process is the mean of a Gaussian process.
func (g *graph) process(m *gp.GaussianProcessRegressor, x string) (y string, n int) {
	mean, sd := m.Scale()
	y = g.wide(x, func(x string) string {
		z := g.matMul(g.covariance(m, m.Tuned, x, m.XTrain), g.mat(m.AlphaVec))
		return g.add(g.mul(z, g.vec(sd)), g.vec(mean))
	})
	return y, m.AlphaVec.Cols
}

// covariance returns a kernel of Gaussian processes between rows and the rows of c, [N c.Rows].
func (g *graph) covariance(e learn.Estimator, k *gp.Kernel, x string, c *learn.Matrix) string {
	switch k.Kind {
	case "add":
		return g.add(g.covariance(e, k.Parts[0], x, c), g.covariance(e, k.Parts[1], x, c))
	case "mul":
		return g.mul(g.covariance(e, k.Parts[0], x, c), g.covariance(e, k.Parts[1], x, c))
	case "pow":
		return g.op("Pow", nil, g.covariance(e, k.Parts[0], x, c), g.scalar(k.Nu))
	case "constant":
		return g.scalar(k.Values[0])
	case "white":
		return g.scalar(0) // between different rows
	case "dot":
		return g.add(g.matMul(x, g.mat(c.T())), g.scalar(k.Values[0]*k.Values[0]))
	case "rational":
		l, a := k.Values[0], k.Values[1]
		base := g.add(g.mul(g.squares(x, c), g.scalar(1/(2*a*l*l))), g.scalar(1))
		return g.op("Pow", nil, base, g.scalar(-a))
	case "sine":
		s := g.op("Sin", nil, g.mul(g.op("Sqrt", nil, g.squares(x, c)), g.scalar(math.Pi/k.Values[1])))
		return g.op("Exp", nil, g.mul(g.mul(s, s), g.scalar(-2/(k.Values[0]*k.Values[0]))))
	}
	// rbf and matern: columns divided by their lengths
	lengths, scaled := make([]float64, c.Cols), c.Clone()
	for j := range lengths {
		lengths[j] = k.Values[j%len(k.Values)]
	}
	for i := range scaled.Rows {
		for j := range scaled.Row(i) {
			scaled.Row(i)[j] /= lengths[j]
		}
	}
	r2 := g.squares(g.div(x, g.vec(lengths)), scaled)
	if k.Kind == "rbf" || math.IsInf(k.Nu, 1) {
		return g.op("Exp", nil, g.mul(r2, g.scalar(-0.5)))
	}
	if k.Kind != "matern" {
		refuse(e, "has the kernel %v, which has no form in ONNX", k)
	}
	r := g.mul(g.op("Sqrt", nil, r2), g.scalar(math.Sqrt(2*k.Nu)))
	decay := g.op("Exp", nil, g.op("Neg", nil, r))
	switch k.Nu {
	case 1.5:
		return g.mul(g.add(r, g.scalar(1)), decay)
	case 2.5:
		return g.mul(g.add(g.add(r, g.scalar(1)), g.mul(g.mul(r, r), g.scalar(1.0/3))), decay)
	}
	return decay
}
