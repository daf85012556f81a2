package sklearn

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/split"
)

func splitterName(r record) string {
	name, _, _ := strings.Cut(r.str("splitter"), "(")
	return name
}

// splitter builds what Python's repr of a splitter says.
func splitter(repr string) split.Splitter {
	name, args, _ := strings.Cut(repr, "(")
	a := record{}
	for _, part := range strings.Split(strings.TrimSuffix(args, ")"), ", ") {
		if k, v, ok := strings.Cut(part, "="); ok {
			a[k] = fromRepr(v)
		}
	}
	num := func(key string, def int) int {
		if v, ok := learn.OptInt(a[key]); ok {
			return v
		}
		return def
	}
	fraction := func(key string) float64 { f, _ := learn.OptFloat(a[key]); return f }
	shuffled, _ := a["shuffle"].(bool)
	k, seed := num("n_splits", 5), int64(num("random_state", 0))
	hold := split.Options{TestSize: fraction("test_size"), TrainSize: fraction("train_size"), RandomState: seed}
	switch name {
	case "KFold":
		return &split.KFold{K: k, Shuffle: shuffled, RandomState: seed}
	case "StratifiedKFold":
		return &split.StratifiedKFold{K: k, Shuffle: shuffled, RandomState: seed}
	case "GroupKFold":
		return &split.GroupKFold{K: k, Shuffle: shuffled, RandomState: seed}
	case "StratifiedGroupKFold":
		return &split.StratifiedGroupKFold{K: k, Shuffle: shuffled, RandomState: seed}
	case "RepeatedKFold", "RepeatedStratifiedKFold":
		return &split.Repeated{
			K: k, Repeats: num("n_repeats", 10), RandomState: seed,
			Stratified: name == "RepeatedStratifiedKFold",
		}
	case "LeaveOneOut":
		return split.NewLeaveOneOut()
	case "LeavePOut":
		return split.NewLeavePOut(num("p", 2))
	case "LeaveOneGroupOut":
		return split.NewLeaveOneGroupOut()
	case "LeavePGroupsOut":
		return split.NewLeavePGroupsOut(num("n_groups", 2))
	case "TimeSeriesSplit":
		return &split.TimeSeriesSplit{
			K: k, MaxTrainSize: num("max_train_size", 0), TestSize: num("test_size", 0), Gap: num("gap", 0),
		}
	case "ShuffleSplit", "StratifiedShuffleSplit":
		return &split.ShuffleSplit{
			K: num("n_splits", 10), Options: hold,
			Stratified: name == "StratifiedShuffleSplit",
		}
	case "GroupShuffleSplit":
		if hold.TestSize == 0 && hold.TrainSize == 0 {
			hold.TestSize = 0.2
		}
		return &split.GroupShuffleSplit{K: k, Options: hold}
	}
	panic(unsupported("splitter " + name))
}

// runSplit compares the first test parts with the recorded ones, and all in number.
func runSplit(c *context, r record) error {
	n := int(number(r["n"]))
	var y []float64
	if name := r.str("y"); name != "" {
		y = c.set(name).y.Data[:n]
	}
	var groups []float64
	if g := r.str("groups"); g != "" {
		var size int
		if _, err := fmt.Sscanf(g, "index//%d", &size); err != nil {
			panic(unsupported("groups " + g))
		}
		groups = split.Groups(n, size)
	}
	folds, err := splitter(r.str("splitter")).Split(n, y, groups)
	if err != nil {
		return err
	}
	if want := int(number(r["n_splits"])); len(folds) != want {
		return fmt.Errorf("%d splits, want %d", len(folds), want)
	}
	tests, _ := r["test_indices"].([]any)
	for i, t := range tests {
		got, want := folds[i].Test, ints(t)
		if len(got) != len(want) {
			return fmt.Errorf("test part %d has %d rows, want %d", i, len(got), len(want))
		}
		if err := overlap(folds[i]); err != nil {
			return err
		}
		// A seeded split is the same too: the generator draws NumPy's numbers.
		for k := range want {
			if got[k] != want[k] {
				return fmt.Errorf("row %d of test part %d is %d, want %d", k, i, got[k], want[k])
			}
		}
	}
	return nil
}

func overlap(f split.Fold) error {
	in := map[int]bool{}
	for _, i := range f.Train {
		in[i] = true
	}
	for _, i := range f.Test {
		if in[i] {
			return fmt.Errorf("row %d is in both parts", i)
		}
	}
	return nil
}
