package generate

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// RegressionOptions are the options of Regression.
type RegressionOptions struct {
	Samples     int // 0: 100
	Features    int // 0: 100
	Informative int // features that the target depends on; 0: 10
	Targets     int // 0: 1
	Bias, Noise float64
	Ordered     bool // rows and columns are not shuffled
	Seed        int64
}

// Regression returns normal features [samples features], targets that are linear in some of them, and the
// coefficients [features targets] (make_regression with coef=True).
func Regression(o RegressionOptions) (x, y, coef *learn.Matrix) {
	n, f, k := or(o.Samples, 100), or(o.Features, 100), or(o.Targets, 1)
	positive("Regression", "Samples", n)
	positive("Regression", "Features", f)
	positive("Regression", "Targets", k)
	informative := min(f, or(o.Informative, 10))
	r := random.New(o.Seed)
	x, coef = learn.NewMatrix(n, f), learn.NewMatrix(f, k)
	copy(x.Data, r.Normals(n*f))
	for i := range informative * k {
		coef.Data[i] = 100 * r.Float64()
	}
	y = learn.Mul(x, coef)
	for i := range y.Data {
		y.Data[i] += o.Bias
	}
	if o.Noise > 0 {
		for i := range y.Data {
			y.Data[i] += r.Normal(0, o.Noise)
		}
	}
	if !o.Ordered {
		x, y = shuffled(r, x, y)
		order := shuffledColumns(r, f)
		x, coef = learn.TakeColumns(x, order).(*learn.Matrix), learn.TakeRows(coef, order).(*learn.Matrix)
	}
	return x, y, coef
}

