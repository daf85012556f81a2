package eager

import (
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// labelled is a tensor whose axis i has name names[i].
type labelled struct {
	x     *Tensor
	names []rune
}

// Einsum sums products of elements of xs over the axes that equation leaves out of the result:
// Einsum("bij,bjk->bik", x, y) is a batched matrix product. A letter names an axis of each operand; equal
// letters have one index. "..." stands for any further axes, which broadcast. Without "->" the result has
// the letters that occur once, in alphabetical order, after those of "...".
// Operands are contracted from left to right by matrix products.
func Einsum(equation string, xs ...*Tensor) *Tensor {
	left, right, named := strings.Cut(strings.ReplaceAll(equation, " ", ""), "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(xs) {
		engine.Fail("Einsum", "%q names %d operands, got %d", equation, len(terms), len(xs))
	}
	ops, dots := make([]labelled, len(xs)), 0
	for i, x := range xs {
		present("Einsum", "operand", x)
		ops[i] = labelled{x, axisNames(equation, terms[i], x)}
		for _, r := range ops[i].names {
			if r < 0 {
				dots = max(dots, int(-r))
			}
		}
	}
	result := resultNames(right, named, dots, ops)
	for i, r := range result {
		if slices.Contains(result[:i], r) {
			engine.Fail("Einsum", "%q: the result has an axis twice; want each once", equation)
		}
	}
	for i, o := range ops {
		ops[i] = o.diagonals(equation)
	}
	for len(ops) > 1 {
		keep := slices.Clone(result)
		for _, o := range ops[2:] {
			keep = append(keep, o.names...)
		}
		ops = slices.Insert(slices.Clone(ops[2:]), 0, contract(equation, ops[0], ops[1], keep))
	}
	return ops[0].sumTo(result).arranged(equation, result)
}

// axisNames gives an axis of "..." the number −k, the last of them −1.
func axisNames(equation, term string, x *Tensor) []rune {
	letters := strings.ReplaceAll(term, "...", "")
	if strings.Contains(letters, ".") || strings.Count(term, "...") > 1 {
		engine.Fail("Einsum", "%q: %q is not letters with at most one \"...\"", equation, term)
	}
	more := x.Rank() - len([]rune(letters))
	if more < 0 || more > 0 && letters == term {
		engine.Fail("Einsum", "%q: %q names %d axes, operand %v has %d", equation, term,
			len([]rune(letters)), x.arr, x.Rank())
	}
	head, tail, _ := strings.Cut(term, "...")
	names := []rune(head)
	for k := more; k > 0; k-- {
		names = append(names, rune(-k))
	}
	return append(names, []rune(tail)...)
}

// resultNames are the axes of the result.
func resultNames(right string, named bool, dots int, ops []labelled) []rune {
	var names []rune
	ellipsis := func() {
		for k := dots; k > 0; k-- {
			names = append(names, rune(-k))
		}
	}
	if named {
		head, tail, found := strings.Cut(right, "...")
		names = append(names, []rune(head)...)
		if found {
			ellipsis()
		}
		return append(names, []rune(tail)...)
	}
	count := map[rune]int{}
	for _, o := range ops {
		for _, r := range o.names {
			count[r]++
		}
	}
	ellipsis()
	var once []rune
	for r, n := range count {
		if r > 0 && n == 1 {
			once = append(once, r)
		}
	}
	slices.Sort(once)
	return append(names, once...)
}

// diagonals joins axes of one name.
func (o labelled) diagonals(equation string) labelled {
	for i := 0; i < len(o.names); i++ {
		j := slices.Index(o.names[i+1:], o.names[i])
		if j < 0 {
			continue
		}
		j += i + 1
		if o.x.arr.Shape[i] != o.x.arr.Shape[j] {
			engine.Fail("Einsum", "%q: axes %d and %d of %v have one name and differ", equation, i, j, o.x.arr)
		}
		name := o.names[i]
		o.x = o.x.Diagonal(0, i, j)
		names := slices.Delete(slices.Clone(o.names), j, j+1)
		o.names = append(slices.Delete(names, i, i+1), name)
		i--
	}
	return o
}

// sumTo sums over the axes that are not in keep.
func (o labelled) sumTo(keep []rune) labelled {
	var axes []int
	var names []rune
	for i, r := range o.names {
		if slices.Contains(keep, r) {
			names = append(names, r)
		} else {
			axes = append(axes, i)
		}
	}
	if len(axes) == 0 {
		return o
	}
	return labelled{o.x.Sum(axes...), names}
}

// arranged is the tensor with axes in the order of names, extent 1 where it lacks one.
func (o labelled) arranged(equation string, names []rune) *Tensor {
	var perm []int
	var s []int
	for _, r := range names {
		i := slices.Index(o.names, r)
		switch {
		case i >= 0:
			perm, s = append(perm, i), append(s, o.x.arr.Shape[i])
		case r < 0:
			s = append(s, 1)
		default:
			engine.Fail("Einsum", "%q: no operand has an axis %c", equation, r)
		}
	}
	return o.x.Permute(perm...).Reshape(s...)
}

// contract multiplies a and b and sums over the axes that are not in keep: a matrix product of
// [shared, own, summed] and [shared, summed, own].
func contract(equation string, a, b labelled, keep []rune) labelled {
	a, b = a.sumTo(append(slices.Clone(keep), b.names...)), b.sumTo(append(slices.Clone(keep), a.names...))
	var shared, summed, ownA, ownB []rune
	for _, r := range a.names {
		switch in := slices.Contains(b.names, r); {
		case in && slices.Contains(keep, r):
			shared = append(shared, r)
		case in:
			summed = append(summed, r)
		default:
			ownA = append(ownA, r)
		}
	}
	for _, r := range b.names {
		if !slices.Contains(a.names, r) {
			ownB = append(ownB, r)
		}
	}
	a, b = agree(equation, a, b, append(slices.Clone(shared), summed...))
	x := a.arranged(equation, slices.Concat(shared, ownA, summed))
	y := b.arranged(equation, slices.Concat(shared, summed, ownB))
	size := func(t *Tensor, from, n int) int { return t.arr.Shape[from : from+n].Numel() }
	k, m := len(shared), len(ownA)
	batch, inner := size(x, 0, k), size(x, k+m, len(summed))
	z := x.Reshape(batch, size(x, k, m), inner).MatMul(y.Reshape(batch, inner,
		size(y, k+len(summed), len(ownB))))
	s := slices.Concat(x.arr.Shape[:k+m], y.arr.Shape[k+len(summed):])
	return labelled{z.Reshape(s...), slices.Concat(shared, ownA, ownB)}
}

// agree expands axes of extent 1 among the named ones to the other operand's extents.
func agree(equation string, a, b labelled, names []rune) (labelled, labelled) {
	sa, sb := a.x.arr.Shape.Clone(), b.x.arr.Shape.Clone()
	for _, r := range names {
		i, j := slices.Index(a.names, r), slices.Index(b.names, r)
		switch n, m := sa[i], sb[j]; {
		case n == m:
		case n == 1:
			sa[i] = m
		case m == 1:
			sb[j] = n
		default:
			engine.Fail("Einsum", "%q: an axis has extents %d in %v and %d in %v", equation, n, a.x.arr, m,
				b.x.arr)
		}
	}
	a.x, b.x = a.x.Expand(sa...), b.x.Expand(sb...)
	return a, b
}

// TensorDot sums products over pairs of axes: axis xAxes[i] of x with axis yAxes[i] of y. The result has the
// other axes of x, then those of y.
func TensorDot(x, y *Tensor, xAxes, yAxes []int) *Tensor {
	if len(xAxes) != len(yAxes) {
		engine.Fail("TensorDot", "%d axes of x and %d of y; want pairs", len(xAxes), len(yAxes))
	}
	a, b := labelled{x: x}, labelled{x: y}
	for i := range x.Rank() {
		a.names = append(a.names, rune(1+i))
	}
	for i := range y.Rank() {
		b.names = append(b.names, rune(1+x.Rank()+i))
	}
	for i, p := range xAxes {
		b.names[y.axis("TensorDot", yAxes[i])] = a.names[x.axis("TensorDot", p)]
	}
	var keep []rune
	for _, r := range slices.Concat(a.names, b.names) {
		if !(slices.Contains(a.names, r) && slices.Contains(b.names, r)) {
			keep = append(keep, r)
		}
	}
	return contract("TensorDot", a, b, keep).arranged("TensorDot", keep)
}

// Kron returns the Kronecker product: every element of x times y, as blocks.
func (x *Tensor) Kron(y *Tensor) *Tensor {
	x.must("Kron")
	present("Kron", "y", y)
	rank := max(x.Rank(), y.Rank())
	var xs, ys, s []int
	for i := range rank {
		n, m := 1, 1
		if k := i - rank + x.Rank(); k >= 0 {
			n = x.arr.Shape[k]
		}
		if k := i - rank + y.Rank(); k >= 0 {
			m = y.arr.Shape[k]
		}
		xs, ys, s = append(xs, n, 1), append(ys, 1, m), append(s, n*m)
	}
	return x.Reshape(xs...).Mul(y.Reshape(ys...)).Reshape(s...)
}
