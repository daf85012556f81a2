package ml

import (
	"fmt"

	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/functions"
)

// Pipeline is stages, each a Transformer or a Fitter, that are fitted one after the other.
type Pipeline struct {
	Stages []any
	UID    string
}

// NewPipeline makes a pipeline of stages: transformers, estimators, pipelines.
func NewPipeline(stages ...any) *Pipeline {
	return &Pipeline{Stages: stages, UID: newUID("Pipeline")}
}

// PipelineModel is a fitted pipeline.
type PipelineModel struct {
	Stages []Transformer
	UID    string
}

// Fit fits the estimators in order, each to what the stages before it make of d.
func (p *Pipeline) Fit(d *spark.DataFrame) (*PipelineModel, error) { return p.fit(d, nil) }

func (p *Pipeline) fit(d *spark.DataFrame, more Setting) (*PipelineModel, error) {
	m := &PipelineModel{UID: p.UID}
	last := -1 // the last stage that is fitted: nothing behind it needs data
	for i, s := range p.Stages {
		if _, ok := s.(Fitter); ok {
			last = i
		}
	}
	for i, s := range p.Stages {
		var t Transformer
		switch s := s.(type) {
		case Fitter:
			var err error
			if t, err = s.Learn(d, more); err != nil {
				return nil, err
			}
		case *Operator:
			t = s.With(more.of(s))
		case Transformer:
			t = s
		default:
			return nil, fmt.Errorf("ml.Pipeline: stage %d is %T; want a transformer or an estimator", i, s)
		}
		if m.Stages = append(m.Stages, t); i < last {
			d = t.Transform(d)
		}
	}
	return m, nil
}

// Learn is Fit for what is made of several estimators.
func (p *Pipeline) Learn(d *spark.DataFrame, more Setting) (Transformer, error) {
	return p.fit(d, more)
}

// Transform is d with the columns that all stages make.
func (m *PipelineModel) Transform(d *spark.DataFrame) *spark.DataFrame {
	for _, s := range m.Stages {
		d = s.Transform(d)
	}
	return d
}

// Vary is the settings of a parameter of an estimator.
func Vary(o interface{ self() *Operator }, name string, values ...any) []Setting {
	var out []Setting
	for _, v := range values {
		out = append(out, Setting{o.self(): Params{name: v}})
	}
	return out
}

func (o *Operator) self() *Operator { return o }

// Grid is all combinations of settings, as ParamGridBuilder makes them.
func Grid(axes ...[]Setting) []Setting {
	all := []Setting{{}}
	for _, axis := range axes {
		var next []Setting
		for _, a := range all {
			for _, b := range axis {
				s := Setting{}
				for _, part := range []Setting{a, b} {
					for k, p := range part {
						if s[k] == nil {
							s[k] = Params{}
						}
						for name, v := range p {
							s[k][name] = v
						}
					}
				}
				next = append(next, s)
			}
		}
		all = next
	}
	return all
}

// CrossValidator fits the setting of a grid that scores best in k-fold cross-validation.
type CrossValidator struct {
	Estimator Fitter
	Grid      []Setting
	Evaluator *Evaluator
	NumFolds  int   // 0: 3
	Seed      int64 // of the division into folds, which is that of pyspark's CrossValidator
}

// NewCrossValidator makes a CrossValidator of three folds.
func NewCrossValidator(e Fitter, grid []Setting, ev *Evaluator) *CrossValidator {
	return &CrossValidator{Estimator: e, Grid: grid, Evaluator: ev}
}

// Tuned is the best model of a search, and the scores of all settings.
type Tuned struct {
	Best    Transformer
	Index   int       // of the best setting
	Metrics []float64 // of each setting, the mean over folds
}

// Transform transforms with the best model.
func (t *Tuned) Transform(d *spark.DataFrame) *spark.DataFrame { return t.Best.Transform(d) }

const randomColumn = "__lathe_random"

// Fit scores every setting on every fold and fits the best one to all of d.
func (c *CrossValidator) Fit(d *spark.DataFrame) (*Tuned, error) {
	folds := c.NumFolds
	if folds == 0 {
		folds = 3
	}
	if folds < 2 {
		return nil, fmt.Errorf("ml.CrossValidator: %d folds; want at least 2", folds)
	}
	drawn := d.Select("*", functions.Rand(c.Seed).As(randomColumn))
	var parts [][2]*spark.DataFrame
	h := 1.0 / float64(folds)
	for i := range folds {
		r := functions.Col(randomColumn)
		in := r.Ge(float64(i) * h).And(r.Lt(float64(i+1) * h))
		parts = append(parts, [2]*spark.DataFrame{
			drawn.Filter(in.Not()).Drop(randomColumn), drawn.Filter(in).Drop(randomColumn),
		})
	}
	return search("ml.CrossValidator", c.Estimator, c.Grid, c.Evaluator, d, parts)
}

// Learn is Fit for what is made of several estimators.
func (c *CrossValidator) Learn(d *spark.DataFrame, _ Setting) (Transformer, error) { return c.Fit(d) }

// TrainValidationSplit fits the setting of a grid that scores best on a part that is kept back.
type TrainValidationSplit struct {
	Estimator  Fitter
	Grid       []Setting
	Evaluator  *Evaluator
	TrainRatio float64 // 0: 0.75
	Seed       int64
}

