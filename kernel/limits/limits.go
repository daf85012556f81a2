// Package limits lists what cells cannot do, each with a cell that shows it. The list is tested
// against the kernel and printed as docs/limits.md.
//
//	for _, l := range limits.All {
//		fmt.Println(l.Construct, l.Instead)
//	}
//
// The package does not refuse anything itself (see kernel/check, kernel/exact and kernel/yaegi).
package limits

import "strings"

//go:generate go run ./gen ../../docs/limits.md

// Limit is a construct that cells refuse.
type Limit struct {
	Construct string
	Cell      string // shows it
	Message   string // part of what the kernel says
	Instead   string // what works
	Both      bool   // every executor refuses it, not yaegi alone
	Later     bool   // it is refused when the cell gets there, not before it runs
}

// All is every known limit.
var All = []Limit{
	{"an unknown package", `import "example.com/x"`, "is not part of this kernel", "the standard library and Lathe's packages", true, false},
	{"package unsafe", `import "unsafe"` + "\nunsafe.Pointer(nil)", "is not part of this kernel", "Go without it", true, false},
	{"nesting deeper than 1000 levels", "x := " + strings.Repeat("- ", 2000) + "1", "nests deeper than", "names for the parts", true, false},
	{"very large arrays", "var a [1 << 40]int", "an array of more than", "a slice", true, false},
	{"var with a function that uses the variable", "var x = f()\nfunc f() int { return x }", "initialization cycle", "`:=`", true, false},
	{"functions without a body", "func f()", "has no body", "a body", true, false},
	{
		"generic functions that reach into the runtime",
		`import "runtime"` + "\np := new(int)\nruntime.AddCleanup(p, func(int) {}, 1)",
		"is generic compiled code", "runtime.SetFinalizer", true, false,
	},
	{
		"reflect.TypeFor", "import \"reflect\"\nreflect.TypeFor[int]()", "is generic compiled code",
		"reflect.TypeOf", false, false,
	},
	{
		"a function literal in the head of a loop that captures its variable",
		"func f() { for i := 0; func() bool { return i < 3 }(); i++ { } }",
		"a function literal in the head of a loop", "a condition without a function literal", false, false,
	},
	{
		"defer of a function literal that uses a variable of a loop", "func f() { for _, s := range []string{\"a\"} { defer func() { fmt.Println(s) }() } }",
		"has another value later", "an argument of the literal", false, false,
	},
	{
		"defer of a function value while one of its type calls recover",
		"func r() { recover() }\nfunc f() { g := r; defer g() }",
		"defer of a function that is not named here", "the name of the function", false, false,
	},
	{
		"defer of recover itself", "func f() { defer recover() }", "defer of recover", "a function literal that calls it", false, false,
	},
	{
		"structs that lead to each other in more than one way, or by the key of a map",
		"type E struct { next *E; in *L }\ntype L struct { root E }",
		"refer to each other in a way", "a field of type any", false, false,
	},
	{
		"reflection on a value of a named type that is no struct",
		"import \"reflect\"\ntype N int\nreflect.TypeOf(N(1))",
		"reflection on a value of type", "a type switch", false, false,
	},
	{
		"a method that hides a deeper one, through an interface",
		"import \"bytes\"\ntype S struct{}\nfunc (S) String() string { return \"\" }\n" +
			"func f() {\n\ttype D struct{ S }\n\tv := struct {\n\t\tD\n\t\t*bytes.Buffer\n\t}{}\n\tvar s fmt.Stringer = v\n\t_ = s\n}",
		"which hides a deeper one", "a method of its own", false, false,
	},
	{
		"encoding/xml of a struct without a field XMLName", "import \"encoding/xml\"\ntype T struct{ A int }\nxml.Marshal(T{})",
		"add a field XMLName", "a field XMLName", false, false,
	},
	{
		"a generic type inside a function", "func f() { type T[A any] struct{ a A }; _ = T[int]{} }",
		"a generic type inside a function", "a type of the cell", false, false,
	},
	{
		"defer inside a range over a function", "func f(s func(func(int) bool)) { for range s { defer fmt.Println() } }",
		"defer inside a range over a function", "a function that does the deferring", false, false,
	},
	{
		"goto inside a range over a function", "func f(s func(func(int) bool)) { for range s { goto L; L: } }",
		"goto inside a range over a function", "continue or break", false, false,
	},
	{
		"the methods Format and GoString", "type T int\nfunc (t T) GoString() string { return \"\" }",
		"is not seen by package fmt", "a method String", false, false,
	},
	{
		"the methods Scan of fmt, LogValue of slog, As and Unwrap() []error of errors",
		"type E struct{}\nfunc (E) Error() string { return \"\" }\nfunc (E) Unwrap() []error { return nil }",
		"is not seen by package errors", "errors.Join, a call", false, false,
	},
	{
		"encoding values with methods such as MarshalJSON, or with embedded fields",
		"import \"encoding/json\"\ntype B struct{ X int }\ntype E struct{ B }\njson.Marshal(E{})",
		"cannot take this value in cells", "a struct of plain, named fields", false, false,
	},
	{
		"methods of types, found by reflection",
		"import \"reflect\"\ntype T struct{}\nfunc (T) M() {}\nreflect.TypeOf(T{}).NumMethod()",
		"does not see the methods and fields of types of cells", "a switch over the type", false, false,
	},
	{
		"the text of a panic about an index, and of a few others, after recover",
		"func f() {\n\tdefer func() { fmt.Println(recover()) }()\n\tvar s []int\n\ts[1] = 2\n}\nf()",
		"the text of the panic", "recovering without asking for the text", false, true,
	},
	{
		"an error of encoding/json or a template about a type of a cell",
		"import \"encoding/json\"\ntype T struct{ A int }\nvar t []T\n_ = json.Unmarshal([]byte(`[{\"A\":\"x\"}]`), &t)",
		"an error about the field", "values of the right types", false, true,
	},
	{
		"an error of the session as a key of a map of errors",
		"type C int\nfunc (c C) Error() string { return \"\" }\nm := map[error]int{C(1): 2}",
		"as a key of type error", "a map with keys of the type itself", false, false,
	},
}

