package cpu

import (
	"fmt"
	"os"
	"slices"
)

// level is the instruction set in use.
var level string

// start chooses the level; each platform calls it once its routines are known.
func start() {
	all := levels()
	level = all[len(all)-1]
	if name := os.Getenv("LATHE_CPU"); name != "" {
		if !slices.Contains(all, name) {
			fmt.Fprintf(os.Stderr, "cpu: LATHE_CPU=%s is not one of %v; using %s\n", name, all,
				level)
		} else {
			level = name
		}
	}
	useLevel(level)
}

// Level returns the instruction set in use: "portable", "avx2" or "avx512". The environment
// variable LATHE_CPU chooses one; the default is the best that the CPU has.
func Level() string { return level }

// Levels lists the instruction sets that this CPU has, from the slowest.
func Levels() []string { return levels() }

// SetLevel changes the instruction set, for tests; nothing may be computed at the same time.
func SetLevel(name string) error {
	if !slices.Contains(levels(), name) {
		return fmt.Errorf("cpu.SetLevel: %q is not one of %v", name, levels())
	}
	level = name
	useLevel(name)
	return nil
}
