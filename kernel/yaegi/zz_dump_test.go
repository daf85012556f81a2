package yaegi

import (
	pr "go/printer"
	"go/token"
	"os"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

func TestZZDump(t *testing.T) {
	src, err := os.ReadFile(os.Getenv("DUMP"))
	if err != nil {
		t.Skip()
	}
	lib := check.Open(std.Exports)
	x, _ := New(Options{Symbols: std.Symbols})
	s := check.New(x.fset, lib, check.Options{Has: x.Has})
	p, err := s.Check("cell 1", string(src))
	if err != nil {
		t.Fatal(err)
	}
	p, _, err = x.mono.Rewrite(p)
	if err != nil {
		t.Fatal(err)
	}
	f, err := lower(p, x.names.clone(), x.reg)
	if err != nil {
		t.Fatal(err)
	}
	(&pr.Config{Mode: pr.UseSpaces}).Fprint(os.Stdout, token.NewFileSet(), f)
}
