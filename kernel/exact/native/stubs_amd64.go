package native

// stubCount is how many methods all session types of a process can have. Each takes one or two.
const stubCount = 1 << 14

// stubSize is the length in bytes of a stub.
const stubSize = 13

// stubTable returns the address of the stubs and of the table of functions that they jump to.
func stubTable() (code uintptr, table P)

// stubsEnd returns the address after the last stub.
func stubsEnd() uintptr

//lint:ignore U1000 declares what is only used in assembly
func stubCode()

//lint:ignore U1000 declares what is only used in assembly
func stubEnd()
