package instrument_test

import (
	"go/token"
	"testing"

	"github.com/lathe-ml/lathe/debugger/instrument"
	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols"
)

func TestX(t *testing.T) {
	fset := token.NewFileSet()
	s := check.New(fset, check.Open(symbols.Exports()...), check.Options{Prelude: symbols.Prelude()})
	table := instrument.NewTable(func([]*instrument.Func) {})
	table.Use(fset)
	s.SetProbes(table)
	_, err := s.Check("cell 1", "sum := 0\nfor i := range 3 {\n\tsum += i\n}\nsum")
	if err != nil {
		t.Fatal(err)
	}
}
