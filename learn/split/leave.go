package split

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// LeavePOut makes every set of P rows the test part once.
type LeavePOut struct{ P int }

// NewLeaveOneOut returns LeavePOut of one row.
func NewLeaveOneOut() *LeavePOut { return &LeavePOut{P: 1} }

// NewLeavePOut returns one for sets of p rows.
func NewLeavePOut(p int) *LeavePOut { return &LeavePOut{P: p} }

// Split returns the folds.
func (s *LeavePOut) Split(n int, _, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	if s.P < 1 || s.P >= n {
		learn.Fail("split.LeavePOut", "P is %d for %d rows; want 1 … %d", s.P, n, n-1)
	}
	return fromTest(n, subsets(n, s.P)), nil
}

// subsets lists the sets of p of the numbers below n in lexical order.
func subsets(n, p int) [][]int {
	var out [][]int
	pick := make([]int, p)
	var add func(at, from int)
	add = func(at, from int) {
		if at == p {
			out = append(out, slices.Clone(pick))
			return
		}
		for i := from; i < n; i++ {
			pick[at] = i
			add(at+1, i+1)
		}
	}
	add(0, 0)
	return out
}

// LeavePGroupsOut makes every set of P groups the test part once.
type LeavePGroupsOut struct{ P int }

// NewLeaveOneGroupOut returns LeavePGroupsOut of one group.
func NewLeaveOneGroupOut() *LeavePGroupsOut { return &LeavePGroupsOut{P: 1} }

// NewLeavePGroupsOut returns one for sets of p groups.
func NewLeavePGroupsOut(p int) *LeavePGroupsOut { return &LeavePGroupsOut{P: p} }

// Split returns the folds.
func (s *LeavePGroupsOut) Split(n int, _, groups []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	codes, k := groupCodes("split.LeavePGroupsOut", n, groups)
	if s.P < 1 || s.P >= k {
		learn.Fail("split.LeavePGroupsOut", "P is %d for %d groups; want 1 … %d", s.P, k, k-1)
	}
	var tests [][]int
	for _, set := range subsets(k, s.P) {
		var t []int
		for i, c := range codes {
			if slices.Contains(set, c) {
				t = append(t, i)
			}
		}
		tests = append(tests, t)
	}
	return fromTest(n, tests), nil
}

// PredefinedSplit has the fold of each row; -1 is always in the train part.
type PredefinedSplit struct{ TestFold []int }

// NewPredefinedSplit returns one with these folds.
func NewPredefinedSplit(fold []int) *PredefinedSplit { return &PredefinedSplit{TestFold: fold} }

// Split returns the folds.
func (s *PredefinedSplit) Split(n int, _, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	if len(s.TestFold) != n {
		learn.Fail("split.PredefinedSplit", "%d folds for %d rows; want one for each", len(s.TestFold), n)
	}
	ids := slices.Compact(slices.Sorted(slices.Values(s.TestFold)))
	for _, id := range ids {
		if id < 0 {
			continue
		}
		var t []int
		for i, v := range s.TestFold {
			if v == id {
				t = append(t, i)
			}
		}
		f = append(f, Fold{rest(n, t), t})
	}
	return f, nil
}

// TimeSeriesSplit tests on rows that come after the train part.
type TimeSeriesSplit struct {
	K            int
	MaxTrainSize int // 0: all earlier rows
	TestSize     int // 0: n / (K + 1)
	Gap          int // rows between train and test
}

// NewTimeSeriesSplit returns one of k parts.
func NewTimeSeriesSplit(k int) *TimeSeriesSplit { return &TimeSeriesSplit{K: k} }

