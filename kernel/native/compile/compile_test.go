package compile_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/native/compile"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// What compiled cells do is tested in kernel/symbols, with a toolchain.

func TestWhatCannotBeCompiledIsSaid(t *testing.T) {
	lib := check.Open(std.Exports)
	for _, c := range []struct{ source, want string }{
		{"\nfunc F() int { return nope }", "cell 1 line 2: undefined: nope (a compiled cell sees its own declarations only)"},
		{"\nx := 1", "such a cell has declarations alone"},
		{"\nfunc F(c chan int) {}", "F is called inside the cell only: values of type chan int are not copied"},
		{"\ntype T struct{ a int }\nfunc F(t T) {}", "the field a of T is not copied, as it is not exported"},
		{"\ntype T struct{ A []T }\nfunc F(t T) {}", "a type that leads back to itself is not copied"},
		{"\nfunc F[T any](t T) {}", "F is called inside the cell only: it is generic"},
		{"", "there is none"},
	} {
		_, err := compile.Compile(t.Context(), c.source, compile.Options{Cell: "cell 1", Importer: lib})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\ngot  %v\nwant %s", c.source, err, c.want)
		}
	}
}

func TestACellIsNotCompiledWithoutAToolchain(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := compile.Compile(t.Context(), "\nfunc F() {}", compile.Options{Cell: "cell 1", Importer: check.Open(std.Exports)})
	if err == nil || !strings.Contains(err.Error(), "there is no Go toolchain on PATH") {
		t.Errorf("got %v", err)
	}
}
