package tree

import (
	"fmt"
	"strings"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// Leaf returns the node where a row ends.
func (t *Tree) Leaf(row []float64) int {
	n := 0
	for t.Left[n] >= 0 {
		v := float64(float32(row[t.Feature[n]]))
		if v <= t.Threshold[n] || v != v && t.MissingLeft[n] {
			n = t.Left[n]
		} else {
			n = t.Right[n]
		}
	}
	return n
}

// Value returns the prediction of a node, shared.
func (t *Tree) Value(node int) []float64 { return t.Values[node*t.Width : (node+1)*t.Width] }

// Leaves returns the number of leaves.
func (t *Tree) Leaves() int {
	n := 0
	for _, l := range t.Left {
		if l < 0 {
			n++
		}
	}
	return n
}

// Apply returns the leaf of each row.
func (t *Tree) Apply(x *learn.Matrix) []int {
	out := make([]int, x.Rows)
	engine.Parallel(x.Rows, 512, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = t.Leaf(x.Row(i))
		}
	})
	return out
}

// Importances returns each feature's part of the decrease of impurity; they add up to 1, or are all 0.
func (t *Tree) Importances(features int) []float64 {
	imp := make([]float64, features)
	sum := 0.0
	for n, l := range t.Left {
		if l < 0 {
			continue
		}
		r := t.Right[n]
		d := t.Weight[n]*t.Impurity[n] - t.Weight[l]*t.Impurity[l] - t.Weight[r]*t.Impurity[r]
		imp[t.Feature[n]] += d
		sum += d
	}
	if sum > 0 {
		for j := range imp {
			imp[j] /= sum
		}
	}
	return imp
}

// prune returns the smallest subtree whose weakest link is above alpha (minimal cost complexity).
func (t *Tree) prune(alpha float64) *Tree {
	n := len(t.Left)
	total := t.Weight[0]
	leaf := make([]bool, n)
	in := make([]bool, n)
	for i := range n {
		in[i] = true
		leaf[i] = t.Left[i] < 0
	}
	risk := func(i int) float64 { return t.Weight[i] * t.Impurity[i] / total }
	for !leaf[0] {
		branch, leaves := make([]float64, n), make([]float64, n)
		for i := n - 1; i >= 0; i-- { // children come after their parents
			if leaf[i] {
				branch[i], leaves[i] = risk(i), 1
			} else if in[i] {
				branch[i] = branch[t.Left[i]] + branch[t.Right[i]]
				leaves[i] = leaves[t.Left[i]] + leaves[t.Right[i]]
			}
		}
		weakest, least := -1, 0.0
		for i := range n {
			if !in[i] || leaf[i] {
				continue
			}
			if e := (risk(i) - branch[i]) / (leaves[i] - 1); weakest < 0 || e < least {
				weakest, least = i, e
			}
		}
		if least > alpha {
			break
		}
		leaf[weakest] = true
		t.drop(t.Left[weakest], in)
		t.drop(t.Right[weakest], in)
	}
	return t.keep(in, leaf)
}

func (t *Tree) drop(i int, in []bool) {
	if !in[i] {
		return
	}
	in[i] = false
	if t.Left[i] >= 0 {
		t.drop(t.Left[i], in)
		t.drop(t.Right[i], in)
	}
}

func (t *Tree) keep(in, leaf []bool) *Tree {
	to := make([]int, len(in))
	out := &Tree{Width: t.Width}
	for i := range in {
		if !in[i] {
			continue
		}
		to[i] = len(out.Left)
		out.Feature, out.Threshold = append(out.Feature, t.Feature[i]), append(out.Threshold, t.Threshold[i])
		out.Left, out.Right = append(out.Left, t.Left[i]), append(out.Right, t.Right[i])
		out.MissingLeft = append(out.MissingLeft, t.MissingLeft[i])
		out.Impurity, out.Samples = append(out.Impurity, t.Impurity[i]), append(out.Samples, t.Samples[i])
		out.Weight = append(out.Weight, t.Weight[i])
		out.Values = append(out.Values, t.Value(i)...)
		if leaf[i] {
			k := to[i]
			out.Left[k], out.Right[k], out.Feature[k], out.Threshold[k] = -1, -1, -2, -2
		}
	}
	var depth func(n, d int)
	for k, l := range out.Left {
		if l >= 0 {
			out.Left[k], out.Right[k] = to[l], to[out.Right[k]]
		}
	}
	depth = func(n, d int) {
		out.Depth = max(out.Depth, d)
		if out.Left[n] >= 0 {
			depth(out.Left[n], d+1)
			depth(out.Right[n], d+1)
		}
	}
	depth(0, 0)
	return out
}

// Text returns the rules of a tree, one node a line; names may be nil.
func Text(t *Tree, names []string) string {
	var b strings.Builder
	var walk func(n int, indent string)
	name := func(j int) string {
		if j < len(names) {
			return names[j]
		}
		return fmt.Sprintf("feature_%d", j)
	}
	walk = func(n int, indent string) {
		if t.Left[n] < 0 {
			fmt.Fprintf(&b, "%s|--- value: %.2f\n", indent, t.Value(n))
			return
		}
		fmt.Fprintf(&b, "%s|--- %s <= %.2f\n", indent, name(t.Feature[n]), t.Threshold[n])
		walk(t.Left[n], indent+"|   ")
		fmt.Fprintf(&b, "%s|--- %s >  %.2f\n", indent, name(t.Feature[n]), t.Threshold[n])
		walk(t.Right[n], indent+"|   ")
	}
	walk(0, "")
	return b.String()
}