// Split returns the folds.
func (s *TimeSeriesSplit) Split(n int, _, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	size := s.TestSize
	if size == 0 {
		size = n / (s.K + 1)
	}
	if s.K < 2 || s.K+1 > n || n-s.Gap-size*s.K <= 0 {
		learn.Fail("split.TimeSeriesSplit", "%d splits of %d rows with a gap of %d do not fit %d rows", s.K,
			size, s.Gap, n)
	}
	for at := n - s.K*size; at < n; at += size {
		from, to := 0, at-s.Gap
		if s.MaxTrainSize > 0 && s.MaxTrainSize < to {
			from = to - s.MaxTrainSize
		}
		f = append(f, Fold{span(from, to), span(at, min(at+size, n))})
	}
	return f, nil
}

func span(lo, hi int) []int {
	var v []int
	for i := lo; i < hi; i++ {
		v = append(v, i)
	}
	return v
}

// Options are settings of a random hold-out. Sizes below 1 are fractions, others counts; 0 means the rest,
// and a TestSize of 0 without TrainSize means 0.25 (0.1 in ShuffleSplit).
type Options struct {
	TestSize, TrainSize float64
	Shuffle             bool
	Stratify            []float64
	RandomState         int64
}

// sizes returns the numbers of train and test rows.
func sizes(where string, n int, o Options, def float64) (train, test int) {
	if o.TestSize == 0 && o.TrainSize == 0 {
		o.TestSize = def
	}
	count := func(s float64, up bool) int {
		switch {
		case s >= 1:
			return int(s)
		case up:
			return int(math.Ceil(s * float64(n)))
		}
		return int(math.Floor(s * float64(n)))
	}
	test, train = count(o.TestSize, true), count(o.TrainSize, false)
	if o.TestSize == 0 {
		test = n - train
	}
	if o.TrainSize == 0 {
		train = n - test
	}
	if train < 1 || test < 1 || train+test > n {
		learn.Fail(where, "%d train and %d test rows of %d; want at least one each, at most all", train,
			test, n)
	}
	return train, test
}

// TrainTest divides n rows once; Shuffle is scikit-learn's default there.
func TrainTest(n int, o Options) (train, test []int, err error) {
	defer learn.Catch(&err)
	a, b := sizes("split.TrainTest", n, o, 0.25)
	switch {
	case o.Stratify != nil:
		f := strata(n, a, b, o.Stratify, random.New(o.RandomState))
		return f.Train, f.Test, nil
	case o.Shuffle:
		p := random.New(o.RandomState).Permutation(n)
		return p[b : b+a], p[:b], nil
	}
	return span(0, a), span(a, a+b), nil
}

// ShuffleSplit makes K independent random divisions.
type ShuffleSplit struct {
	K int
	Options
	Stratified bool
}

// NewShuffleSplit returns k random divisions with a tenth for testing.
func NewShuffleSplit(k int) *ShuffleSplit { return &ShuffleSplit{K: k} }

// NewStratifiedShuffleSplit keeps the proportions of classes.
func NewStratifiedShuffleSplit(k int) *ShuffleSplit { return &ShuffleSplit{K: k, Stratified: true} }

// Split returns the folds.
func (s *ShuffleSplit) Split(n int, y, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	a, b := sizes("split.ShuffleSplit", n, s.Options, 0.1)
	r := random.New(s.RandomState)
	for range s.K {
		if s.Stratified {
			f = append(f, strata(n, a, b, y, r))
			continue
		}
		p := r.Permutation(n)
		f = append(f, Fold{p[b : b+a], p[:b]})
	}
	return f, nil
}

