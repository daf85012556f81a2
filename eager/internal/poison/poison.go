// Package poison lets tests spoil memory that a backward pass gives back, so that a reader that should
// not be there finds NaN instead of what it expects.
//
//	func TestMain(m *testing.M) {
//		poison.Released = poison.Fill
//		os.Exit(m.Run())
//	}
//
// It does nothing unless a test sets Released.
package poison

// Released, when set, sees memory just before it goes back to the pool.
var Released func(mem []byte)

// Fill writes a pattern that is NaN in every float type.
func Fill(mem []byte) {
	for i := range mem {
		mem[i] = 0xff
	}
}
