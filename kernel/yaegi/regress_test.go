package yaegi_test

// regressions are cells that once gave something else than Go does. The format is that of language.
var regressions = []struct{ name, cells, want string }{
	{"a redefined type does not borrow the methods of the old one", `type P struct{ X, Y int }
func (p P) String() string { return fmt.Sprint("P", p.X, p.Y) }
old := any(P{1, 2})
---
type P struct{ A string }
P{"new"}
---
fmt.Println(old, P{"n"})
---
func (p P) String() string { return "now " + p.A }
fmt.Println(old, []P{{"q"}})`, "=> {new}\nP1 2 {n}\nP1 2 [now q]\n"},
	{"a pasted program runs main once", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Print(1) }", "1"},
	{"a cell that calls main itself runs it once", "func main() { fmt.Print(1) }\nmain()", "1"},
	{"carriage returns", "x := 1\r\ny := `a\r\nb`\r\nlen(y) + x", "=> 4\n"},
}
