package nn

import "github.com/lathe-ml/lathe/eager"

// Between two layers of this package there is nobody who could know a value besides the tape: hooks
// aside, they keep neither input nor output. Sequential gives such values back as soon as the tape has no
// more use for them, instead of leaving them to the garbage collector.

// discreet reports whether m keeps neither its input nor its output, and nobody watches it.
func discreet(m Module) bool {
	switch m := m.(type) {
	case *Sequential:
		for _, c := range m.children {
			if !discreet(c.Module) {
				return false
			}
		}
	case *TransformerEncoderLayer:
		if !m.quiet() {
			return false
		}
	case *Linear, *Bilinear, *Activation, *PReLU, *Identity, *Flatten, *GlobalAvgPool, *Dropout, *Conv,
		*ConvTranspose, *Pool, *AdaptivePool, *BatchNorm, *InstanceNorm, *LayerNorm, *GroupNorm, *RMSNorm, *Pad,
		*LocalResponseNorm, *PixelShuffle, *PixelUnshuffle:
	default:
		return false
	}
	return len(m.Self().hooks) == 0
}

// chain applies layers one after the other and gives back what lies between them.
func chain(layers []NamedModule, x *eager.Tensor) *eager.Tensor {
	y, known := x, true // known: others may know y
	for _, l := range layers {
		quiet := discreet(l.Module)
		z := l.Module.Forward(y)
		switch {
		case !quiet:
			known = true
		case !z.SharesStorage(y):
			if !known {
				y.Release()
			}
			known = false
		}
		y = z
	}
	return y
}

// forget gives x, which nobody else knows if quiet holds, back as soon as the tape has no more use for it, unless one of
// users is the same memory.
func forget(x *eager.Tensor, quiet bool, users ...*eager.Tensor) {
	for _, y := range users {
		quiet = quiet && !x.SharesStorage(y)
	}
	if quiet {
		x.Release()
	}
}
