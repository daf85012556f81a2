package nn

import (
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// padMode is what the elements beyond the edge are.
type padMode int

const (
	padZeros     padMode = iota
	padReflect           // mirrored at the edge element, which is not repeated
	padReplicate         // the edge element
	padCircular          // the other end
)

func padModeOf(where, name string) padMode {
	switch name {
	case "", "zeros", "constant":
		return padZeros
	case "reflect":
		return padReflect
	case "replicate":
		return padReplicate
	case "circular":
		return padCircular
	}
	engine.Fail(where, "PadMode %q is unknown; known: zeros, reflect, replicate, circular", name)
	return padZeros
}

// pad extends the trailing len(before) axes of x by copies of its elements.
func pad(where string, x *eager.Tensor, mode padMode, before, after []int) *eager.Tensor {
	for i := range before {
		axis := x.Rank() - len(before) + i
		if before[i] == 0 && after[i] == 0 {
			continue
		}
		index := padIndex(where, x.Size(axis), before[i], after[i], mode)
		x = x.IndexSelect(axis, eager.FromInts(index))
	}
	return x
}

// padIndex returns where each element of a padded axis of extent n comes from.
func padIndex(where string, n, before, after int, mode padMode) []int {
	limit := n
	if mode == padReflect {
		limit = n - 1
	}
	if mode != padReplicate && max(before, after) > limit || n == 0 {
		engine.Fail(where, "padding %d and %d is too wide for extent %d", before, after, n)
	}
	index := make([]int, 0, n+before+after)
	for i := -before; i < n+after; i++ {
		j := i
		switch {
		case mode == padReplicate:
			j = min(max(i, 0), n-1)
		case mode == padCircular:
			j = (i + n) % n
		case i < 0:
			j = -i
		case i >= n:
			j = 2*(n-1) - i
		}
		index = append(index, j)
	}
	return index
}

// PadOptions are the options of NewPad; the zero value is the default.
type PadOptions struct {
	Mode  string  // "constant" (or ""), "reflect", "replicate" or "circular"
	Value float64 // of constant padding
}

// Pad extends the trailing axes of its input.
type Pad struct {
	Base
	before, after []int
	o             PadOptions
	mode          padMode
}

// NewPad returns a layer that pads the last axis by widths[0] before and widths[1] after, the axis before
// it by widths[2] and widths[3], and so on, as torch.nn.functional.pad counts.
// Agrees with torch.nn.ConstantPad2d, ReflectionPad2d, ReplicationPad2d, CircularPad2d and their kin.
func NewPad(widths []int, o ...PadOptions) *Pad {
	p := &Pad{}
	if len(o) > 0 {
		p.o = o[0]
	}
	p.mode = padModeOf("nn.Pad", p.o.Mode)
	if len(widths)%2 != 0 || len(widths) == 0 || slices.Min(widths) < 0 {
		engine.Fail("nn.NewPad", "widths %v: want pairs of numbers ≥ 0", widths)
	}
	for i := len(widths) - 2; i >= 0; i -= 2 {
		p.before, p.after = append(p.before, widths[i]), append(p.after, widths[i+1])
	}
	return p
}

// Forward returns x padded.
func (p *Pad) Forward(x *eager.Tensor) *eager.Tensor {
	ready("nn.Pad", "nn.NewPad", p != nil && len(p.before) > 0, x)
	if x.Rank() < len(p.before) {
		engine.Fail("nn.Pad", "input %v has fewer than %d axes", x.Array(), len(p.before))
	}
	if p.mode != padZeros {
		return p.Done(x, pad("nn.Pad", x, p.mode, p.before, p.after))
	}
	lead := make([]int, x.Rank()-len(p.before))
	return p.Done(x, x.Pad(slices.Concat(lead, p.before), slices.Concat(lead, p.after), p.o.Value))
}
