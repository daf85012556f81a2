// Package inspection asks a fitted estimator which features it uses, and how.
//
//	p, err := inspection.PermutationImportance(m, x, y, inspection.ImportanceOptions{Repeats: 10})
//	fmt.Println(p.Mean, p.Std)
//	d, err := inspection.PartialDependence(m, x, []int{2}, inspection.DependenceOptions{})
//	viz.Line(d.Values[0], d.Average.Row(0))
//
// Results are those of scikit-learn's permutation_importance and partial_dependence (the brute method) for the same
// options and seed. It does not draw (package viz) and does not look into trees: recursion is not there.
package inspection

import (
	"math"
	"runtime"
	"sort"
	"sync"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/search"
)

// ImportanceOptions are the options of PermutationImportance.
type ImportanceOptions struct {
	Scoring string // name of a scorer (search.ScorerNames); "": the estimator's own Score
	Repeats int    // 0: 5
	Samples int    // rows to use, drawn without repetition; 0: all
	Seed    int64
}

// Importance is how much worse the score is when one feature says nothing.
type Importance struct {
	Mean, Std []float64     // of each feature, over the repeats
	All       *learn.Matrix // [features repeats]
}

// PermutationImportance returns, for each column of x, the score of e less the score when the column is shuffled
// (permutation_importance). e is fitted; x may be other data than it was fitted with. Columns are tried in parallel.
func PermutationImportance(e learn.Estimator, x learn.Data, y *learn.Matrix, o ImportanceOptions) (_ *Importance, err error) {
	defer learn.Catch(&err)
	const where = "inspection.PermutationImportance"
	score := func(e learn.Estimator, x learn.Data, y *learn.Matrix) (float64, error) {
		s, ok := e.(learn.Scorer)
		if !ok {
			learn.Fail(where, "%T has no score of its own; name one in Scoring", e)
		}
		return s.Score(x, y)
	}
	if o.Scoring != "" {
		if score, err = search.ScorerOf(o.Scoring); err != nil {
			return nil, err
		}
	}
	if o.Repeats == 0 {
		o.Repeats = 5
	}
	d := learn.Dense(where, x, learn.AllowNaN)
	if o.Repeats < 0 || o.Samples < 0 || o.Samples > d.Rows {
		learn.Fail(where, "%d repeats over %d of %d rows; want at least one repeat, and no more rows than there are",
			o.Repeats, o.Samples, d.Rows)
	}
	base, err := score(e, d, y)
	if err != nil {
		return nil, err
	}
	seed := int64(random.New(o.Seed).Intn(1 << 31))
	p := &Importance{All: learn.NewMatrix(d.Cols, o.Repeats)}
	failures := make([]error, d.Cols)
	var wg sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for j := range d.Cols {
		wg.Add(1)
		free <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-free }()
			defer learn.Catch(&failures[j])
			failures[j] = shuffled(d, y, j, o, seed, func(x, y *learn.Matrix, k int) error {
				s, err := score(e, x, y)
				p.All.Data[j*o.Repeats+k] = base - s
				return err
			})
		}()
	}
	wg.Wait()
	for j, err := range failures {
		if err != nil {
			return nil, err
		}
		m, s := moments(p.All.Data[j*o.Repeats : (j+1)*o.Repeats])
		p.Mean, p.Std = append(p.Mean, m), append(p.Std, s)
	}
	return p, nil
}

// shuffled calls f for each repeat with column j of x in another order.
func shuffled(x, y *learn.Matrix, j int, o ImportanceOptions, seed int64, f func(x, y *learn.Matrix, k int) error) error {
	r := random.New(seed)
	index := make([]int, x.Rows)
	for i := range index {
		index[i] = i
	}
	if o.Samples > 0 && o.Samples < x.Rows {
		index = r.Sample(x.Rows, o.Samples)
		y = learn.TakeRows(y, index).(*learn.Matrix)
	}
	x = learn.TakeRows(x, index).(*learn.Matrix) // a copy of its own
	for i := range index {
		index[i] = i
	}
	column := make([]float64, x.Rows)
	for k := range o.Repeats {
		r.Shuffle(len(index), func(a, b int) { index[a], index[b] = index[b], index[a] })
		for i, from := range index {
			column[i] = x.Data[from*x.Cols+j]
		}
		for i, v := range column {
			x.Data[i*x.Cols+j] = v
		}
		if err := f(x, y, k); err != nil {
			return err
		}
	}
	return nil
}

// moments are the mean and the standard deviation of a population.
func moments(v []float64) (mean, std float64) {
	for _, a := range v {
		mean += a / float64(len(v))
	}
	for _, a := range v {
		std += (a - mean) * (a - mean) / float64(len(v))
	}
	return mean, math.Sqrt(std)
}

// DependenceOptions are the options of PartialDependence.
type DependenceOptions struct {
	Resolution  int        // points along each feature; 0: 100
	Percentiles [2]float64 // ends of the grid; both 0: 0.05 and 0.95
	Categorical []int      // features whose grid is all of their values
	// Values gives the grid of a feature instead.
	Values map[int][]float64
	// Decision takes the decision function of a classifier, not its probabilities.
	Decision bool
	Weights  []float64 // of the rows in the averages
}

