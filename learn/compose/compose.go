// Package compose chains and joins transformers and estimators.
//
//	p := compose.NewPipeline(
//		learn.Step{Name: "scale", Estimator: preprocess.NewStandardScaler()},
//		learn.Step{Name: "svc", Estimator: svm.NewSVC()},
//	)
//	err := p.Fit(x, y)
//	err = learn.SetParams(p, learn.Params{"svc__C": 10})
//
// The package tunes nothing (learn/search).
package compose

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// parts are steps that options reach by name.
type parts struct {
	Steps []learn.Step `param:"steps"`
}

// Part returns the step of that name, or nil.
func (p *parts) Part(name string) learn.Estimator { return learn.Steps(p.Steps).Part(name) }

// SetPart replaces a step; nil passes data through.
func (p *parts) SetPart(name string, e learn.Estimator) { learn.Steps(p.Steps).SetPart(name, e) }

// PartNames lists the steps.
func (p *parts) PartNames() []string { return learn.Steps(p.Steps).PartNames() }

// Pipeline runs transformers one after another and an estimator last.
type Pipeline struct {
	learn.Base
	parts
}

// NewPipeline returns one of these steps; a step without an estimator passes data through.
func NewPipeline(steps ...learn.Step) *Pipeline {
	p := &Pipeline{}
	learn.Init(p)
	p.Steps = steps
	return p
}

// Kind returns that of the last step.
func (p *Pipeline) Kind() learn.Kind {
	if e := p.last(); e != nil {
		return learn.KindOf(e)
	}
	return learn.KindTransformer
}

func (p *Pipeline) last() learn.Estimator {
	if len(p.Steps) == 0 {
		p.Fail("there are no steps; want at least one")
	}
	return p.Steps[len(p.Steps)-1].Estimator
}

// Fit fits each step on what the steps before it make of x.
func (p *Pipeline) Fit(x learn.Data, y *learn.Matrix) error { return p.FitWeighted(x, y, nil) }

// FitWeighted is Fit with weights of rows for the last step.
func (p *Pipeline) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := p.fitBefore(x, y)
	if e := p.last(); e != nil {
		learn.Must(learn.Fit(e, d, y, w))
	}
	p.Done()
	return nil
}

func (p *Pipeline) fitBefore(x learn.Data, y *learn.Matrix) learn.Data {
	rows, cols := x.Dims()
	p.BeginSize(rows, cols, nil)
	p.last()
	for _, s := range p.Steps[:len(p.Steps)-1] {
		if s.Estimator == nil {
			continue
		}
		var err error
		x, err = learn.FitTransform(s.Estimator, x, y)
		learn.Must(err)
	}
	return x
}

// FitTransform fits all steps and returns the data changed by all.
func (p *Pipeline) FitTransform(x learn.Data, y *learn.Matrix) (d learn.Data, err error) {
	defer learn.Catch(&err)
	d = p.fitBefore(x, y)
	if e := p.last(); e != nil {
		d, err = learn.FitTransform(e, d, y)
		learn.Must(err)
	}
	p.Done()
	return d, nil
}

// before returns what the last step sees.
func (p *Pipeline) before(x learn.Data) learn.Data {
	p.MustFitted()
	for _, s := range p.Steps[:len(p.Steps)-1] {
		if s.Estimator == nil {
			continue
		}
		t, ok := s.Estimator.(learn.Transforms)
		if !ok {
			p.Fail("step %s does not transform; only the last step may predict", s.Name)
		}
		var err error
		x, err = t.Transform(x)
		learn.Must(err)
	}
	return x
}

// Predict returns the last step's predictions.
func (p *Pipeline) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	e, ok := p.last().(learn.Predictor)
	if !ok {
		p.Fail("the last step does not predict")
	}
	return e.Predict(p.before(x))
}

// PredictProba returns the last step's probabilities.
func (p *Pipeline) PredictProba(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	e, ok := p.last().(learn.Prober)
	if !ok {
		p.Fail("the last step has no probabilities")
	}
	return e.PredictProba(p.before(x))
}

