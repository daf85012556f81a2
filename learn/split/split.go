// Package split divides rows into train and test parts, for cross-validation and hold-out.
//
//	for _, f := range must(split.NewStratifiedKFold(5).Split(n, y, nil)) {
//		xTrain, xTest := x.Take(f.Train), x.Take(f.Test)
//	}
//	train, test, err := split.TrainTest(n, y, split.Options{TestSize: 0.25, Shuffle: true})
//
// Seeded splits are those of scikit-learn. The package fits nothing (learn/search does).
package split

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// Fold is one division of the rows.
type Fold struct{ Train, Test []int }

// Splitter divides n rows; y and groups are used by some.
type Splitter interface {
	Split(n int, y, groups []float64) ([]Fold, error)
}

// rest returns the rows of 0 … n−1 that are not in test.
func rest(n int, test []int) []int {
	in := make([]bool, n)
	for _, i := range test {
		in[i] = true
	}
	var out []int
	for i := range n {
		if !in[i] {
			out = append(out, i)
		}
	}
	return out
}

// fromTest makes folds of test parts.
func fromTest(n int, tests [][]int) []Fold {
	var out []Fold
	for _, t := range tests {
		out = append(out, Fold{rest(n, t), t})
	}
	return out
}

// fromLabels makes a fold for each number that folds gives to rows.
func fromLabels(fold []int, k int) []Fold {
	tests := make([][]int, k)
	for i, f := range fold {
		if f >= 0 {
			tests[f] = append(tests[f], i)
		}
	}
	return fromTest(len(fold), tests)
}

// KFold divides the rows into K parts of about equal size, each the test part once.
type KFold struct {
	K           int
	Shuffle     bool
	RandomState int64
}

// NewKFold returns one of k parts, not shuffled.
func NewKFold(k int) *KFold { return &KFold{K: k} }

func needFolds(where string, k, n int) {
	if k < 2 || k > n {
		learn.Fail(where, "%d folds for %d rows; want 2 … %d", k, n, n)
	}
}

// Split returns the folds.
func (s *KFold) Split(n int, _, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	needFolds("split.KFold", s.K, n)
	return kfold(n, s.K, s.Shuffle, random.New(s.RandomState)), nil
}

func kfold(n, k int, shuffle bool, r *random.State) []Fold {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if shuffle {
		r.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	var tests [][]int
	at := 0
	for i := range k {
		size := n / k
		if i < n%k {
			size++
		}
		t := slices.Clone(order[at : at+size])
		slices.Sort(t)
		tests = append(tests, t)
		at += size
	}
	return fromTest(n, tests)
}

// StratifiedKFold keeps the proportions of classes in each part.
type StratifiedKFold struct {
	K           int
	Shuffle     bool
	RandomState int64
}

// NewStratifiedKFold returns one of k parts, not shuffled.
func NewStratifiedKFold(k int) *StratifiedKFold { return &StratifiedKFold{K: k} }

// Split returns the folds.
func (s *StratifiedKFold) Split(n int, y, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	return stratified(n, s.K, y, s.Shuffle, random.New(s.RandomState)), nil
}

// firstUse numbers values in the order in which they occur.
func firstUse(y []float64) (codes []int, k int) {
	seen := map[float64]int{}
	for _, v := range y {
		c, ok := seen[v]
		if !ok {
			c = len(seen)
			seen[v] = c
		}
		codes = append(codes, c)
	}
	return codes, len(seen)
}

func stratified(n, k int, y []float64, shuffle bool, r *random.State) []Fold {
	if len(y) != n {
		learn.Fail("split.StratifiedKFold", "%d classes for %d rows; want one for each", len(y), n)
	}
	needFolds("split.StratifiedKFold", k, n)
	codes, classes := firstUse(y)
	count := make([]int, classes)
	for _, c := range codes {
		count[c]++
	}
	if m := slices.Max(count); m < k {
		learn.Fail("split.StratifiedKFold", "%d folds, but the largest class has %d rows; want fewer folds",
			k, m)
	}
	sorted := slices.Clone(codes)
	slices.Sort(sorted)
	allocation := make([][]int, classes) // of each class, rows in each fold
	for c := range allocation {
		allocation[c] = make([]int, k)
	}
	for i, c := range sorted {
		allocation[c][i%k]++
	}
	fold := make([]int, n)
	for c := range classes {
		var list []int
		for f, m := range allocation[c] {
			for range m {
				list = append(list, f)
			}
		}
		if shuffle {
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		at := 0
		for i, ci := range codes {
			if ci == c {
				fold[i] = list[at]
				at++
			}
		}
	}
	return fromLabels(fold, k)
}

// groupCodes numbers the groups in rising order.
func groupCodes(where string, n int, groups []float64) (codes []int, k int) {
	if len(groups) != n {
		learn.Fail(where, "%d groups for %d rows; want one for each", len(groups), n)
	}
	d := learn.Distinct(groups)
	return learn.Codes(d, groups), len(d)
}

// GroupKFold keeps the rows of a group together and balances the parts.
type GroupKFold struct {
	K           int
	Shuffle     bool
	RandomState int64
}

// NewGroupKFold returns one of k parts.
func NewGroupKFold(k int) *GroupKFold { return &GroupKFold{K: k} }

// Split returns the folds.
func (s *GroupKFold) Split(n int, _, groups []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	codes, k := groupCodes("split.GroupKFold", n, groups)
	if s.K > k {
		learn.Fail("split.GroupKFold", "%d folds for %d groups; want at most one for each", s.K, k)
	}
	if s.Shuffle {
		order := random.New(s.RandomState).Permutation(k)
		fold := make([]int, k)
		for i, part := range kfold(k, s.K, false, nil) {
			for _, p := range part.Test {
				fold[order[p]] = i
			}
		}
		return fromGroups(codes, fold, s.K), nil
	}
	count := make([]int, k)
	for _, c := range codes {
		count[c]++
	}
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return count[order[a]] < count[order[b]] })
	slices.Reverse(order)
	size, fold := make([]int, s.K), make([]int, k)
	for _, g := range order {
		light := 0
		for f := range size {
			if size[f] < size[light] {
				light = f
			}
		}
		size[light] += count[g]
		fold[g] = light
	}
	return fromGroups(codes, fold, s.K), nil
}

