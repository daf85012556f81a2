package compose

import "github.com/lathe-ml/lathe/learn"

// FrozenEstimator keeps a fitted estimator as it is: Fit learns nothing, so that searches, pipelines and
// calibration use what it knows.
type FrozenEstimator struct {
	learn.Base
	Estimator learn.Estimator `param:"estimator"`
}

// NewFrozenEstimator returns one of a fitted estimator.
func NewFrozenEstimator(e learn.Estimator) *FrozenEstimator {
	f := &FrozenEstimator{}
	learn.Init(f)
	f.Estimator = e
	return f
}

// KeepsFit makes learn.Clone share the estimator instead of cloning it unfitted.
func (f *FrozenEstimator) KeepsFit() {}

// Kind returns that of the estimator.
func (f *FrozenEstimator) Kind() learn.Kind {
	if f.Estimator == nil {
		return ""
	}
	return learn.KindOf(f.Estimator)
}

// Fit checks that the estimator is fitted.
func (f *FrozenEstimator) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	f.inner()
	rows, cols := x.Dims()
	f.BeginSize(rows, cols, nil)
	f.Done()
	return nil
}

func (f *FrozenEstimator) inner() learn.Estimator {
	if f.Estimator == nil {
		f.Fail("Estimator is nil; want a fitted estimator")
	}
	f.Estimator.Core().MustFitted()
	return f.Estimator
}

// Predict returns the estimator's predictions.
func (f *FrozenEstimator) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, ok := f.inner().(learn.Predictor)
	if !ok {
		f.Fail("%s does not predict", f.Estimator.Core().Name())
	}
	return p.Predict(x)
}

// PredictProba returns the estimator's probabilities.
func (f *FrozenEstimator) PredictProba(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, ok := f.inner().(learn.Prober)
	if !ok {
		f.Fail("%s has no probabilities", f.Estimator.Core().Name())
	}
	return p.PredictProba(x)
}

// Transform returns data changed by the estimator.
func (f *FrozenEstimator) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	p, ok := f.inner().(learn.Transforms)
	if !ok {
		f.Fail("%s does not transform", f.Estimator.Core().Name())
	}
	return p.Transform(x)
}
