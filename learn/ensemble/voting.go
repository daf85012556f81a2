package ensemble

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// team is what ensembles of named estimators have in common.
type team struct {
	Steps []learn.Step `param:"estimators"`

	Estimators []learn.Estimator `fit:"estimators_"`
}

// Part returns the estimator of that name, or nil.
func (t *team) Part(name string) learn.Estimator { return learn.Steps(t.Steps).Part(name) }

// SetPart replaces an estimator; nil leaves it out.
func (t *team) SetPart(name string, e learn.Estimator) { learn.Steps(t.Steps).SetPart(name, e) }

// PartNames lists the estimators.
func (t *team) PartNames() []string { return learn.Steps(t.Steps).PartNames() }

// fit fits clones, on all threads.
func (t *team) fit(b *learn.Base, x learn.Data, y *learn.Matrix, w []float64) {
	t.Estimators = nil
	for _, s := range t.Steps {
		if s.Estimator != nil {
			t.Estimators = append(t.Estimators, learn.Clone(s.Estimator))
		}
	}
	if len(t.Estimators) == 0 {
		b.Fail("there are no estimators; want at least one")
	}
	errs := make([]error, len(t.Estimators))
	engine.Parallel(len(t.Estimators), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			errs[i] = learn.Fit(t.Estimators[i], x, y, w)
		}
	})
	for _, err := range errs {
		learn.Must(err)
	}
}

// predictions returns a column of predictions for each estimator.
func (t *team) predictions(x learn.Data) *learn.Matrix {
	var parts []*learn.Matrix
	for _, e := range t.Estimators {
		p, err := e.(learn.Predictor).Predict(x)
		learn.Must(err)
		parts = append(parts, p)
	}
	return learn.Concat(parts...)
}

func voteWeights(b *learn.Base, w []float64, n int) []float64 {
	if w != nil && len(w) != n {
		b.Fail("%d weights for %d estimators; want one for each", len(w), n)
	}
	return learn.Weights(b.Name(), w, n)
}

// VotingClassifier predicts the class with most votes, or with the largest mean probability.
type VotingClassifier struct {
	learn.ClassifierBase
	team
	Voting           string    `param:"voting=hard"` // or soft
	Weights          []float64 `param:"weights"`     // of the estimators
	FlattenTransform bool      `param:"flatten_transform=true" fixed:"true"`
}

// NewVotingClassifier returns one of these estimators.
func NewVotingClassifier(steps ...learn.Step) *VotingClassifier {
	m := &VotingClassifier{}
	learn.Init(m)
	m.Steps = steps
	return m
}

// Fit fits the estimators.
func (m *VotingClassifier) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *VotingClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	m.OneOf("Voting", m.Voting, "hard", "soft")
	codes := learn.Ints(m.Labels(y))
	m.fit(&m.Base, x, codes, w)
	voteWeights(&m.Base, m.Weights, len(m.Estimators))
	m.Done()
	return nil
}

// PredictProba returns the weighted mean of the probabilities; Voting must be soft.
func (m *VotingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	if m.Voting != "soft" {
		m.Fail("hard votes have no probabilities; set Voting to soft")
	}
	rows, _ := x.Dims()
	codes := make([]float64, len(m.Classes))
	for i := range codes {
		codes[i] = float64(i)
	}
	w := voteWeights(&m.Base, m.Weights, len(m.Estimators))
	return averageProba(m.Estimators, codes, w, func(int) learn.Data { return x }, rows), nil
}

// Predict returns the winning class; the smallest of equals.
func (m *VotingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	if m.Voting == "soft" {
		p, err := m.PredictProba(x)
		learn.Must(err)
		return m.ArgMaxRows(p), nil
	}
	w := voteWeights(&m.Base, m.Weights, len(m.Estimators))
	votes := m.predictions(x)
	count := learn.NewMatrix(votes.Rows, len(m.Classes))
	for i := range votes.Rows {
		for k, c := range votes.Row(i) {
			count.Row(i)[int(c)] += w[k]
		}
	}
	return m.ArgMaxRows(count), nil
}

// Transform returns the probabilities of all estimators beside each other, or their predicted codes when
// Voting is hard.
func (m *VotingClassifier) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	if m.Voting == "hard" {
		return m.predictions(x), nil
	}
	var parts []*learn.Matrix
	for _, e := range m.Estimators {
		p, err := e.(learn.Prober).PredictProba(x)
		learn.Must(err)
		parts = append(parts, p)
	}
	return learn.Concat(parts...), nil
}

// VotingRegressor predicts the weighted mean of its estimators.
type VotingRegressor struct {
	learn.RegressorBase
	team
	Weights []float64 `param:"weights"`
}

// NewVotingRegressor returns one of these estimators.
func NewVotingRegressor(steps ...learn.Step) *VotingRegressor {
	m := &VotingRegressor{}
	learn.Init(m)
	m.Steps = steps
	return m
}

// Fit fits the estimators.
func (m *VotingRegressor) Fit(x learn.Data, y *learn.Matrix) error { return m.FitWeighted(x, y, nil) }

// FitWeighted is Fit with a weight for each row.
func (m *VotingRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	learn.Target(m.Name(), y)
	m.fit(&m.Base, x, y, w)
	voteWeights(&m.Base, m.Weights, len(m.Estimators))
	m.Done()
	return nil
}

// Predict returns the weighted mean of the predictions.
func (m *VotingRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	w := voteWeights(&m.Base, m.Weights, len(m.Estimators))
	all, total := m.predictions(x), 0.0
	for _, v := range w {
		total += v
	}
	y = learn.NewMatrix(all.Rows, 1)
	for i := range y.Data {
		for k, v := range all.Row(i) {
			y.Data[i] += w[k] * v
		}
		y.Data[i] /= total
	}
	return y, nil
}

// Transform returns the predictions of the estimators, a column each.
func (m *VotingRegressor) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	return m.predictions(x), nil
}
