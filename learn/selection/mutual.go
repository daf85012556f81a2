package selection

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// MutualInfoOptions are settings of estimates of mutual information.
type MutualInfoOptions struct {
	NNeighbors  int   // 0 means 3
	Discrete    []int // columns of classes; others are continuous
	RandomState int64 // of the noise that breaks ties
}

// MutualInfoClassif estimates the mutual information of each column with the classes of y, in nats, by
// nearest neighbours (Ross 2014) for continuous columns.
func MutualInfoClassif(x, y *learn.Matrix, o MutualInfoOptions) []float64 {
	return mutualInfo(x, y, o, true)
}

// MutualInfoRegression estimates the mutual information of each column with the numbers of y (Kraskov 2004).
func MutualInfoRegression(x, y *learn.Matrix, o MutualInfoOptions) []float64 {
	return mutualInfo(x, y, o, false)
}

func mutualInfo(x, y *learn.Matrix, o MutualInfoOptions, classes bool) []float64 {
	if o.NNeighbors == 0 {
		o.NNeighbors = 3
	}
	r := random.New(o.RandomState)
	discrete := map[int]bool{}
	for _, j := range o.Discrete {
		discrete[j] = true
	}
	cols := make([][]float64, x.Cols)
	for j := range cols {
		cols[j] = x.Col(j)
		if !discrete[j] {
			scale(cols[j])
		}
	}
	for i := range x.Rows { // noise in scikit-learn's order
		for j := range cols {
			if !discrete[j] {
				cols[j][i] += 1e-10 * r.Gauss()
			}
		}
	}
	t := y.Col(0)
	if !classes {
		scale(t)
		for i := range t {
			t[i] += 1e-10 * r.Gauss()
		}
	}
	out := make([]float64, x.Cols)
	engine.Parallel(x.Cols, 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			switch d := discrete[j]; {
			case d && classes:
				out[j] = bothDiscrete(cols[j], t)
			case d:
				out[j] = oneDiscrete(t, cols[j], o.NNeighbors)
			case classes:
				out[j] = oneDiscrete(cols[j], t, o.NNeighbors)
			default:
				out[j] = bothContinuous(cols[j], t, o.NNeighbors)
			}
		}
	})
	return out
}

// scale divides by the standard deviation.
func scale(v []float64) {
	n := float64(len(v))
	mean, ss, size := 0.0, 0.0, 0.0
	for _, x := range v {
		mean += x / n
		size += math.Abs(x) / n
	}
	for _, x := range v {
		ss += (x - mean) * (x - mean) / n
	}
	if ss == 0 {
		ss = 1
	}
	d := math.Sqrt(ss)
	noise := max(1, size/d)
	for i := range v {
		v[i] /= d * noise
	}
	for i := range v {
		v[i] *= noise
	}
}

func bothDiscrete(a, b []float64) float64 {
	n := float64(len(a))
	joint, pa, pb := map[[2]float64]float64{}, map[float64]float64{}, map[float64]float64{}
	for i := range a {
		joint[[2]float64{a[i], b[i]}]++
		pa[a[i]]++
		pb[b[i]]++
	}
	s := 0.0
	for k, c := range joint {
		s += c / n * math.Log(c*n/(pa[k[0]]*pb[k[1]]))
	}
	return max(0, s)
}

// kthDistance returns the distance of sorted value i from its k-th nearest other value.
func kthDistance(sorted []float64, i, k int) float64 {
	lo, hi := i, i
	d := 0.0
	for range k {
		left, right := math.Inf(1), math.Inf(1)
		if lo > 0 {
			left = sorted[i] - sorted[lo-1]
		}
		if hi+1 < len(sorted) {
			right = sorted[hi+1] - sorted[i]
		}
		if left <= right {
			d = left
			lo--
		} else {
			d = right
			hi++
		}
	}
	return d
}

// within counts the sorted values at most r from v; differences are exact where sums would round.
func within(sorted []float64, v, r float64) int {
	return sort.Search(len(sorted), func(q int) bool { return sorted[q]-v > r }) -
		sort.Search(len(sorted), func(q int) bool { return v-sorted[q] <= r })
}

func oneDiscrete(c, d []float64, neighbors int) float64 {
	groups := map[float64][]float64{}
	for i, k := range d {
		groups[k] = append(groups[k], c[i])
	}
	var all []float64
	for _, g := range groups {
		if len(g) > 1 {
			all = append(all, g...)
		}
	}
	sort.Float64s(all)
	n := float64(len(all))
	psiK, psiN, psiM := 0.0, 0.0, 0.0
	for _, g := range groups {
		if len(g) < 2 {
			continue
		}
		sort.Float64s(g)
		k := min(neighbors, len(g)-1)
		for i, v := range g {
			r := math.Nextafter(kthDistance(g, i, k), 0)
			m := within(all, v, r)
			psiM += mathext.Digamma(float64(m)) / n
			psiK += mathext.Digamma(float64(k)) / n
			psiN += mathext.Digamma(float64(len(g))) / n
		}
	}
	return max(0, mathext.Digamma(n)+psiK-psiN-psiM)
}

func bothContinuous(x, y []float64, k int) float64 {
	n := len(x)
	sx, sy := append([]float64(nil), x...), append([]float64(nil), y...)
	sort.Float64s(sx)
	sort.Float64s(sy)
	sum := 0.0
	best := make([]float64, k)
	for i := range x {
		for q := range best {
			best[q] = math.Inf(1)
		}
		for j := range x {
			if j == i {
				continue
			}
			d := max(math.Abs(x[i]-x[j]), math.Abs(y[i]-y[j]))
			for q := k - 1; q >= 0 && d < best[q]; q-- {
				if q+1 < k {
					best[q+1] = best[q]
				}
				best[q] = d
			}
		}
		r := math.Nextafter(best[k-1], 0)
		nx, ny := within(sx, x[i], r), within(sy, y[i], r)
		sum += mathext.Digamma(float64(nx)) + mathext.Digamma(float64(ny))
	}
	return max(0, mathext.Digamma(float64(n))+mathext.Digamma(float64(k))-sum/float64(n))
}
