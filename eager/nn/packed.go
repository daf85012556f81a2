package nn

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// PackedSequence holds sequences of different lengths without padding: the first step of all, longest
// sequence first, then the second step of those that have one, and so on.
type PackedSequence struct {
	Data       *eager.Tensor // [steps of all sequences, …]
	BatchSizes []int         // sequences that have each step
	sorted     []int         // sequence at each place, nil when they came sorted
}

// SequenceOptions are the options of the functions on sequences; the zero value is the default.
type SequenceOptions struct {
	BatchFirst bool    // padded sequences are [batch steps …] rather than [steps batch …]
	Value      float64 // of padding
	Steps      int     // PadPackedSequence: pad to this many; 0: to the longest
}

func sequenceOptions(o []SequenceOptions) SequenceOptions {
	if len(o) > 0 {
		return o[0]
	}
	return SequenceOptions{}
}

// inverse of a permutation.
func inverse(p []int) []int {
	r := make([]int, len(p))
	for i, v := range p {
		r[v] = i
	}
	return r
}

// pack sorts sequences by falling length and lists, by place in the packed data, step and sequence.
func pack(where string, lengths []int) (p *PackedSequence, step, sequence []int) {
	if len(lengths) == 0 {
		engine.Fail(where, "there are no sequences")
	}
	order := make([]int, len(lengths))
	for i, n := range lengths {
		order[i] = i
		if n < 1 {
			engine.Fail(where, "sequence %d has length %d; want at least 1", i, n)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lengths[b] - lengths[a] })
	p = &PackedSequence{}
	if !slices.IsSorted(order) {
		p.sorted = order
	}
	for t := range lengths[order[0]] {
		n := 0
		for _, i := range order {
			if lengths[i] > t {
				step, sequence = append(step, t), append(sequence, i)
				n++
			}
		}
		p.BatchSizes = append(p.BatchSizes, n)
	}
	return p, step, sequence
}

// PackPaddedSequence packs padded sequences x [steps batch …] of the given lengths, which may come in
// any order. Agrees with torch.nn.utils.rnn.pack_padded_sequence(enforce_sorted=False).
func PackPaddedSequence(x *eager.Tensor, lengths []int, o ...SequenceOptions) *PackedSequence {
	const where = "nn.PackPaddedSequence"
	present(where, "x", x)
	first := sequenceOptions(o).BatchFirst
	if x.Rank() < 2 {
		engine.Fail(where, "x is %v; want [steps batch …]", x.Array())
	}
	steps, batch := x.Size(0), x.Size(1)
	if first {
		steps, batch = batch, steps
	}
	if len(lengths) != batch || slices.Max(lengths) > steps {
		engine.Fail(where, "lengths %v for x %v with %d sequences of %d steps", lengths, x.Array(), batch, steps)
	}
	p, step, sequence := pack(where, lengths)
	rows := make([]int, len(step))
	for k, t := range step {
		if first {
			rows[k] = sequence[k]*steps + t
		} else {
			rows[k] = t*batch + sequence[k]
		}
	}
	flat := x.Reshape(append([]int{steps * batch}, x.Shape()[2:]...)...)
	p.Data = flat.IndexSelect(0, eager.FromInts(rows, len(rows)))
	return p
}

// PackSequence packs sequences [steps …]. Agrees with torch.nn.utils.rnn.pack_sequence.
func PackSequence(xs ...*eager.Tensor) *PackedSequence {
	const where = "nn.PackSequence"
	lengths, start := sequenceLengths(where, xs)
	p, step, sequence := pack(where, lengths)
	rows := make([]int, len(step))
	for k, t := range step {
		rows[k] = start[sequence[k]] + t
	}
	p.Data = eager.Concat(0, xs...).IndexSelect(0, eager.FromInts(rows, len(rows)))
	return p
}

// sequenceLengths returns the lengths of sequences and where each starts when they are joined.
func sequenceLengths(where string, xs []*eager.Tensor) (lengths, start []int) {
	total := 0
	for _, x := range xs {
		present(where, "a sequence", x)
		if x.Rank() == 0 {
			engine.Fail(where, "sequence %v has no axis of steps", x.Array())
		}
		lengths, start = append(lengths, x.Size(0)), append(start, total)
		total += x.Size(0)
	}
	return lengths, start
}

