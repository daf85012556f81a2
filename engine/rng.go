package engine

import "math"

// Generator is a counter-based random generator, Philox4x32-10 (Salmon et al. 2011): value i is a
// pure function of (Seed, Offset+i/4, i%4), so that a fill gives the same values for any number of
// threads. Offset counts blocks of four 32-bit words.
type Generator struct {
	Seed, Offset uint64
}

// Take returns the generator of the next n values and moves g behind them. A value takes one
// word; functions that need two words for each value say so and ask for twice as many.
func (g *Generator) Take(n int) Generator {
	t := *g
	g.Offset += (uint64(n) + 3) / 4
	return t
}

// Block returns the four words of block i.
func (g Generator) Block(i uint64) [4]uint32 {
	c := g.Offset + i
	return Philox([4]uint32{uint32(c), uint32(c >> 32)},
		[2]uint32{uint32(g.Seed), uint32(g.Seed >> 32)})
}

// Philox is the function Philox4x32-10 of a counter and a key.
func Philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range 10 {
		p, q := uint64(c[0])*0xD2511F53, uint64(c[2])*0xCD9E8D57
		c = [4]uint32{
			uint32(q>>32) ^ c[1] ^ k[0], uint32(q), uint32(p>>32) ^ c[3] ^ k[1],
			uint32(p),
		}
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}
	return c
}

// Unit maps a word to [0, 1) in steps of 2⁻²⁴, which float32 holds exactly.
func Unit(w uint32) float32 { return float32(w>>8) * (1.0 / (1 << 24)) }

// Unit64 maps two words to [0, 1) in steps of 2⁻⁵³.
func Unit64(a, b uint32) float64 {
	return float64((uint64(a)<<32|uint64(b))>>11) * (1.0 / (1 << 53))
}

// Gauss maps two words to two independent standard normal values (Box and Muller 1958).
func Gauss(a, b uint32) (float64, float64) {
	r := math.Sqrt(-2 * math.Log((float64(a)+0.5)*(1.0/(1<<32))))
	s, c := math.Sincos((float64(b) + 0.5) * (2 * math.Pi / (1 << 32)))
	return r * c, r * s
}
