package mono_test

import (
	"go/token"
	"slices"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
	"github.com/lathe-ml/lathe/kernel/yaegi/mono"
)

// What rewritten programs do is tested by kernel/exectest through kernel/yaegi.

func TestInstancesOfEarlierCellsAreDeclaredOnceAndAnewWhenTheyChange(t *testing.T) {
	s := check.New(token.NewFileSet(), check.Open(std.Exports), check.Options{})
	var state *mono.State
	for _, c := range []struct {
		cell string
		want []string
	}{
		{"type P struct{ x int }", []string{"P"}},
		{"func First[T any](xs []T) T { return xs[0] }", nil},
		{"a := First([]P{{1}})", []string{"First[main.P]"}},
		{"b := First([]P{{2}})", nil},
		{"c := First([]string{\"x\"})", []string{"First[string]"}},
		{"func First[T any](xs []T) T { return xs[1] }", nil},
		{"d := First([]P{{1}, {2}})", []string{"First[main.P]"}},
		{"func f() any { type L struct{ T P }; return L{} }", []string{"L", "f"}},
	} {
		p, err := s.Check("cell", c.cell)
		if err != nil {
			t.Fatal(err)
		}
		q, next, err := state.Rewrite(p, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.cell, err)
		}
		s.Commit(p)
		state = next
		var got []string
		for _, d := range q.Decls {
			got = append(got, mono.Plain(d.Keys[0]))
		}
		slices.Sort(got)
		if len(q.Info.Instances) > 0 || !slices.Equal(got, c.want) {
			t.Errorf("%s: declares %q, want %q", c.cell, got, c.want)
		}
	}
}