func fromGroups(codes, fold []int, k int) []Fold {
	rows := make([]int, len(codes))
	for i, c := range codes {
		rows[i] = fold[c]
	}
	return fromLabels(rows, k)
}

// StratifiedGroupKFold keeps groups together and the proportions of classes as even as it can.
type StratifiedGroupKFold struct {
	K           int
	Shuffle     bool
	RandomState int64
}

// NewStratifiedGroupKFold returns one of k parts.
func NewStratifiedGroupKFold(k int) *StratifiedGroupKFold { return &StratifiedGroupKFold{K: k} }

// Split returns the folds.
func (s *StratifiedGroupKFold) Split(n int, y, groups []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	codes, k := groupCodes("split.StratifiedGroupKFold", n, groups)
	classes := learn.Distinct(y)
	labels := learn.Codes(classes, y)
	count := make([][]float64, k)
	for g := range count {
		count[g] = make([]float64, len(classes))
	}
	total := make([]float64, len(classes))
	for i, g := range codes {
		count[g][labels[i]]++
		total[labels[i]]++
	}
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	if s.Shuffle {
		random.New(s.RandomState).Shuffle(k, func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	spread := func(v []float64) float64 { return deviation(v) }
	sort.SliceStable(order, func(a, b int) bool { return spread(count[order[a]]) > spread(count[order[b]]) })
	parts := make([][]float64, s.K)
	for i := range parts {
		parts[i] = make([]float64, len(classes))
	}
	fold := make([]int, k)
	for _, g := range order {
		b := bestPart(parts, count[g], total)
		for c, v := range count[g] {
			parts[b][c] += v
		}
		fold[g] = b
	}
	return fromGroups(codes, fold, s.K), nil
}

func deviation(v []float64) float64 {
	mean, ss := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		ss += (x - mean) * (x - mean) / float64(len(v))
	}
	return math.Sqrt(ss)
}

// bestPart returns the part that keeps classes most even when it takes a group; of equals the smallest.
func bestPart(parts [][]float64, group, total []float64) int {
	best, least, size := 0, math.Inf(1), math.Inf(1)
	for p := range parts {
		eval := 0.0
		for c := range total {
			share := make([]float64, len(parts))
			for q := range parts {
				share[q] = parts[q][c]
				if q == p {
					share[q] += group[c]
				}
				share[q] /= total[c]
			}
			eval += deviation(share) / float64(len(total))
		}
		n := 0.0
		for c, v := range parts[p] {
			n += v + group[c]
		}
		if eval < least && !closeTo(eval, least) || closeTo(eval, least) && n < size {
			best, least, size = p, eval, n
		}
	}
	return best
}

func closeTo(a, b float64) bool { return math.Abs(a-b) <= 1e-8+1e-5*math.Abs(b) }

// Repeated repeats a shuffled KFold or StratifiedKFold with new orders.
type Repeated struct {
	K, Repeats  int
	Stratified  bool
	RandomState int64
}

// NewRepeatedKFold returns k folds, repeated.
func NewRepeatedKFold(k, repeats int) *Repeated { return &Repeated{K: k, Repeats: repeats} }

// NewRepeatedStratifiedKFold returns k stratified folds, repeated.
func NewRepeatedStratifiedKFold(k, repeats int) *Repeated {
	return &Repeated{K: k, Repeats: repeats, Stratified: true}
}

// Split returns the folds.
func (s *Repeated) Split(n int, y, _ []float64) (f []Fold, err error) {
	defer learn.Catch(&err)
	needFolds("split.Repeated", s.K, n)
	r := random.New(s.RandomState)
	for range s.Repeats {
		if s.Stratified {
			f = append(f, stratified(n, s.K, y, true, r)...)
		} else {
			f = append(f, kfold(n, s.K, true, r)...)
		}
	}
	return f, nil
}
