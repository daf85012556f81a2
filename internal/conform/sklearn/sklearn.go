// Package sklearn compares learn's estimators, transformers, metrics and splitters with results recorded
// from scikit-learn (testdata/sklearn/README.md describes the format).
//
//	r := report.New("sklearn", os.Stdout)
//	if err := sklearn.Run(os.DirFS("refs/sklearn"), r); err != nil { … }
//	r.Summary()
//
// Estimators are found by scikit-learn's names in learn/registry and configured by scikit-learn's names of
// options. A name or an option that learn does not have counts as not supported yet; it never passes
// silently.
package sklearn

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/learn"
)

// suites are the files of cases and what runs one of them.
var suites = []struct {
	name string
	run  func(c *context, r record) error
	of   func(r record) string // the group that a case is counted under
}{
	{"estimators", runEstimator, func(r record) string { return r.str("estimator") }},
	{"preprocessing", runTransformer, func(r record) string { return r.str("transformer") }},
	{"splits", runSplit, splitterName},
	{"functions", runFunction, functionName},
}

// unsupported says what a case needs that this version does not have.
type unsupported string

// context holds the data sets of a folder.
type context struct {
	refs fs.FS
	sets map[string]*dataset
}

// Run compares every case of the suites that refs has.
func Run(refs fs.FS, rep *report.Report) error {
	c := &context{refs: refs, sets: map[string]*dataset{}}
	found := false
	for _, s := range suites {
		cases, err := readCases(refs, s.name+".json")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		found = true
		for i, r := range cases {
			group, id := s.of(r), r.str("id")
			if group == "" || id == "" {
				return fmt.Errorf("%s.json, case %d has no name", s.name, i+1)
			}
			tell(rep, group, s.name+" "+id, func() error { return s.run(c, r) })
		}
	}
	metrics, err := readCases(refs, "metrics.json")
	if err == nil {
		found = true
		for _, r := range metrics {
			runMetrics(r, rep)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !found {
		return errors.New("no estimators.json, preprocessing.json, metrics.json, splits.json or " +
			"functions.json in the folder")
	}
	return nil
}

// tell runs a case and counts its outcome.
func tell(rep *report.Report, group, id string, run func() error) {
	missing, err := guarded(run)
	switch {
	case missing != "":
		rep.Skip(group, id, string(missing))
	case err != nil:
		rep.Fail(group, id, err.Error())
	default:
		rep.Pass(group)
	}
}

// guarded runs a case and turns panics into what they mean.
func guarded(run func() error) (missing unsupported, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unsupported:
			missing, err = r, nil
		case *engine.Error:
			err = r
		default:
			err = fmt.Errorf("panic: %v %s", r, debug.Stack())
		}
	}()
	return "", run()
}

// dataset is one of the folder's data sets.
type dataset struct {
	x, y *learn.Matrix
	docs []string
}

// set returns the data set of that name.
func (c *context) set(name string) *dataset {
	if d, ok := c.sets[name]; ok {
		return d
	}
	file, part, _ := strings.Cut(name, ":")
	r, err := readRecord(c.refs, "data/"+file+".json")
	if err != nil {
		panic(unsupported("data set " + name))
	}
	d := &dataset{}
	if r["docs"] != nil {
		d.docs = texts(r["docs"])
	} else {
		d.x, d.y = matrix(r["X"]), matrix(r["y"])
		d.cut(part)
	}
	c.sets[name] = d
	return d
}

// cut keeps a part of a set: one column by its number, the first two classes (binary), values of 0 … 16
// divided by 16 (unit), or every seventh value missing (holes).
func (d *dataset) cut(part string) {
	switch column, err := strconv.Atoi(part); {
	case part == "":
	case err == nil:
		d.x = learn.Column(d.x.Col(column))
	case part == "binary":
		var rows []int
		for i, v := range d.y.Data {
			if v < 2 {
				rows = append(rows, i)
			}
		}
		d.x, d.y = d.x.Take(rows), d.y.Take(rows)
	case part == "unit":
		d.x = d.x.Clone()
		for i := range d.x.Data {
			d.x.Data[i] /= 16
		}
	case part == "holes":
		d.x = d.x.Clone()
		for i := 0; i < len(d.x.Data); i += 7 {
			d.x.Data[i] = math.NaN()
		}
	default:
		panic(unsupported("part of a data set " + part))
	}
}

// holdOut returns the train rows (index % 4 ≠ 3) and the others.
func holdOut(n int) (train, test []int) {
	for i := range n {
		if i%4 != 3 {
			train = append(train, i)
		} else {
			test = append(test, i)
		}
	}
	return train, test
}
