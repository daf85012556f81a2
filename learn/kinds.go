package learn

import (
	"math"
	"sort"
)

// ClassifierBase is embedded by estimators that predict classes.
type ClassifierBase struct {
	Base
	Classes []float64 `fit:"classes_"` // labels in rising order, one column of PredictProba each
}

// Kind returns KindClassifier.
func (*ClassifierBase) Kind() Kind { return KindClassifier }

// supervised marks estimators whose Fit needs y.
func (*ClassifierBase) supervised() {}

// Score returns the fraction of rows whose labels are all predicted right.
func (b *ClassifierBase) Score(x Data, y *Matrix) (s float64, err error) {
	return b.ScoreWeighted(x, y, nil)
}

// ScoreWeighted is Score with weights of rows; nil means equal weights.
func (b *ClassifierBase) ScoreWeighted(x Data, y *Matrix, w []float64) (s float64, err error) {
	defer Catch(&err)
	p, err := b.owner().(Predictor).Predict(x)
	if err != nil {
		return 0, err
	}
	return Accuracy(y, p, w), nil
}

// Labels stores y's classes and returns the number of each row's class.
func (b *ClassifierBase) Labels(y *Matrix) []int {
	t := Target(b.Name()+".Fit", y)
	b.Classes = Distinct(t)
	return Codes(b.Classes, t)
}

// Codes returns for each value its position in classes, which rise and contain it.
func Codes(classes, v []float64) []int {
	codes := make([]int, len(v))
	for i, x := range v {
		codes[i] = sort.SearchFloat64s(classes, x)
	}
	return codes
}

// Decode returns the classes of codes as a column.
func (b *ClassifierBase) Decode(codes []int) *Matrix {
	m := NewMatrix(len(codes), 1)
	for i, c := range codes {
		m.Data[i] = b.Classes[c]
	}
	return m
}

// ArgMaxRows returns the class with the largest value in each row of p; the first of equals.
func (b *ClassifierBase) ArgMaxRows(p *Matrix) *Matrix {
	codes := make([]int, p.Rows)
	for i := range codes {
		codes[i] = ArgMax(p.Row(i))
	}
	return b.Decode(codes)
}

// PredictLogProba returns the logarithm of PredictProba.
func (b *ClassifierBase) PredictLogProba(x Data) (*Matrix, error) {
	p, ok := b.self.(Prober)
	if !ok {
		return nil, errorf(b.Name(), "has no probabilities")
	}
	m, err := p.PredictProba(x)
	if err != nil {
		return nil, err
	}
	for i, v := range m.Data {
		m.Data[i] = math.Log(v)
	}
	return m, nil
}

// ArgMax returns the position of the largest value, the first of equals.
func ArgMax(v []float64) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

// RegressorBase is embedded by estimators that predict numbers.
type RegressorBase struct{ Base }

// Kind returns KindRegressor.
func (*RegressorBase) Kind() Kind { return KindRegressor }

// supervised marks estimators whose Fit needs y.
func (*RegressorBase) supervised() {}

// Score returns R², the mean over the outputs.
func (b *RegressorBase) Score(x Data, y *Matrix) (s float64, err error) {
	return b.ScoreWeighted(x, y, nil)
}

// ScoreWeighted is Score with weights of rows; nil means equal weights.
func (b *RegressorBase) ScoreWeighted(x Data, y *Matrix, w []float64) (s float64, err error) {
	defer Catch(&err)
	p, err := b.owner().(Predictor).Predict(x)
	if err != nil {
		return 0, err
	}
	return R2(y, p, w), nil
}

// TransformerBase is embedded by estimators that change data.
type TransformerBase struct{ Base }

// Kind returns KindTransformer.
func (*TransformerBase) Kind() Kind { return KindTransformer }

// FitTransform fits and returns the data changed.
func (b *TransformerBase) FitTransform(x Data, y *Matrix) (d Data, err error) {
	defer Catch(&err)
	e := b.owner()
	if err := e.Fit(x, y); err != nil {
		return nil, err
	}
	return e.(Transforms).Transform(x)
}

// FitTransform fits e and returns the data changed, as e's own FitTransform does where it has one.
func FitTransform(e Estimator, x Data, y *Matrix) (Data, error) {
	if f, ok := e.(FitTransforms); ok {
		return f.FitTransform(x, y)
	}
	if err := e.Fit(x, y); err != nil {
		return nil, err
	}
	t, ok := e.(Transforms)
	if !ok {
		return nil, errorf(e.Core().Name(), "does not transform")
	}
	return t.Transform(x)
}

// ClustererBase is embedded by estimators that group rows.
type ClustererBase struct {
	Base
	Labels []int `fit:"labels_"` // number of each row's cluster; -1 is noise
}

// Kind returns KindClusterer.
func (*ClustererBase) Kind() Kind { return KindClusterer }

// FitPredict fits and returns Labels.
func (b *ClustererBase) FitPredict(x Data) (labels []int, err error) {
	defer Catch(&err)
	if err := b.owner().Fit(x, nil); err != nil {
		return nil, err
	}
	return b.Labels, nil
}

// OutlierBase is embedded by estimators that tell inliers (1) from outliers (-1).
type OutlierBase struct {
	Base
	Offset float64 `fit:"offset_"` // ScoreSamples − Offset is the decision function
}

// Kind returns KindOutlier.
func (*OutlierBase) Kind() Kind { return KindOutlier }

// KindOf returns what e is for.
func KindOf(e Estimator) Kind {
	if k, ok := e.(interface{ Kind() Kind }); ok {
		return k.Kind()
	}
	return ""
}

// Accuracy returns the weighted fraction of rows where all columns of y and p are equal.
func Accuracy(y, p *Matrix, w []float64) float64 {
	if y.Rows != p.Rows || y.Cols != p.Cols {
		Fail("learn.Accuracy", "y is %d×%d, predictions are %d×%d; want one shape", y.Rows, y.Cols, p.Rows,
			p.Cols)
	}
	w = Weights("learn.Accuracy", w, y.Rows)
	right, all := 0.0, 0.0
	for i := range y.Rows {
		same := true
		for j, v := range y.Row(i) {
			same = same && v == p.At(i, j)
		}
		if same {
			right += w[i]
		}
		all += w[i]
	}
	return right / all
}

// R2 returns 1 − residual sum of squares / total sum of squares, the mean over columns; a constant
// column counts 1 when it is predicted exactly and 0 when not.
func R2(y, p *Matrix, w []float64) float64 {
	if y.Rows != p.Rows || y.Cols != p.Cols {
		Fail("learn.R2", "y is %d×%d, predictions are %d×%d; want one shape", y.Rows, y.Cols, p.Rows,
			p.Cols)
	}
	w = Weights("learn.R2", w, y.Rows)
	total := 0.0
	for j := range y.Cols {
		mean, sw, rss, tss := 0.0, 0.0, 0.0, 0.0
		for i := range y.Rows {
			mean += w[i] * y.At(i, j)
			sw += w[i]
		}
		mean /= sw
		for i := range y.Rows {
			d, e := y.At(i, j)-p.At(i, j), y.At(i, j)-mean
			rss += w[i] * d * d
			tss += w[i] * e * e
		}
		switch {
		case tss != 0:
			total += 1 - rss/tss
		case rss == 0:
			total++
		}
	}
	return total / float64(y.Cols)
}
