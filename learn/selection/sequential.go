package selection

import (
	"math"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/search"
	"github.com/lathe-ml/lathe/learn/split"
)

func parseFloat(s string) (float64, bool) {
	f, err := strconv.ParseFloat(trim(s), 64)
	return f, err == nil
}

func trim(s string) string { return strings.TrimSpace(s) }

// SequentialFeatureSelector adds, or removes, the column whose change gives the best cross-validated score.
type SequentialFeatureSelector struct {
	Mask
	Estimator learn.Estimator `param:"estimator"`
	Select    any             `param:"n_features_to_select=auto"` // count, fraction, or auto: half, or until Tol
	Tol       any             `param:"tol=None"`                  // with auto: stop when the score rises less
	Direction string          `param:"direction=forward"`         // or backward
	Scoring   string          `param:"scoring=None"`
	CV        any             `param:"cv=5"`

	NSelected int `fit:"n_features_to_select_"`
}

// NewSequentialFeatureSelector returns one with scikit-learn's defaults.
func NewSequentialFeatureSelector() *SequentialFeatureSelector {
	m := &SequentialFeatureSelector{}
	learn.Init(m)
	return m
}

// Fit searches.
func (m *SequentialFeatureSelector) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y)
	m.OneOf("Direction", m.Direction, "forward", "backward")
	if m.Estimator == nil || y == nil {
		m.Fail("Estimator or y is nil; want both")
	}
	want := d.Cols / 2
	tol, hasTol := learn.OptFloat(m.Tol)
	auto := m.Select == "auto"
	if !auto {
		want = count(&m.Base, "Select", m.Select, d.Cols)
	} else if hasTol {
		want = d.Cols - 1
	}
	if want < 1 || want >= d.Cols {
		m.Fail("%d of %d columns are to be selected; want at least 1 and fewer than all", want, d.Cols)
	}
	fixed := fixedFolds(folds(&m.Base, m.CV, d.Rows, y, m.Estimator))
	moved := make([]bool, d.Cols) // added, or removed
	rounds := want
	if m.Direction == "backward" && !(auto && hasTol) {
		rounds = d.Cols - want
	}
	old := math.Inf(-1)
	for range rounds {
		m.Poll()
		best, at := m.best(d, y, moved, fixed)
		if auto && hasTol && best-old < tol {
			break
		}
		old, moved[at] = best, true
	}
	m.Support, m.NSelected = make([]bool, d.Cols), 0
	for j, v := range moved {
		if m.Support[j] = v == (m.Direction == "forward"); m.Support[j] {
			m.NSelected++
		}
	}
	m.Done()
	return nil
}

// best tries each column that has not been moved.
func (m *SequentialFeatureSelector) best(d, y *learn.Matrix, moved []bool, cv split.Splitter) (score float64, at int) {
	score, at = math.Inf(-1), -1
	for j := range moved {
		if moved[j] {
			continue
		}
		var cols []int
		for k, v := range moved {
			if (v || k == j) == (m.Direction == "forward") {
				cols = append(cols, k)
			}
		}
		s, err := search.CrossValScore(m.Estimator, d.TakeCols(cols), y,
			search.Options{Splitter: cv, Scoring: m.Scoring})
		learn.Must(err)
		mean := 0.0
		for _, v := range s {
			mean += v / float64(len(s))
		}
		if mean > score {
			score, at = mean, j
		}
	}
	return score, at
}

// fixedFolds is a Splitter that has split already.
type fixedFolds []split.Fold

// Split returns the folds.
func (f fixedFolds) Split(int, []float64, []float64) ([]split.Fold, error) { return f, nil }
