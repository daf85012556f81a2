package op

// RandomPlace returns the place in a random stream that the parameters of an operator name; ok is false
// for operators that draw nothing.
func RandomPlace(a Attrs) (seed, offset uint64, ok bool) {
	switch p := a.(type) {
	case RandAttrs:
		return p.Seed, p.Offset, true
	case DropoutAttrs:
		return p.Seed, p.Offset, p.P > 0
	case AttentionAttrs:
		return p.Seed, p.Offset, p.Dropout > 0
	}
	return 0, 0, false
}

// AtRandomPlace returns the parameters with another place in the stream.
func AtRandomPlace(a Attrs, seed, offset uint64) Attrs {
	switch p := a.(type) {
	case RandAttrs:
		p.Seed, p.Offset = seed, offset
		return p
	case DropoutAttrs:
		p.Seed, p.Offset = seed, offset
		return p
	case AttentionAttrs:
		p.Seed, p.Offset = seed, offset
		return p
	}
	return a
}

// IsUpdate reports whether d is a step of an optimizer: a result may be its operand, each element by
// itself.
func (d *Def) IsUpdate() bool { return d == SGDUpdate || d == AdamUpdate }

// Later returns the parameters of an optimizer's step so many steps later; those of others stay.
func Later(a Attrs, steps int) Attrs {
	switch p := a.(type) {
	case AdamAttrs:
		p.Step += steps
		return p
	case SGDAttrs:
		if !p.First || steps == 0 {
			return a
		}
		p.First = false
		return p
	}
	return a
}
