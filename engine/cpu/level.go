package cpu

import "fmt"

// level is the instruction set in use.
var level = "portable"

// Level returns the instruction set in use: "portable", "avx2" or "avx512". The environment variable
// LATHE_CPU chooses one; the default is the best that the CPU has.
func Level() string { return level }

// Levels lists the instruction sets that this CPU has, from the slowest.
func Levels() []string { return []string{"portable"} }

// SetLevel changes the instruction set, for tests; nothing may be computed at the same time.
func SetLevel(name string) error {
	for _, l := range Levels() {
		if l == name {
			level = l
			return nil
		}
	}
	return fmt.Errorf("cpu: level %q is not one of %v", name, Levels())
}