// strata draws train and test rows of each class in proportion.
func strata(n, train, test int, y []float64, r *random.State) Fold {
	if len(y) != n {
		learn.Fail("split.StratifiedShuffleSplit", "%d classes for %d rows; want one for each", len(y), n)
	}
	classes := learn.Distinct(y)
	codes := learn.Codes(classes, y)
	rows := make([][]int, len(classes))
	for i, c := range codes {
		rows[c] = append(rows[c], i)
	}
	count := make([]int, len(classes))
	for c := range rows {
		count[c] = len(rows[c])
		if count[c] < 2 {
			learn.Fail("split.StratifiedShuffleSplit", "class %g has one row; want at least 2", classes[c])
		}
	}
	if train < len(classes) || test < len(classes) {
		learn.Fail("split.StratifiedShuffleSplit", "%d train and %d test rows for %d classes; want one each",
			train, test, len(classes))
	}
	ni := approximateMode(count, train, r)
	left := make([]int, len(count))
	for c := range count {
		left[c] = count[c] - ni[c]
	}
	ti := approximateMode(left, test, r)
	var f Fold
	for c := range rows {
		p := r.Permutation(count[c])
		for k, q := range p[:ni[c]+ti[c]] {
			if k < ni[c] {
				f.Train = append(f.Train, rows[c][q])
			} else {
				f.Test = append(f.Test, rows[c][q])
			}
		}
	}
	shuffle(f.Train, r)
	shuffle(f.Test, r)
	return f
}

func shuffle(v []int, r *random.State) {
	p := r.Permutation(len(v))
	c := slices.Clone(v)
	for i, k := range p {
		v[i] = c[k]
	}
}

// approximateMode returns how many of each class to draw: the floor of the expected number, and the rest
// by the largest remainders, equals at random.
func approximateMode(count []int, draws int, r *random.State) []int {
	total := 0
	for _, c := range count {
		total += c
	}
	out, remainder, need := make([]int, len(count)), make([]float64, len(count)), draws
	for c, k := range count {
		e := float64(k) / float64(total) * float64(draws)
		out[c] = int(math.Floor(e))
		remainder[c] = e - math.Floor(e)
		need -= out[c]
	}
	if need <= 0 {
		return out
	}
	values := learn.Distinct(remainder)
	slices.Reverse(values)
	for _, v := range values {
		var at []int
		for c, x := range remainder {
			if x == v {
				at = append(at, c)
			}
		}
		k := min(len(at), need)
		for _, p := range r.Choice(len(at), k) {
			out[at[p]]++
		}
		if need -= k; need == 0 {
			break
		}
	}
	return out
}

// GroupShuffleSplit draws whole groups at random K times.
type GroupShuffleSplit struct {
	K int
	Options
}

// NewGroupShuffleSplit returns k random divisions with a fifth of the groups for testing.
func NewGroupShuffleSplit(k int) *GroupShuffleSplit {
	return &GroupShuffleSplit{K: k, Options: Options{TestSize: 0.2}}
}

// Split returns the folds.
func (s *GroupShuffleSplit) Split(n int, _, groups []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	codes, k := groupCodes("split.GroupShuffleSplit", n, groups)
	a, b := sizes("split.GroupShuffleSplit", k, s.Options, 0.2)
	r := random.New(s.RandomState)
	for range s.K {
		p := r.Permutation(k)
		inTest, inTrain := map[int]bool{}, map[int]bool{}
		for _, g := range p[:b] {
			inTest[g] = true
		}
		for _, g := range p[b : b+a] {
			inTrain[g] = true
		}
		var fold Fold
		for i, c := range codes {
			if inTest[c] {
				fold.Test = append(fold.Test, i)
			} else if inTrain[c] {
				fold.Train = append(fold.Train, i)
			}
		}
		f = append(f, fold)
	}
	return f, nil
}

// For returns what cross-validation uses for k folds: stratified for a classifier with a target of classes.
func For(k int, y *learn.Matrix, classifier bool) Splitter {
	if classifier && y != nil && y.Cols == 1 &&
		!slices.ContainsFunc(y.Data, func(v float64) bool { return v != math.Floor(v) }) {
		return NewStratifiedKFold(k)
	}
	return NewKFold(k)
}

// Groups numbers rows i by i / size; it is the layout of repeated measurements.
func Groups(n, size int) []float64 {
	g := make([]float64, n)
	for i := range g {
		g[i] = float64(i / size)
	}
	return g
}
