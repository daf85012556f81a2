package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	ml("TreeEnsembleRegressor", treeRegressor)
	ml("TreeEnsembleClassifier", treeClassifier)
	ml("TreeEnsemble", treeEnsemble)
}

// treeNode is a branch or a leaf of a forest.
type treeNode struct {
	mode          string // BRANCH_LEQ … ; "LEAF"
	feature       int
	value         float64
	members       []float64
	missingIsTrue bool
	yes, no       int // nodes
	targets       []int
	weights       []float64
}

// forest is a list of trees over shared nodes.
type forest struct {
	nodes []treeNode
	roots []int
}

// takes reports whether v goes to the yes side.
func (n *treeNode) takes(v float64) bool {
	if math.IsNaN(v) {
		return n.missingIsTrue
	}
	switch n.mode {
	case "BRANCH_LEQ":
		return v <= n.value
	case "BRANCH_LT":
		return v < n.value
	case "BRANCH_GTE":
		return v >= n.value
	case "BRANCH_GT":
		return v > n.value
	case "BRANCH_EQ":
		return v == n.value
	case "BRANCH_NEQ":
		return v != n.value
	case "BRANCH_MEMBER":
		return slices.Contains(n.members, v)
	}
	fail("node mode %q is unknown", n.mode)
	return false
}

// leaf walks one tree. A path longer than the number of nodes is a cycle.
func (f *forest) leaf(root int, row []float64) *treeNode {
	at := root
	for range len(f.nodes) + 1 {
		n := &f.nodes[at]
		if n.mode == "LEAF" {
			return n
		}
		if n.feature < 0 || n.feature >= len(row) {
			fail("a node reads feature %d of %d", n.feature, len(row))
		}
		if n.takes(row[n.feature]) {
			at = n.yes
		} else {
			at = n.no
		}
	}
	fail("the tree of node %d has a cycle", root)
	return nil
}

// floatList is an attribute that also comes as a tensor of doubles.
func floatList(c *call, name string) []float64 {
	if t := c.node.tensor(name + "_as_tensor"); t != nil {
		return t.Data.Float64s()
	}
	return c.floats(name)
}

// treeForest reads the attributes of versions 1 and 3; kind is "target" or "class".
func treeForest(c *call, kind string) *forest {
	type id struct{ tree, node int }
	trees, ids := c.ints("nodes_treeids"), c.ints("nodes_nodeids")
	features, modes := c.ints("nodes_featureids"), c.strings("nodes_modes")
	values := floatList(c, "nodes_values")
	yes, no, missing := c.ints("nodes_truenodeids"), c.ints("nodes_falsenodeids"), c.ints("nodes_missing_value_tracks_true")
	n := len(ids)
	for _, l := range []int{len(trees), len(features), len(modes), len(values), len(yes), len(no)} {
		if l != n {
			fail("the lists of nodes have %d and %d entries", n, l)
		}
	}
	index := make(map[id]int, n)
	f := &forest{nodes: make([]treeNode, n)}
	for i := range n {
		index[id{trees[i], ids[i]}] = i
		f.nodes[i] = treeNode{mode: modes[i], feature: features[i], value: values[i]}
		f.nodes[i].missingIsTrue = i < len(missing) && missing[i] != 0
		if i == 0 || trees[i] != trees[i-1] {
			f.roots = append(f.roots, i)
		}
	}
	for i := range n {
		if modes[i] == "LEAF" {
			continue
		}
		a, okA := index[id{trees[i], yes[i]}]
		b, okB := index[id{trees[i], no[i]}]
		if !okA || !okB {
			fail("node %d of tree %d leads to %d and %d, which are not both there", ids[i], trees[i], yes[i], no[i])
		}
		f.nodes[i].yes, f.nodes[i].no = a, b
	}
	lt, ln, lk := c.ints(kind+"_treeids"), c.ints(kind+"_nodeids"), c.ints(kind+"_ids")
	lw := floatList(c, kind+"_weights")
	if len(ln) != len(lt) || len(lk) != len(lt) || len(lw) != len(lt) {
		fail("the lists of leaves have %d, %d, %d and %d entries", len(lt), len(ln), len(lk), len(lw))
	}
	for i := range lt {
		k, ok := index[id{lt[i], ln[i]}]
		if !ok {
			fail("leaf %d of tree %d is not there", ln[i], lt[i])
		}
		f.nodes[k].targets = append(f.nodes[k].targets, lk[i])
		f.nodes[k].weights = append(f.nodes[k].weights, lw[i])
	}
	return f
}

// sums runs all rows of x through the forest: [rows targets].
func (f *forest) sums(x *eager.Tensor, targets int, base []float64, how string) []float64 {
	rows, features := x.Size(0), x.Size(1)
	v := x.Float64s()
	out := list[float64](rows * targets)
	engine.Parallel(rows, 64, func(lo, hi int) {
		seen := make([]bool, targets)
		for r := lo; r < hi; r++ {
			y := out[r*targets : (r+1)*targets]
			clear(seen)
			for _, root := range f.roots {
				n := f.leaf(root, v[r*features:(r+1)*features])
				for i, t := range n.targets {
					if t < 0 || t >= targets {
						fail("a leaf adds to target %d of %d", t, targets)
					}
					w := n.weights[i]
					switch {
					case how == "MIN" && seen[t]:
						y[t] = min(y[t], w)
					case how == "MAX" && seen[t]:
						y[t] = max(y[t], w)
					default:
						y[t] += w
					}
					seen[t] = true
				}
			}
			for t := range y {
				if how == "AVERAGE" {
					y[t] /= float64(len(f.roots))
				}
				if t < len(base) {
					y[t] += base[t]
				}
			}
		}
	})
	return out
}

