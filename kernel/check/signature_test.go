package check_test

import (
	"go/token"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// Each code has the cursor at the mark |. Argument is what the cursor is in; "" for none.
var signatures = []struct{ code, label, argument string }{
	{`strings.Repeat("a", |`, "func strings.Repeat(s string, count int) string", "count int"},
	{`strings.Repeat("a", |)`, "func strings.Repeat(s string, count int) string", "count int"},
	{`strings.Repeat(|`, "func strings.Repeat(s string, count int) string", "s string"},
	{`strings.Repeat("a|`, "func strings.Repeat(s string, count int) string", "s string"},
	{`strings.Repeat("a, (b", |`, "func strings.Repeat(s string, count int) string", "count int"},
	{`strings.Repeat("a", 2, |`, "func strings.Repeat(s string, count int) string", ""},
	{`fmt.Println(strings.Repeat("a", |`, "func strings.Repeat(s string, count int) string", "count int"},
	{`fmt.Println(strings.Repeat("a", 2), |`, "func fmt.Println(a ...any) (n int, err error)", "a ...any"},
	{"x := add(1, |\ny := 2\nfmt.Println(x, y)", "func add(a int, b int) int", "b int"},
	{"go add(|", "func add(a int, b int) int", "a int"},
	{"for i := range twice(|", "func twice(n int) []int", "n int"},
	{"if add(1, |) > 2 {\n}", "func add(a int, b int) int", "b int"},
	{"func g() {\n\tv := 3\n\tadd(v, |\n}", "func add(a int, b int) int", "b int"},
	{"later(|)\nfunc later(n float64) {}", "func later(n float64)", "n float64"},
	{"p := point{}\np.move(1, |", "func (point).move(dx int, dy int)", "dy int"},
	{"f := func(a, b string) int { return 0 }\nf(\"x\", |", "var f func(a string, b string) int", "b string"},
	{"_ = func(a, b string) int { return 0 }(\"x\", |", "func(a string, b string) int", "b string"},
	{"fs := []func(n int){}\nfs[0](|", "func(n int)", "n int"},
	{"pick[int](1, |", "func pick[T any](a T, b T) T", "b T"},
	{"pick(1, |", "func pick[T any](a T, b T) T", "b T"},
	{"append([]int{1, 2}, |", "func append(slice []T, elems ...T) []T", "elems ...T"},
	{"copy(twice(2), |", "func copy(dst, src []T) int", "src []T"},
	{"add([]int{1, |", "func add(a int, b int) int", "a int"},
	{"add(add(1, 2), add(3, 4)|", "func add(a int, b int) int", "b int"},
	{"strings.Map(func(r rune) rune { return unicode.ToUpper(|", "func unicode.ToUpper(r rune) rune", "r rune"},
	{"point(|", "type point struct{x int; y int}", "value"},
	// Not in a call.
	{"strings.Repeat|", "", ""},
	{"add(1, 2)|", "", ""},
	{"func h(a int, |", "", ""},
	{"func (p point) h(a int, |", "", ""},
	{"func h[T any](a T, |", "", ""},
	{"strings.Map(func(r rune) rune { return |", "", ""},
	{"(1 + |", "", ""},
	{"unknown(1, |", "", ""},
	{"[]byte(|", "", ""},
	{"// add(1, |", "", ""},
	{"", "", ""},
	{")))(|", "", ""},
}

func assistSession(t *testing.T) *check.Session {
	t.Helper()
	s := check.New(token.NewFileSet(), check.Open(std.Exports), check.Options{Prelude: map[string]string{
		"fmt": "fmt", "strings": "strings", "unicode": "unicode",
	}})
	p, err := s.Check("cell 1", `
// add adds, as a test may
// rely on.
func add(a, b int) int { return a + b }
func twice(n int) []int { return make([]int, 2*n) }
func pick[T any](a, b T) T { return a }
// point is a place.
type point struct{ x, y int }
// move moves.
func (p point) move(dx, dy int) {}`)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(p)
	return s
}

func TestSignaturesAreFoundInUnfinishedCalls(t *testing.T) {
	s := assistSession(t)
	for _, c := range signatures {
		at := max(strings.Index(c.code, "|"), 0)
		code := strings.Replace(c.code, "|", "", 1)
		sig := s.Signature(code, at)
		if sig == nil {
			if c.label != "" {
				t.Errorf("%q: no signature, want %s", c.code, c.label)
			}
			continue
		}
		argument := ""
		if sig.Argument >= 0 && len(sig.Parameters) > 0 {
			argument = sig.Parameters[sig.Argument]
		}
		if sig.Label != c.label || argument != c.argument {
			t.Errorf("%q: %s, argument %q; want %s, argument %q", c.code, sig.Label, argument, c.label, c.argument)
		}
	}
}

func TestSignaturesCarryTheComment(t *testing.T) {
	s := assistSession(t)
	for code, want := range map[string]string{
		"add(": "add adds, as a test may\nrely on.", "point{}.move(": "move moves.", "point(": "point is a place.",
		"// now says when.\nfunc now(n int) {}\nnow(": "now says when.", "twice(": "",
		"strings.Repeat(":                   "Repeat returns a new string consisting of count copies of the string s.",
		"new(strings.Builder).WriteString(": "WriteString appends the contents of s to b's buffer. It returns the length of s and a nil error.",
	} {
		if sig := s.Signature(code, len(code)); sig == nil || sig.Doc != want {
			t.Errorf("%q: %+v, want doc %q", code, sig, want)
		}
	}
}

func TestNamesCarryTheComment(t *testing.T) {
	s := assistSession(t)
	for code, want := range map[string]string{
		"add": "add adds, as a test may\nrely on.", "point": "point is a place.", "x := strings.Repeat": "Repeat returns",
		"func": "", "fmt": "", "nobody": "",
	} {
		if _, doc := s.Describe(code, len(code)); doc != want && (want == "" || !strings.HasPrefix(doc, want)) {
			t.Errorf("%q: doc %q, want %q", code, doc, want)
		}
	}
}

func FuzzSignature(f *testing.F) {
	for _, c := range signatures {
		f.Add(strings.Replace(c.code, "|", "", 1), max(strings.Index(c.code, "|"), 0))
	}
	s := check.New(token.NewFileSet(), check.Open(std.Exports), check.Options{Prelude: map[string]string{"fmt": "fmt"}})
	f.Fuzz(func(t *testing.T, code string, at int) {
		if at < 0 || at > len(code) {
			t.Skip("the cursor is outside")
		}
		if sig := s.Signature(code, at); sig != nil && sig.Argument >= max(len(sig.Parameters), 1) {
			t.Errorf("argument %d of %d", sig.Argument, len(sig.Parameters))
		}
	})
}
