package golang

import (
	"fmt"
	"os"

	"github.com/lathe-ml/lathe/debugger/local"
)

// Stepped, after the name of an executor, makes programs stop at each statement under the debugger.
const Stepped = "+step"

// maxSteps bounds how many statements of a program are stepped through; the rest runs, still with the
// debugger's calls.
const maxSteps = 100_000

// step is Child under the debugger.
func step(executor, source string) int {
	s, err := local.New(executor, nil, failed)
	if err == nil {
		err = s.Target.Attach(s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	s.Step(maxSteps)
	out, err := s.Run(source)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 3
	case out.Err != nil:
		fmt.Fprintf(os.Stderr, "%s line %d: %s: %s\n", out.Err.Pos.Filename, out.Err.Pos.Line, out.Err.Kind, out.Err.Msg)
		return 1
	}
	return 0
}