// Dependence is what an estimator says on average at the points of a grid.
type Dependence struct {
	Values  [][]float64   // of each feature
	Average *learn.Matrix // [targets points]; points run over the last feature first
	// Individual are the rows that Average averages, [rows points], for each target.
	Individual []*learn.Matrix
}

// PartialDependence replaces features of x by the values of a grid and averages what e says (partial_dependence
// with method="brute", kind="both"): predictions of a regressor, the probabilities of a classifier, of the second
// class only when there are two. Targets are classes or outputs.
func PartialDependence(e learn.Estimator, x learn.Data, features []int, o DependenceOptions) (_ *Dependence, err error) {
	defer learn.Catch(&err)
	const where = "inspection.PartialDependence"
	d := learn.Dense(where, x, learn.AllowNaN)
	if len(features) == 0 {
		learn.Fail(where, "no features")
	}
	out := &Dependence{}
	points := 1
	for _, j := range features {
		if j < 0 || j >= d.Cols {
			learn.Fail(where, "feature %d of %d", j, d.Cols)
		}
		v := grid(where, d, j, o)
		out.Values = append(out.Values, v)
		points *= len(v)
	}
	answer, err := response(where, e, o)
	if err != nil {
		return nil, err
	}
	at := learn.TakeRows(d, all(d.Rows)).(*learn.Matrix)
	for p := range points {
		rest := p
		for k := len(features) - 1; k >= 0; k-- {
			v := out.Values[k]
			for i := range at.Rows {
				at.Data[i*at.Cols+features[k]] = v[rest%len(v)]
			}
			rest /= len(v)
		}
		y, err := answer(at)
		if err != nil {
			return nil, err
		}
		out.add(y, p, points, o.Weights)
	}
	return out, nil
}

// add enters the answers for point p.
func (d *Dependence) add(y *learn.Matrix, p, points int, weights []float64) {
	first := 0
	if y.Cols == 2 && d.second(y) {
		first = 1
	}
	if d.Average == nil {
		d.Average = learn.NewMatrix(y.Cols-first, points)
		for range y.Cols - first {
			d.Individual = append(d.Individual, learn.NewMatrix(y.Rows, points))
		}
	}
	for t := range y.Cols - first {
		sum, total := 0.0, 0.0
		for i := range y.Rows {
			v, w := y.Data[i*y.Cols+first+t], 1.0
			if weights != nil {
				w = weights[i]
			}
			d.Individual[t].Data[i*points+p] = v
			sum, total = sum+v*w, total+w
		}
		d.Average.Data[t*points+p] = sum / total
	}
}

// second reports whether two columns are the probabilities of two classes.
func (d *Dependence) second(y *learn.Matrix) bool {
	for i := range y.Rows {
		if math.Abs(y.Data[2*i]+y.Data[2*i+1]-1) > 1e-9 {
			return false
		}
	}
	return y.Rows > 0
}

// response returns what is averaged.
func response(where string, e learn.Estimator, o DependenceOptions) (func(x learn.Data) (*learn.Matrix, error), error) {
	if learn.KindOf(e) == learn.KindClassifier {
		if p, ok := e.(learn.Prober); ok && !o.Decision {
			return p.PredictProba, nil
		}
		if d, ok := e.(learn.Decider); ok {
			return d.DecisionFunction, nil
		}
		learn.Fail(where, "%T has neither probabilities nor a decision function", e)
	}
	p, ok := e.(learn.Predictor)
	if !ok {
		learn.Fail(where, "%T does not predict", e)
	}
	return p.Predict, nil
}

// grid returns the values of feature j that are tried.
func grid(where string, x *learn.Matrix, j int, o DependenceOptions) []float64 {
	if v, ok := o.Values[j]; ok {
		return v
	}
	n := o.Resolution
	if n == 0 {
		n = 100
	}
	ends := o.Percentiles
	if ends == [2]float64{} {
		ends = [2]float64{0.05, 0.95}
	}
	if n < 2 || !(0 <= ends[0] && ends[0] < ends[1] && ends[1] <= 1) {
		learn.Fail(where, "%d points between the quantiles %v; want at least 2 points, and 0 ≤ first < second ≤ 1", n, ends)
	}
	column := make([]float64, x.Rows)
	for i := range column {
		column[i] = x.Data[i*x.Cols+j]
	}
	sort.Float64s(column)
	distinct := learn.Distinct(column)
	whole := len(distinct) < n
	for _, c := range o.Categorical {
		whole = whole || c == j
	}
	if whole {
		return distinct
	}
	lo, hi := quantile(column, ends[0]), quantile(column, ends[1])
	if math.Abs(lo-hi) <= 1e-8+1e-5*math.Abs(hi) {
		learn.Fail(where, "the quantiles %v of feature %d are both near %g; want quantiles further apart", ends, j, lo)
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = lo + float64(i)*((hi-lo)/float64(n-1))
	}
	v[n-1] = hi
	return v
}

// quantile is SciPy's mquantiles of sorted numbers (plotting positions with 0.4).
func quantile(v []float64, p float64) float64 {
	n := float64(len(v))
	at := n*p + 0.4 + p*0.2
	k := math.Floor(min(max(at, 1), n-1))
	g := min(max(at-k, 0), 1)
	i := int(k)
	if len(v) == 1 {
		return v[0]
	}
	return (1-g)*v[i-1] + g*v[i]
}

func all(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}
