package sklearn

import (
	stdcontext "context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/learn"
)

// Outcome is what a fit of an estimator to a data set ends in, ours and scikit-learn's: o finite results, n others,
// e an error of Fit, p an error of the results, t no end.
type Outcome struct {
	Estimator, Set string
	Ours, Theirs   byte
	Err            error // ours
}

// String returns a line for people.
func (o Outcome) String() string {
	return fmt.Sprintf("%s on %s: %c, scikit-learn %c (%v)", o.Estimator, o.Set, o.Ours, o.Theirs, o.Err)
}

// Wrong says what is wrong with the outcome, or "": a panic, a fit without end, results that are not finite where
// scikit-learn's are, results where scikit-learn has an error. An error where scikit-learn has results is not wrong:
// Refused.
func (o Outcome) Wrong() string {
	switch {
	case o.Ours == 'x':
		return "panics"
	case o.Ours == 't':
		return "does not end"
	case o.Ours == 'n' && o.Theirs == 'o':
		return "is not finite"
	case (o.Ours == 'o' || o.Ours == 'n') && (o.Theirs == 'e' || o.Theirs == 'p'):
		return "has results instead of an error"
	}
	return ""
}

// Refused says that the fit is an error, with a message, where scikit-learn has results.
func (o Outcome) Refused() bool {
	return (o.Ours == 'e' || o.Ours == 'p') && (o.Theirs == 'o' || o.Theirs == 'n')
}

// hardSet is one data set of fuzz.json.
type hardSet struct {
	Name       string
	Rows, Cols int
	X, Y, Num  []any
}

// Fuzz fits every estimator of fuzz.json to its data sets; names limits the estimators.
func Fuzz(refs fs.FS, names ...string) ([]Outcome, error) {
	b, err := readFile(refs, "fuzz.json")
	if err != nil {
		return nil, err
	}
	var f struct {
		Sets     []hardSet
		Options  map[string]any
		Outcomes map[string]string
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	wanted := record{}
	for n := range f.Outcomes {
		wanted[n] = true
	}
	if len(names) > 0 {
		wanted = record{}
		for _, n := range names {
			wanted[n] = true
		}
	}
	var out []Outcome
	for _, name := range sortedKeys(wanted) {
		options, _ := f.Options[name].(map[string]any)
		for i, s := range f.Sets {
			o := Outcome{Estimator: name, Set: s.Name, Theirs: f.Outcomes[name][i]}
			o.Ours, o.Err = hardFit(name, options, s)
			out = append(out, o)
		}
	}
	return out, nil
}

func matrixOf(v []any, rows, cols int) *learn.Matrix {
	m := learn.NewMatrix(rows, cols)
	for i, x := range v {
		switch x := x.(type) {
		case float64:
			m.Data[i] = x
		case string:
			m.Data[i], _ = strconv.ParseFloat(x, 64)
		}
	}
	return m
}

// hardFit fits and asks for results.
func hardFit(name string, options map[string]any, s hardSet) (outcome byte, err error) {
	ctx, cancel := stdcontext.WithTimeout(stdcontext.Background(), time.Minute)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			outcome, err = 'x', fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	e := build(name, clean(options).(map[string]any))
	e.Core().SetContext(ctx)
	x := matrixOf(s.X, s.Rows, s.Cols)
	var y *learn.Matrix
	switch learn.KindOf(e) {
	case learn.KindRegressor:
		y = matrixOf(s.Num, s.Rows, 1)
	case learn.KindClusterer, learn.KindOutlier:
	default:
		y = matrixOf(s.Y, s.Rows, 1)
	}
	if err := e.Fit(x, y); err != nil {
		if ctx.Err() != nil {
			return 't', err
		}
		return 'e', err
	}
	if err := finiteResults(e, x); err != nil {
		if strings.HasPrefix(err.Error(), "not finite") {
			return 'n', err
		}
		return 'p', err
	}
	return 'o', nil
}

// finiteResults asks for what the estimator says of x.
func finiteResults(e learn.Estimator, x *learn.Matrix) error {
	attr := learn.Attributes(e)
	if t, ok := e.(learn.Transforms); ok {
		d, err := t.Transform(x)
		if err != nil {
			return err
		}
		if err := mustBeFinite("Transform", learn.Dense("", d, learn.AllowNaN, learn.AllowInf, learn.AllowEmpty)); err != nil {
			return err
		}
	} else if m, ok := attr["embedding_"].(*learn.Matrix); ok {
		if err := mustBeFinite("embedding_", m); err != nil {
			return err
		}
	}
	if p, ok := e.(learn.Predictor); ok {
		m, err := p.Predict(x)
		if err != nil {
			return err
		}
		return mustBeFinite("Predict", m)
	}
	return nil
}

func mustBeFinite(what string, m *learn.Matrix) error {
	for i, v := range m.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("not finite: %s has %g at %d", what, v, i)
		}
	}
	return nil
}