// Markdown is the list as a table.
func Markdown() string {
	var b strings.Builder
	b.WriteString("<!-- Generated by go generate ./kernel/limits. -->\n\n# Limits\n\n## Go in cells\n\n")
	b.WriteString("The kernel refuses these before anything runs, with a message at the line. Most are refused only by the\n" +
		"executor `yaegi`, which runs where `exact` does not (see `lathe kernel --executor`).\n\n")
	b.WriteString("| construct | who refuses | what the kernel says | what works |\n|---|---|---|---|\n")
	for _, l := range All {
		who := "yaegi"
		if l.Both {
			who = "every executor"
		}
		if l.Later {
			who += ", when the cell gets there"
		}
		b.WriteString("| " + l.Construct + " | " + who + " | … " + l.Message + " … | " + l.Instead + " |\n")
	}
	b.WriteString("\nKnown to differ without a message, in `exact`: where Go leaves the order open in which variables are read beside " +
		"calls in one expression, they are read from left to right; a deferred method value that reflection made does " +
		"not recover; a variable keeps what it " +
		"points to alive until its function returns, which finalizers tell; a value that was put into an interface before " +
		"its type got another method is printed without that method until it is put there again.\n")
	b.WriteString("\nIn `yaegi`, also: addresses of the elements of an array do not follow each other; structs " +
		"of types of cells are shown as text, not as tables; " +
		"`%T` shows types of functions that are type arguments without their numbers; a function that was " +
		"kept in a variable, or that no longer compiles, goes on calling what it called, in `exact` what that is now; an index that is out of range on the left of an assignment panics before the right " +
		"side is evaluated; make of more than the machine's memory ends the kernel.\n")
	b.WriteString("\nWhat `yaegi` finds out only when a cell runs ends the cell with a message, which recover does not see: a " +
		"panic in a deferred function while others that were deferred before it wait, reflection on the fields, " +
		"methods or assignability of types of cells, and the text of panics that Go words with numbers.\n")
	b.WriteString("\n`%native` at the top of a cell compiles its functions with go build, where there is a Go toolchain. They run " +
		"in a process beside the kernel: arguments and results are copies, so that what a function does to a slice or map " +
		"is not seen; variables of such a cell keep their values in the process until the cell runs again or is interrupted, " +
		"and those of the session are not there. Functions of generic types, pointers, functions, channels, interfaces or " +
		"unexported fields stay inside the cell, and tensors go as slices.\n")
	b.WriteString("\nIn `exact`, types and compiled code stay until the kernel restarts: 6 KB for a cell that sets a variable, 7 KB for " +
		"one with statements, 14 KB for one that declares a function, 23 KB for a type with a method (120 MB after 5,400 of them). All " +
		"types of a kernel together can have 16384 methods; a cell that declares more is refused with \"the session " +
		"declared too many methods; restart the kernel\". Checking and compiling a cell takes about as long among " +
		"5,000 names as among 100 (a variable 0.2 ms, a type with a method 0.9 ms); in `yaegi` it takes longer the more types there are.\n")
	b.WriteString("\nIn both: runtime.Caller, runtime.Callers and runtime.FuncForPC panic with a message, because the stack has " +
		"the frames of the kernel; what runtime.Stack and package log write of lines, and memory statistics, are the kernel's. " +
		"Of the standard library, crypto/x509, database/sql, go/build, net/http/pprof, net/rpc, net/smtp, plugin, structs, syscall, " +
		"unique, unsafe, weak and a few more as rare cannot be imported; kernel/symbols/std/packages.txt lists what can.\n")
	return b.String()
}