// Fit scores every setting and fits the best one to all of d.
func (t *TrainValidationSplit) Fit(d *spark.DataFrame) (*Tuned, error) {
	ratio := t.TrainRatio
	if ratio == 0 {
		ratio = 0.75
	}
	if ratio <= 0 || ratio >= 1 {
		return nil, fmt.Errorf("ml.TrainValidationSplit: ratio %g; want 0 < ratio < 1", ratio)
	}
	drawn := d.Select("*", functions.Rand(t.Seed).As(randomColumn))
	kept := functions.Col(randomColumn).Ge(ratio)
	parts := [][2]*spark.DataFrame{{drawn.Filter(kept.Not()).Drop(randomColumn), drawn.Filter(kept).Drop(randomColumn)}}
	return search("ml.TrainValidationSplit", t.Estimator, t.Grid, t.Evaluator, d, parts)
}

// Learn is Fit for what is made of several estimators.
func (t *TrainValidationSplit) Learn(d *spark.DataFrame, _ Setting) (Transformer, error) {
	return t.Fit(d)
}

// search scores settings on parts, each for training and for validation. The parts are kept in the
// executors meanwhile.
func search(where string, f Fitter, grid []Setting, ev *Evaluator, d *spark.DataFrame, parts [][2]*spark.DataFrame) (*Tuned, error) {
	if f == nil || ev == nil {
		return nil, fmt.Errorf("%s: estimator nil: %t, evaluator nil: %t; want both", where, f == nil, ev == nil)
	}
	if len(grid) == 0 {
		grid = []Setting{{}}
	}
	t := &Tuned{Metrics: make([]float64, len(grid))}
	for _, p := range parts {
		for _, side := range p {
			if _, err := side.Cache(); err != nil {
				return nil, fmt.Errorf("%s: %w", where, err)
			}
		}
		for i, s := range grid {
			score, err := scoreOf(f, s, ev, p)
			if err != nil {
				return nil, fmt.Errorf("%s: setting %d: %w", where, i, err)
			}
			t.Metrics[i] += score / float64(len(parts))
		}
		for _, side := range p {
			if err := side.Uncache(); err != nil {
				return nil, fmt.Errorf("%s: %w", where, err)
			}
		}
	}
	for i, m := range t.Metrics {
		if better := m > t.Metrics[t.Index]; i > 0 && better == ev.LargerIsBetter() && m != t.Metrics[t.Index] {
			t.Index = i
		}
	}
	var err error
	if t.Best, err = f.Learn(d, grid[t.Index]); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return t, nil
}

func scoreOf(f Fitter, s Setting, ev *Evaluator, part [2]*spark.DataFrame) (float64, error) {
	m, err := f.Learn(part[0], s)
	if err != nil {
		return 0, err
	}
	score, err := ev.Evaluate(m.Transform(part[1]))
	if err != nil {
		return 0, err
	}
	return score, release(m)
}

// release frees models that a search needs no more.
func release(t Transformer) error {
	switch m := t.(type) {
	case *Model:
		return m.Delete()
	case *PipelineModel:
		for _, s := range m.Stages {
			if err := release(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// OneVsRest makes a classifier of many classes of one of two: it fits one model for each class.
type OneVsRest struct {
	Classifier *Estimator // its featuresCol, labelCol and predictionCol are those of the whole
}

// OneVsRestModel is a model for each class.
type OneVsRestModel struct {
	Models []*Model
	of     *Estimator
}

const classColumn = "__lathe_class"

// Fit fits a model for each class 0 … max(label).
func (o *OneVsRest) Fit(d *spark.DataFrame) (*OneVsRestModel, error) { return o.fit(d, nil) }

func (o *OneVsRest) fit(d *spark.DataFrame, more Setting) (*OneVsRestModel, error) {
	c := o.Classifier.With(more.of(o.Classifier.Operator))
	label := c.text("labelCol")
	top, err := d.Agg(functions.Max(functions.Col(label).Cast("double"))).First()
	if err != nil {
		return nil, fmt.Errorf("ml.OneVsRest: %w", err)
	}
	n, ok := top.Values[0].(float64)
	if !ok || n < 0 || n != float64(int(n)) {
		return nil, fmt.Errorf("ml.OneVsRest: the greatest label is %v; want labels 0, 1, …", top.Values[0])
	}
	m := &OneVsRestModel{of: c}
	for k := range int(n) + 1 {
		two := d.WithColumn(classColumn, functions.When(functions.Col(label).Eq(float64(k)), 1.0).Otherwise(0.0))
		one, err := c.With(Params{"labelCol": classColumn}).Fit(two)
		if err != nil {
			return nil, fmt.Errorf("ml.OneVsRest: class %d: %w", k, err)
		}
		m.Models = append(m.Models, one)
	}
	return m, nil
}

// Learn is Fit for what is made of several estimators.
func (o *OneVsRest) Learn(d *spark.DataFrame, more Setting) (Transformer, error) {
	return o.fit(d, more)
}

// Transform adds rawPrediction, the score of every class, and prediction, the class of the greatest.
func (m *OneVsRestModel) Transform(d *spark.DataFrame) *spark.DataFrame {
	const own, score = "__lathe_own", "__lathe_score"
	var scores, drop []any
	for k, one := range m.Models {
		raw := fmt.Sprintf("%s_%d", score, k)
		p := Params{"predictionCol": own, "rawPredictionCol": raw + "_raw"}
		if m.of.Param("probabilityCol") != nil {
			p["probabilityCol"] = own + "_p"
		}
		d = one.With(p).Transform(d).WithColumn(raw, functions.VectorToArray(raw+"_raw").GetItem(1)).
			Drop(own, own+"_p", raw+"_raw")
		scores, drop = append(scores, raw), append(drop, raw)
	}
	all := functions.Array(scores...)
	best := functions.ArrayPosition(all, functions.ArrayMax(all)).Sub(1).Cast("double")
	return d.WithColumn(m.of.text("rawPredictionCol"), functions.ArrayToVector(all)).
		WithColumn(m.of.text("predictionCol"), best).Drop(drop...)
}