// DecisionFunction returns the last step's decisions.
func (p *Pipeline) DecisionFunction(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	e, ok := p.last().(learn.Decider)
	if !ok {
		p.Fail("the last step has no decision function")
	}
	return e.DecisionFunction(p.before(x))
}

// Transform returns the data changed by all steps.
func (p *Pipeline) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	d = p.before(x)
	if p.last() == nil {
		return d, nil
	}
	e, ok := p.last().(learn.Transforms)
	if !ok {
		p.Fail("the last step does not transform")
	}
	return e.Transform(d)
}

// InverseTransform undoes the steps, last first.
func (p *Pipeline) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	p.MustFitted()
	for i := len(p.Steps) - 1; i >= 0; i-- {
		if p.Steps[i].Estimator == nil {
			continue
		}
		e, ok := p.Steps[i].Estimator.(learn.Inverts)
		if !ok {
			p.Fail("step %s cannot be undone", p.Steps[i].Name)
		}
		x, err = e.InverseTransform(x)
		learn.Must(err)
	}
	return x, nil
}

// Score returns the last step's score.
func (p *Pipeline) Score(x learn.Data, y *learn.Matrix) (s float64, err error) {
	defer learn.Catch(&err)
	e, ok := p.last().(learn.Scorer)
	if !ok {
		p.Fail("the last step has no score")
	}
	return e.Score(p.before(x), y)
}

// FeatureUnion puts the results of transformers beside each other.
type FeatureUnion struct {
	learn.TransformerBase
	parts
	TransformerWeights map[string]float64 `param:"transformer_weights"`
}

// NewFeatureUnion returns one of these transformers.
func NewFeatureUnion(steps ...learn.Step) *FeatureUnion {
	f := &FeatureUnion{}
	learn.Init(f)
	f.Steps = steps
	return f
}

// Fit fits all transformers, in parallel.
func (f *FeatureUnion) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	f.BeginSize(rows, cols, nil)
	errs := make([]error, len(f.Steps))
	engine.Parallel(len(f.Steps), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if e := f.Steps[i].Estimator; e != nil {
				errs[i] = e.Fit(x, y)
			}
		}
	})
	for _, e := range errs {
		learn.Must(e)
	}
	f.Done()
	return nil
}

// Transform returns the results beside each other.
func (f *FeatureUnion) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	f.MustFitted()
	var cols []*learn.Matrix
	for _, s := range f.Steps {
		if s.Estimator == nil {
			continue
		}
		t, ok := s.Estimator.(learn.Transforms)
		if !ok {
			f.Fail("part %s does not transform", s.Name)
		}
		z, err := t.Transform(x)
		learn.Must(err)
		m := learn.Dense(f.Name(), z, learn.AllowNaN)
		if w, ok := f.TransformerWeights[s.Name]; ok {
			m = m.Clone()
			for i := range m.Data {
				m.Data[i] *= w
			}
		}
		cols = append(cols, m)
	}
	return learn.Concat(cols...), nil
}

// Columns is a transformer for some columns: by number, or by the names of a frame.
type Columns struct {
	Name        string
	Transformer learn.Estimator // nil: the columns pass through
	Numbers     []int
	Names       []string
	Drop        bool
}

// ColumnTransformer applies transformers to columns and puts the results beside each other.
type ColumnTransformer struct {
	learn.TransformerBase
	Transformers []Columns
	Remainder    string `param:"remainder=drop"` // or passthrough: columns that no transformer takes

	rest []int
}

// NewColumnTransformer returns one of these transformers.
func NewColumnTransformer(t ...Columns) *ColumnTransformer {
	c := &ColumnTransformer{}
	learn.Init(c)
	c.Transformers = t
	return c
}

// index returns the numbers of a transformer's columns.
func (c *ColumnTransformer) index(t Columns, x learn.Data) []int {
	out := append([]int(nil), t.Numbers...)
	if len(t.Names) == 0 {
		return out
	}
	f, ok := x.(*learn.Frame)
	if !ok {
		c.Fail("columns by name need a *learn.Frame, X is %T", x)
	}
	for _, name := range t.Names {
		at := -1
		for j, n := range f.Names {
			if n == name {
				at = j
			}
		}
		if at < 0 {
			c.Fail("column %q is unknown; there are %q", name, f.Names)
		}
		out = append(out, at)
	}
	return out
}