func shuffledColumns(r *random.State, f int) []int {
	order := make([]int, f)
	for i := range order {
		order[i] = i
	}
	r.Shuffle(f, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// ClassificationOptions are the options of Classification; NewClassification sets the defaults.
type ClassificationOptions struct {
	Samples, Features                int
	Informative, Redundant, Repeated int // features; the rest is noise
	Classes, Clusters                int // classes, and clusters of each
	Weights                          []float64
	FlipY                            float64 // share of labels that are drawn at random
	ClassSep                         float64 // half the length of the hypercube's edges
	Polytope                         bool    // centres are at random places, not at corners of a hypercube
	Shift, Scale                     float64 // of all features
	Ordered                          bool    // rows and columns are not shuffled
	Seed                             int64
}

// NewClassification returns scikit-learn's defaults: 100 samples, 20 features, 2 of them informative and 2
// redundant, 2 classes of 2 clusters, 1 % of the labels drawn at random.
func NewClassification() ClassificationOptions {
	return ClassificationOptions{
		Samples: 100, Features: 20, Informative: 2, Redundant: 2, Classes: 2, Clusters: 2, FlipY: 0.01, ClassSep: 1, Scale: 1,
	}
}

func (o ClassificationOptions) check() {
	const where = "Classification"
	positive(where, "Samples", o.Samples)
	positive(where, "Informative", o.Informative)
	positive(where, "Classes", o.Classes)
	positive(where, "Clusters", o.Clusters)
	if o.Redundant < 0 || o.Repeated < 0 || o.Informative+o.Redundant+o.Repeated > o.Features {
		learn.Fail("generate."+where, "%d informative, %d redundant and %d repeated of %d features; want no more in all",
			o.Informative, o.Redundant, o.Repeated, o.Features)
	}
	if c := o.Classes * o.Clusters; o.Informative < 62 && c > 1<<o.Informative {
		learn.Fail("generate."+where, "%d clusters in all, %d corners of a hypercube of %d informative features; want no "+
			"more clusters than corners", c, 1<<o.Informative, o.Informative)
	}
	if n := len(o.Weights); n != 0 && n != o.Classes && n != o.Classes-1 {
		learn.Fail("generate."+where, "%d weights for %d classes", n, o.Classes)
	}
}

// Classification returns clusters of points around the corners of a hypercube, [samples features], with features
// that depend on others or on nothing, and the class of each point (make_classification).
func Classification(o ClassificationOptions) (x, y *learn.Matrix) {
	o.check()
	r := random.New(o.Seed)
	n, f, inf := o.Samples, o.Features, o.Informative
	x, y = learn.NewMatrix(n, f), learn.NewMatrix(n, 1)
	corners := o.corners(r)
	drawn := r.Normals(n * inf)
	at := 0
	for k, rows := range o.sizes() {
		mix := learn.NewMatrix(inf, inf)
		for i := range mix.Data {
			mix.Data[i] = 2*r.Float64() - 1
		}
		points := learn.Mul(&learn.Matrix{Rows: rows, Cols: inf, Data: drawn[at*inf : (at+rows)*inf]}, mix)
		for i := range rows {
			for j := range inf {
				x.Data[(at+i)*f+j] = points.Data[i*inf+j] + corners[k][j]
			}
			y.Data[at+i] = float64(k % o.Classes)
		}
		at += rows
	}
	o.depend(r, x)
	for i := range n {
		if r.Float64() < o.FlipY {
			y.Data[i] = -1
		}
	}
	for i, v := range y.Data {
		if v < 0 {
			y.Data[i] = float64(r.Intn(o.Classes))
		}
	}
	for i := range x.Data {
		x.Data[i] = (x.Data[i] + o.Shift) * o.Scale
	}
	if !o.Ordered {
		x, y = shuffled(r, x, y)
		x = learn.TakeColumns(x, shuffledColumns(r, f)).(*learn.Matrix)
	}
	return x, y
}

// sizes are the numbers of rows of the clusters.
func (o ClassificationOptions) sizes() []int {
	weights := append([]float64{}, o.Weights...)
	if len(weights) == 0 {
		for range o.Classes {
			weights = append(weights, 1/float64(o.Classes))
		}
	}
	if len(weights) < o.Classes {
		rest := 1.0
		sum := 0.0
		for _, w := range weights {
			sum += w
		}
		weights = append(weights, rest-sum)
	}
	sizes, total := make([]int, o.Classes*o.Clusters), 0
	for k := range sizes {
		sizes[k] = int(float64(o.Samples) * weights[k%o.Classes] / float64(o.Clusters))
		total += sizes[k]
	}
	for i := range o.Samples - total {
		sizes[i%len(sizes)]++
	}
	return sizes
}

// corners are the centres of the clusters.
func (o ClassificationOptions) corners(r *random.State) [][]float64 {
	k, inf := o.Classes*o.Clusters, o.Informative
	bits := make([][]float64, k)
	if inf > 30 {
		for i := range bits {
			for _, b := range r.Ints(2, inf-30) {
				bits[i] = append(bits[i], float64(b))
			}
		}
	}
	last := min(inf, 30)
	for i, code := range r.Sample(1<<last, k) {
		for j := last - 1; j >= 0; j-- {
			bits[i] = append(bits[i], float64(code>>j&1))
		}
	}
	for i := range bits {
		for j := range bits[i] {
			bits[i][j] = bits[i][j]*2*o.ClassSep - o.ClassSep
		}
	}
	if o.Polytope {
		for i := range bits {
			u := r.Float64()
			for j := range bits[i] {
				bits[i][j] *= u
			}
		}
		for j := range inf {
			u := r.Float64()
			for i := range bits {
				bits[i][j] *= u
			}
		}
	}
	return bits
}

// depend fills the features that depend on the informative ones, repeat others, or are noise.
func (o ClassificationOptions) depend(r *random.State, x *learn.Matrix) {
	f, inf := x.Cols, o.Informative
	if o.Redundant > 0 {
		mix := learn.NewMatrix(inf, o.Redundant)
		for i := range mix.Data {
			mix.Data[i] = 2*r.Float64() - 1
		}
		for i := range x.Rows {
			for j := range o.Redundant {
				sum := 0.0
				for k := range inf {
					sum += x.Data[i*f+k] * mix.Data[k*o.Redundant+j]
				}
				x.Data[i*f+inf+j] = sum
			}
		}
	}
	known := inf + o.Redundant
	for j := range o.Repeated {
		from := int(float64(known-1)*r.Float64() + 0.5)
		for i := range x.Rows {
			x.Data[i*f+known+j] = x.Data[i*f+from]
		}
	}
	if rest := f - known - o.Repeated; rest > 0 {
		noise := r.Normals(x.Rows * rest)
		for i := range x.Rows {
			copy(x.Data[(i+1)*f-rest:(i+1)*f], noise[i*rest:])
		}
	}
}

// FriedmanOptions are the options of Friedman1, 2 and 3.
type FriedmanOptions struct {
	Samples  int // 0: 100
	Features int // Friedman1: at least 5; 0: 10
	Noise    float64
	Seed     int64
}

// Friedman1 returns uniform features and y = 10·sin(π·x₀·x₁) + 20·(x₂ − ½)² + 10·x₃ + 5·x₄ + noise
// (make_friedman1).
func Friedman1(o FriedmanOptions) (x, y *learn.Matrix) {
	f := or(o.Features, 10)
	if f < 5 {
		learn.Fail("generate.Friedman1", "%d features; want at least 5", f)
	}
	return friedman("Friedman1", o, f, func([]float64) {}, func(v []float64) float64 {
		return 10*math.Sin(math.Pi*v[0]*v[1]) + 20*math.Pow(v[2]-0.5, 2) + 10*v[3] + 5*v[4]
	})
}

// Friedman2 returns 4 features and y = √(x₀² + (x₁·x₂ − 1/(x₁·x₃))²) + noise (make_friedman2).
func Friedman2(o FriedmanOptions) (x, y *learn.Matrix) {
	return friedman("Friedman2", o, 4, spread, func(v []float64) float64 {
		return math.Sqrt(v[0]*v[0] + math.Pow(v[1]*v[2]-1/(v[1]*v[3]), 2))
	})
}

// Friedman3 returns 4 features and y = atan((x₁·x₂ − 1/(x₁·x₃))/x₀) + noise (make_friedman3).
func Friedman3(o FriedmanOptions) (x, y *learn.Matrix) {
	return friedman("Friedman3", o, 4, spread, func(v []float64) float64 {
		return math.Atan((v[1]*v[2] - 1/(v[1]*v[3])) / v[0])
	})
}

// spread gives uniform numbers the ranges of the circuits that Friedman took them from.
func spread(v []float64) {
	v[0] *= 100
	v[1] = v[1]*(520*math.Pi) + 40*math.Pi
	v[3] = v[3]*10 + 1
}

func friedman(where string, o FriedmanOptions, f int, scale func(v []float64), of func(v []float64) float64) (x, y *learn.Matrix) {
	n := or(o.Samples, 100)
	positive(where, "Samples", n)
	r := random.New(o.Seed)
	x, y = learn.NewMatrix(n, f), learn.NewMatrix(n, 1)
	for i := range x.Data {
		x.Data[i] = r.Float64()
	}
	for i := range n {
		row := x.Data[i*f : (i+1)*f]
		scale(row)
		y.Data[i] = of(row)
	}
	for i := range n {
		y.Data[i] += o.Noise * r.Gauss()
	}
	return x, y
}

// Hastie returns 10 normal features and whether the sum of their squares is above 9.34: 1 or −1
// (make_hastie_10_2).
func Hastie(samples int, seed int64) (x, y *learn.Matrix) {
	positive("Hastie", "samples", samples)
	r := random.New(seed)
	x, y = learn.NewMatrix(samples, 10), learn.NewMatrix(samples, 1)
	copy(x.Data, r.Normals(samples*10))
	for i := range samples {
		sum := 0.0
		for _, v := range x.Data[10*i : 10*i+10] {
			sum += v * v
		}
		if y.Data[i] = -1; sum > 9.34 {
			y.Data[i] = 1
		}
	}
	return x, y
}

// SparseUncorrelated returns normal features and y = x₀ + 2·x₁ − 2·x₂ − 1.5·x₃ + normal noise
// (make_sparse_uncorrelated).
func SparseUncorrelated(samples, features int, seed int64) (x, y *learn.Matrix) {
	positive("SparseUncorrelated", "samples", samples)
	if features < 4 {
		learn.Fail("generate.SparseUncorrelated", "%d features; want at least 4", features)
	}
	r := random.New(seed)
	x, y = learn.NewMatrix(samples, features), learn.NewMatrix(samples, 1)
	copy(x.Data, r.Normals(samples*features))
	for i := range samples {
		v := x.Data[i*features:]
		y.Data[i] = r.Normal(v[0]+2*v[1]-2*v[2]-1.5*v[3], 1)
	}
	return x, y
}
