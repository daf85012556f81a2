package kernel

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"strings"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/native/compile"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// native compiles the functions of a cell with go build and declares functions that call them.
func (s *Server) native(ctx context.Context, name, code string) ([]any, *wire.Error) {
	if s.opts.NoShell {
		return nil, s.magicError(name, magic{line: 1}, errors.New("%native: other programs are off in this kernel"))
	}
	c, err := compile.Compile(ctx, code, compile.Options{
		Cell: name, Importer: standard{check.Open(s.opts.Exports...)}, Prelude: s.standardNames(),
	})
	var list check.Errors
	switch {
	case errors.As(err, &list):
		return nil, s.checkError(err, code)
	case err != nil:
		return nil, s.magicError(name, magic{line: 1}, fmt.Errorf("%%native: %w", err))
	}
	for _, why := range c.Inside {
		fmt.Fprintln(s.out.captured, "note: "+why)
	}
	values, fail, _ := s.evaluate(ctx, name, c.Wrapper)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.executed); fail == nil && n > 0 && s.executed[n-1].Name == name {
		s.executed[n-1].Text = code // an exported program is compiled anyway
	}
	return values, fail
}

// standardNames are the names of the prelude for packages of the standard library.
func (s *Server) standardNames() map[string]string {
	names := maps.Clone(s.opts.Prelude)
	maps.DeleteFunc(names, func(_, path string) bool { return !isStandard(path) })
	return names
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// standard imports packages of the standard library alone.
type standard struct{ types.Importer }

// Import makes it a types.Importer.
func (i standard) Import(path string) (*types.Package, error) {
	if !isStandard(path) {
		return nil, fmt.Errorf("package %q is not of the standard library, which is all that a compiled cell can import", path)
	}
	return i.Importer.Import(path)
}