// Fit fits each transformer on its columns.
func (c *ColumnTransformer) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	c.BeginSize(rows, cols, nil)
	c.OneOf("Remainder", c.Remainder, "drop", "passthrough")
	taken := make([]bool, cols)
	for _, t := range c.Transformers {
		index := c.index(t, x)
		for _, j := range index {
			if j < 0 || j >= cols {
				c.Fail("column %d of transformer %s does not exist; there are %d", j, t.Name, cols)
			}
			taken[j] = true
		}
		if t.Transformer != nil && !t.Drop {
			learn.Must(t.Transformer.Fit(learn.TakeColumns(x, index), y))
		}
	}
	c.rest = nil
	for j, ok := range taken {
		if !ok {
			c.rest = append(c.rest, j)
		}
	}
	c.Done()
	return nil
}

// Transform returns the results beside each other, columns that pass through last.
func (c *ColumnTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	c.MustFitted()
	if _, cols := x.Dims(); cols != c.NFeatures {
		c.Fail("X has %d features, Fit saw %d; want the same columns", cols, c.NFeatures)
	}
	var out []*learn.Matrix
	for _, t := range c.Transformers {
		if t.Drop {
			continue
		}
		z := learn.TakeColumns(x, c.index(t, x))
		if t.Transformer != nil {
			z, err = t.Transformer.(learn.Transforms).Transform(z)
			learn.Must(err)
		}
		out = append(out, learn.Dense(c.Name(), z, learn.AllowNaN))
	}
	if c.Remainder == "passthrough" && len(c.rest) > 0 {
		out = append(out, learn.Dense(c.Name(), learn.TakeColumns(x, c.rest), learn.AllowNaN))
	}
	return learn.Concat(out...), nil
}

// TransformedTargetRegressor fits a regressor on a transformed target and transforms predictions back.
type TransformedTargetRegressor struct {
	learn.RegressorBase
	Regressor    learn.Estimator         `param:"regressor"`
	Transformer  learn.Estimator         `param:"transformer"`
	Func         func(v float64) float64 `param:"func"`
	InverseFunc  func(v float64) float64 `param:"inverse_func"`
	CheckInverse bool                    `param:"check_inverse=true"`
}

// NewTransformedTargetRegressor returns one without a regressor.
func NewTransformedTargetRegressor() *TransformedTargetRegressor {
	m := &TransformedTargetRegressor{}
	learn.Init(m)
	return m
}

// Fit fits the regressor.
func (m *TransformedTargetRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	m.BeginSize(rows, cols, y)
	if m.Regressor == nil || y == nil {
		m.Fail("Regressor or y is nil; want both")
	}
	t := y.Clone()
	switch {
	case m.Transformer != nil:
		z, err := learn.FitTransform(m.Transformer, y, nil)
		learn.Must(err)
		t = learn.Dense(m.Name(), z)
	case m.Func != nil:
		for i, v := range t.Data {
			t.Data[i] = m.Func(v)
		}
	}
	learn.Must(m.Regressor.Fit(x, t))
	m.Done()
	return nil
}

// Predict returns predictions of the original target.
func (m *TransformedTargetRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	m.MustFitted()
	y, err = m.Regressor.(learn.Predictor).Predict(x)
	learn.Must(err)
	switch {
	case m.Transformer != nil:
		inv, ok := m.Transformer.(learn.Inverts)
		if !ok {
			m.Fail("Transformer cannot be undone")
		}
		z, err := inv.InverseTransform(y)
		learn.Must(err)
		return learn.Dense(m.Name(), z), nil
	case m.InverseFunc != nil:
		y = y.Clone()
		for i, v := range y.Data {
			y.Data[i] = m.InverseFunc(v)
		}
	}
	return y, nil
}