func treeRegressor(c *call) []Value {
	_, x := c.table(0)
	n := c.int("n_targets", 1)
	if n < 1 || n > 1<<20 {
		fail("%d targets", n)
	}
	f := treeForest(c, "target")
	y := f.sums(x, n, floatList(c, "base_values"), c.oneOf("aggregate_function", "SUM", "AVERAGE", "MIN", "MAX"))
	return one(number(Float, transformed(c, eager.FromFloat64s(y, x.Size(0), n))))
}

func treeClassifier(c *call) []Value {
	_, x := c.table(0)
	l := c.labels("classlabels_int64s")
	f := treeForest(c, "class")
	n := max(l.len(), 1)
	ids := c.ints("class_ids")
	base := floatList(c, "base_values")
	rows := x.Size(0)
	binary := n <= 2 && len(ids) > 0 && !slices.ContainsFunc(ids, func(k int) bool { return k != ids[0] })
	if binary {
		return binaryTrees(c, f, x, l, ids[0], base)
	}
	y := f.sums(x, n, base, "SUM")
	scores := eager.FromFloat64s(y, rows, n)
	return []Value{l.of(scores.ArgMax(1).Ints()), number(Float, transformed(c, scores))}
}

// binaryTrees is a classifier whose leaves vote for one class alone.
func binaryTrees(c *call, f *forest, x *eager.Tensor, l labels, id int, base []float64) []Value {
	y := f.sums(x, id+1, nil, "SUM")
	score := make([]float64, x.Size(0))
	for r := range score {
		score[r] = y[r*(id+1)+id]
		if len(base) > 0 {
			score[r] += base[len(base)-1]
		}
	}
	classes, both := binaryScores(score, nonNegative(floatList(c, "class_weights")))
	how := c.string("post_transform", "NONE")
	if how == "PROBIT" {
		both = nil
		for _, s := range score {
			both = append(both, 1-s, s)
		}
	}
	scores := postTransform(how, eager.FromFloat64s(both, len(score), 2))
	if l.len() == 1 && len(l.ints) == 1 {
		l.ints = []int{0, l.ints[0]}
	}
	return []Value{l.of(classes), number(Float, scores)}
}

// treeEnsemble is version 5: nodes and leaves are numbered by their place.
func treeEnsemble(c *call) []Value {
	x, wide := c.table(0)
	f := ensembleForest(c)
	n := c.int("n_targets", 1)
	how := []string{"AVERAGE", "SUM", "MIN", "MAX"}
	post := []string{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}
	a, p := c.int("aggregate_function", 1), c.int("post_transform", 0)
	if a < 0 || a >= len(how) || p < 0 || p >= len(post) || n < 1 || n > 1<<20 {
		fail("aggregate_function %d, post_transform %d, %d targets", a, p, n)
	}
	y := eager.FromFloat64s(f.sums(wide, n, nil, how[a]), wide.Size(0), n)
	return one(number(x.Type, postTransform(post[p], y)))
}

func ensembleForest(c *call) *forest {
	modes := []string{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"}
	list := func(name string) []float64 {
		t := c.node.tensor(name)
		if t == nil || t.Type == String {
			return nil
		}
		return t.Data.Float64s()
	}
	features, splits, mode := c.ints("nodes_featureids"), list("nodes_splits"), list("nodes_modes")
	yes, no := c.ints("nodes_truenodeids"), c.ints("nodes_falsenodeids")
	yesLeaf, noLeaf := c.ints("nodes_trueleafs"), c.ints("nodes_falseleafs")
	targets, weights := c.ints("leaf_targetids"), list("leaf_weights")
	missing, members := c.ints("nodes_missing_value_tracks_true"), list("membership_values")
	n := len(features)
	for _, l := range []int{len(splits), len(mode), len(yes), len(no), len(yesLeaf), len(noLeaf)} {
		if l != n {
			fail("the lists of nodes have %d and %d entries", n, l)
		}
	}
	if len(targets) != len(weights) {
		fail("%d targets and %d weights of leaves", len(targets), len(weights))
	}
	f := &forest{nodes: make([]treeNode, n, n+len(targets))}
	place := func(k, leaf int) int {
		limit := n
		if leaf != 0 {
			limit = len(targets)
		}
		if k < 0 || k >= limit {
			fail("a node leads to %d of %d", k, limit)
		}
		if leaf != 0 {
			return n + k
		}
		return k
	}
	for i := range n {
		if k := int(mode[i]); k < 0 || k >= len(modes) {
			fail("node mode %d is unknown", k)
		}
		f.nodes[i] = treeNode{
			mode: modes[int(mode[i])], feature: features[i], value: splits[i],
			yes: place(yes[i], yesLeaf[i]), no: place(no[i], noLeaf[i]),
			missingIsTrue: i < len(missing) && missing[i] != 0,
		}
		if f.nodes[i].mode == "BRANCH_MEMBER" {
			end := slices.IndexFunc(members, math.IsNaN)
			if end < 0 {
				fail("the members of node %d are missing", i)
			}
			f.nodes[i].members, members = members[:end], members[end+1:]
		}
	}
	for i := range targets {
		f.nodes = append(f.nodes, treeNode{mode: "LEAF", targets: targets[i : i+1], weights: weights[i : i+1]})
	}
	for _, r := range c.ints("tree_roots") {
		if r < 0 || r >= len(f.nodes) {
			fail("root %d of %d nodes", r, len(f.nodes))
		}
		f.roots = append(f.roots, r)
	}
	return f
}
