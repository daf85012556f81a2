package check

import (
	"go/token"
	"strings"
	"testing"
)

func TestSourceHasWhatAFunctionNeeds(t *testing.T) {
	s := New(token.NewFileSet(), Open(), Options{})
	for i, cell := range []string{
		"const width = 3",
		"type (\n\tcount int\n\tunused string\n)\nconst (\n\tone count = iota + 1\n\ttwo\n)\ntype net struct{ n int }\nfunc (m net) size() int { return m.n * width }",
		"func other() int { return 1 }",
		"func helper(m net) int { return m.size() }",
		"seed := 7",
		"func train() int { return helper(net{int(two)}) }\nx := train()",
		"func bad() int { return seed + train() }",
		"func (m *net) grow() { m.n += extra() }\nfunc extra() int { return 1 }",
	} {
		p, err := s.Check("cell "+string(rune('1'+i)), cell)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
	}
	text, err := s.Source("train")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"const width", "type net", "type count", "one count", "size() int", "func helper", "func train", "grow()", "func extra"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is in the source %d times, want once:\n%s", want, strings.Count(text, want), text)
		}
	}
	for _, foreign := range []string{"other", "unused", "seed", "x :=", "bad"} {
		if strings.Contains(text, foreign) {
			t.Errorf("%q is in the source, which does not need it:\n%s", foreign, text)
		}
	}
	if _, err := New(token.NewFileSet(), Open(), Options{}).Check("cell 1", text); err != nil {
		t.Errorf("the source does not compile alone: %v\n%s", err, text)
	}
	for name, want := range map[string]string{
		"bad": "bad uses the variable seed (cell 5) of type int", "seed": "is a variable (cell 5); want a function", "nobody": "no cell declares it",
	} {
		if _, err := s.Source(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Source(%q) gave %v, want %q", name, err, want)
		}
	}
}