// Lengths returns the length of each sequence, in the order in which they were packed.
func (p *PackedSequence) Lengths() []int {
	lengths := make([]int, p.BatchSizes[0])
	for _, n := range p.BatchSizes {
		for i := range n {
			lengths[i]++
		}
	}
	if p.sorted == nil {
		return lengths
	}
	r := make([]int, len(lengths))
	for i, s := range p.sorted {
		r[s] = lengths[i]
	}
	return r
}

// PadPackedSequence undoes PackPaddedSequence: x [steps batch …] and the lengths.
// Agrees with torch.nn.utils.rnn.pad_packed_sequence.
func PadPackedSequence(p *PackedSequence, o ...SequenceOptions) (x *eager.Tensor, lengths []int) {
	const where = "nn.PadPackedSequence"
	if p == nil || p.Data == nil {
		engine.Fail(where, "the packed sequence is empty; make it with nn.PackPaddedSequence")
	}
	opt := sequenceOptions(o)
	lengths = p.Lengths()
	_, step, sequence := pack(where, lengths)
	rows := make([][]int, len(lengths))
	for i, n := range lengths {
		rows[i] = make([]int, n)
	}
	for k, t := range step {
		rows[sequence[k]][t] = k
	}
	return padRows(where, p.Data, rows, opt), lengths
}

// PadSequence joins sequences [steps …] to one tensor [longest batch …].
// Agrees with torch.nn.utils.rnn.pad_sequence.
func PadSequence(xs []*eager.Tensor, o ...SequenceOptions) *eager.Tensor {
	const where = "nn.PadSequence"
	lengths, start := sequenceLengths(where, xs)
	if len(xs) == 0 {
		engine.Fail(where, "there are no sequences")
	}
	rows := make([][]int, len(xs))
	for i, n := range lengths {
		for t := range n {
			rows[i] = append(rows[i], start[i]+t)
		}
	}
	return padRows(where, eager.Concat(0, xs...), rows, sequenceOptions(o))
}

// padRows collects rows of data, listed by sequence, and fills up with padding.
func padRows(where string, data *eager.Tensor, rows [][]int, o SequenceOptions) *eager.Tensor {
	steps := o.Steps
	for _, r := range rows {
		if o.Steps > 0 && len(r) > o.Steps {
			engine.Fail(where, "Steps is %d, a sequence has %d", o.Steps, len(r))
		}
		steps = max(steps, len(r))
	}
	n, batch := data.Size(0), len(rows)
	index := make([]int, 0, steps*batch)
	if o.BatchFirst {
		for _, r := range rows {
			for t := range steps {
				index = append(index, at(r, t, n))
			}
		}
	} else {
		for t := range steps {
			for _, r := range rows {
				index = append(index, at(r, t, n))
			}
		}
	}
	row := append(engine.Shape{1}, data.Shape()[1:]...)
	x := eager.Concat(0, data, eager.Full(o.Value, row...).To(data.DType()))
	x = x.IndexSelect(0, eager.FromInts(index, len(index)))
	first, second := steps, batch
	if o.BatchFirst {
		first, second = batch, steps
	}
	return x.Reshape(append([]int{first, second}, data.Shape()[1:]...)...)
}

// at returns r[t], or otherwise where r is too short.
func at(r []int, t, otherwise int) int {
	if t < len(r) {
		return r[t]
	}
	return otherwise
}

// UnpadSequence undoes PadSequence. Agrees with torch.nn.utils.rnn.unpad_sequence.
func UnpadSequence(x *eager.Tensor, lengths []int, o ...SequenceOptions) []*eager.Tensor {
	const where = "nn.UnpadSequence"
	present(where, "x", x)
	if x.Rank() < 2 {
		engine.Fail(where, "x is %v; want [steps batch …]", x.Array())
	}
	if !sequenceOptions(o).BatchFirst {
		x = x.Transpose(0, 1)
	}
	if len(lengths) != x.Size(0) || len(lengths) > 0 && slices.Max(lengths) > x.Size(1) {
		engine.Fail(where, "lengths %v for %d sequences of %d steps", lengths, x.Size(0), x.Size(1))
	}
	xs := make([]*eager.Tensor, len(lengths))
	for i, n := range lengths {
		xs[i] = x.Index(i).Slice(0, 0, n)
	}
	return xs
}

// UnpackSequence undoes PackSequence. Agrees with torch.nn.utils.rnn.unpack_sequence.
func UnpackSequence(p *PackedSequence) []*eager.Tensor {
	x, lengths := PadPackedSequence(p, SequenceOptions{BatchFirst: true})
	return UnpadSequence(x, lengths, SequenceOptions{BatchFirst: true})
}
