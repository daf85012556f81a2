package engine

import "testing"

// The vectors are Random123's kat_vectors for philox4x32 with 10 rounds.
func TestPhiloxAgreesWithRandom123(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
			[2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := Philox(c.counter, c.key); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

func TestTakeReservesDisjointBlocks(t *testing.T) {
	g := Generator{Seed: 5}
	a := g.Take(9)
	if a.Offset != 0 || g.Offset != 3 {
		t.Errorf("Take(9) of 0 gives offset %d and leaves %d", a.Offset, g.Offset)
	}
	if a.Block(3) != g.Block(0) {
		t.Error("blocks after the taken ones are not the next ones")
	}
}
