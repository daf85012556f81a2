package exectest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Sequences runs n random sessions, from seed on, and compares what each cell prints with a model of
// the session: redefined functions, methods and types, closures and pointers made before that,
// variables whose type changes, cells that are refused and cells that panic half-way. instead, when not
// "", is part of what the executor may say of an assertion that it does not support, and a function that was
// kept in a variable may go on calling what it called then.
func Sequences(t *testing.T, start New, seed uint64, n int, instead string) {
	for i := range uint64(n) {
		cells := Sequence(seed+i, instead != "")
		nb := NewNotebook(t, start)
		for k, c := range cells {
			got := nb.Run(t, c.Source)
			if c.Refused && strings.HasPrefix(got, "check: ") || got == c.Want ||
				instead != "" && strings.Contains(got, instead) {
				continue
			}
			var before []string
			for _, b := range cells[:k+1] {
				before = append(before, b.Source)
			}
			t.Errorf("seed %d, last cell of\n%s\ngot  %q\nwant %q (refused: %v)", seed+i, strings.Join(before, "\n---\n"),
				got, c.Want, c.Refused)
			break
		}
		if t.Failed() {
			return
		}
	}
}

// Step is a cell with what it prints.
type Step struct {
	Source, Want string
	Refused      bool // it does not check
}

// Sequence returns a random session. The same seed gives the same one. loose leaves out what functions
// that were kept in variables call.
func Sequence(seed uint64, loose bool) []Step {
	m := &model{loose: loose, rng: rand.New(rand.NewPCG(seed, 7)), vars: map[string]*box{}, funcs: map[string]*function{}, slots: map[string]*slot{}}
	m.emit("type T struct{ a int }\nfunc (t T) M() int { return t.a + 1 }\nfunc (t *T) Add(n int) { t.a += n }", "")
	m.class = &class{fields: 1, add: 1}
	for i := range 3 {
		m.setVar(fmt.Sprint("v", i), false)
	}
	for i := range 3 {
		m.define(i)
	}
	for range 8 + m.rng.IntN(10) {
		m.step()
	}
	m.look()
	return m.cells
}

// model is what a session should hold.
type model struct {
	loose bool
	rng   *rand.Rand
	cells []Step
	vars  map[string]*box      // by name
	funcs map[string]*function // that can be called
	slots map[string]*slot     // what callers by name run
	class *class               // T

	closures []*function // c0, c1, …
	pointers []*box      // p0, p1, …
	values   []*instance // t0, t1, …; those of another class cannot be named any more
	boxed    []*instance // i0, i1, …: variables of type any, which can
	slices   []*[]int    // s0, s1, …
}

// box is the memory of a variable.
type box struct {
	n    int
	text string
	str  bool // it is a string
}

// slot is what a name of a function stands for; a new signature makes a new one.
type slot struct {
	f    *function
	gone bool
}

// function is func(x int) int { return x*k + v + callee(x+1) }.
type function struct {
	k      int
	v      *box
	vName  string
	callee *slot
	cName  string
	kept   bool // in a variable
}

// class is the type T at one time: its values keep the methods of that time's T.
type class struct {
	fields, add int
	text        int // of method String; 0: there is none
}

// instance is a value of T.
type instance struct {
	class *class
	a, b  int
	text  bool // it had the method String when it was made
}

func (m *model) emit(source, want string) {
	m.cells = append(m.cells, Step{Source: source, Want: want})
}

func (m *model) refuse(source string) { m.cells = append(m.cells, Step{Source: source, Refused: true}) }

func (f *function) call(x int) int {
	n := x*f.k + f.v.n
	if f.callee != nil {
		n += f.callee.f.call(x + 1)
	}
	return n
}

// lost reports whether f leads to a function that had another signature meanwhile or, where that
// matters, to one that no longer compiles and goes on calling what it called then.
func (m *model) lost(f *function) bool {
	if f.callee == nil {
		return false
	}
	gone := f.callee.gone || m.loose && f.callee.f.callee != nil && m.funcs[f.cName] == nil
	return gone || m.lost(f.callee.f)
}

// setVar declares a variable: one of the same type keeps its memory.
func (m *model) setVar(name string, str bool) {
	old := m.vars[name]
	if old == nil || old.str != str {
		m.vars[name] = &box{str: str}
		if old != nil {
			m.drop(func(f *function) bool { return f.vName == name })
		}
	}
	b := m.vars[name]
	b.n, b.text = m.rng.IntN(100), fmt.Sprint("s", m.rng.IntN(100))
	if str {
		m.emit(fmt.Sprintf("%s := %q", name, b.text), "")
		return
	}
	m.emit(fmt.Sprintf("%s := %d", name, b.n), "")
}

// drop forgets the functions that no longer compile, and those that call them.
func (m *model) drop(gone func(*function) bool) {
	for again := true; again; {
		again = false
		for name, f := range m.funcs {
			if gone(f) {
				delete(m.funcs, name)
				again = true
			}
		}
		last := m.funcs
		gone = func(f *function) bool { return f.cName != "" && last[f.cName] == nil }
	}
}

// random makes the body of a function that calls those before the i-th.
func (m *model) random(i int) (*function, string) {
	f := &function{k: m.rng.IntN(9) + 1}
	var names []string
	for name, b := range m.vars {
		if !b.str {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		f.v = &box{n: 4}
	} else {
		slices.Sort(names)
		f.vName = names[m.rng.IntN(len(names))]
		f.v = m.vars[f.vName]
	}
	body := fmt.Sprintf("x*%d + ", f.k)
	if f.vName != "" {
		body += f.vName
	} else {
		body += "4"
	}
	if i > 0 {
		name := fmt.Sprint("f", m.rng.IntN(i))
		if m.funcs[name] != nil {
			f.callee, f.cName = m.slots[name], name
			body += " + " + name + "(x+1)"
		}
	}
	return f, "func(x int) int { return " + body + " }"
}

func (m *model) define(i int) {
	name := fmt.Sprint("f", i)
	f, text := m.random(i)
	m.funcs[name] = f
	if s := m.slots[name]; s != nil {
		s.f = f
	} else {
		m.slots[name] = &slot{f: f}
	}
	m.emit("func "+name+strings.TrimPrefix(text, "func"), "")
}

func (m *model) step() {
	name := fmt.Sprint("v", m.rng.IntN(3))
	switch m.rng.IntN(16) {
	case 0:
		m.setVar(name, m.rng.IntN(4) == 0)
	case 1:
		m.define(m.rng.IntN(3))
	case 2:
		f, text := m.random(3)
		m.emit(fmt.Sprintf("c%d := %s", len(m.closures), text), "")
		m.closures = append(m.closures, f)
	case 3:
		if b := m.vars[name]; !b.str {
			m.emit(fmt.Sprintf("p%d := &%s\n*p%d += 5", len(m.pointers), name, len(m.pointers)), "")
			b.n += 5
			m.pointers = append(m.pointers, b)
		}
	case 4:
		m.method()
	case 5:
		m.class = &class{fields: 3 - m.class.fields, add: m.class.add, text: m.class.text}
		m.emit("type T struct{ "+[]string{"", "a int", "b, a int"}[m.class.fields]+" }", "")
	case 6:
		a := m.rng.IntN(50)
		m.emit(fmt.Sprintf("t%d := T{a: %d}", len(m.values), a), "")
		m.values = append(m.values, &instance{class: m.class, a: a})
	case 7:
		a := m.rng.IntN(50)
		m.emit(fmt.Sprintf("var i%d any = T{a: %d}", len(m.boxed), a), "")
		m.boxed = append(m.boxed, &instance{class: m.class, a: a, text: m.class.text > 0})
	case 8:
		m.failing(name)
	case 9:
		m.panicking(name)
	case 10:
		s := []int{1, m.rng.IntN(9)}
		m.emit(fmt.Sprintf("s%d := []int{1, %d}", len(m.slices), s[1]), "")
		m.slices = append(m.slices, &s)
	case 11:
		if n := len(m.slices); n > 0 {
			s := m.slices[m.rng.IntN(n)]
			m.emit(fmt.Sprintf("s%d := s%d\ns%d[0] += 3", n, slices.Index(m.slices, s), n), "")
			(*s)[0] += 3
			m.slices = append(m.slices, s)
		}
	case 12:
		m.signature()
	case 13:
		m.store()
	default:
		m.look()
	}
}

// method gives T a method, or another body to one.
func (m *model) method() {
	k := m.rng.IntN(9) + 1
	if m.rng.IntN(2) == 0 {
		m.class.add = k
		m.emit(fmt.Sprintf("func (t T) M() int { return t.a + %d }", k), "")
		return
	}
	m.class.text = k
	m.emit(fmt.Sprintf("func (t T) String() string { return fmt.Sprint(\"T\", t.a+%d) }", k), "")
}

// failing is a cell that does not check and changes nothing.
func (m *model) failing(name string) {
	m.refuse([]string{
		name + " := 1000\nundefinedName()",
		"func f0(x int) int { return 12345 }\nvar q int = \"text\"",
		"type T struct{ c string }\nfmt.Println(T{}.missing)",
		"func (t T) M() int { return \"no\" }",
		name + " := 77\nfunc f1(x int) int { return f1(x, x) }",
	}[m.rng.IntN(5)])
}

// panicking is a cell that stops half-way: what it did before stays.
func (m *model) panicking(name string) {
	if b := m.vars[name]; !b.str {
		b.n += 7
		m.emit(fmt.Sprintf("%s += 7\nfmt.Println(%q)\npanic(\"stop\")\n%s += 1000", name, name, name),
			fmt.Sprintf("%s\npanic: stop (cell %d line 3)\n", name, len(m.cells)+1))
	}
}

// signature gives a function another signature, after which those that call it do not compile, and
// then the one it had. What closures call that called it is up to the executor.
func (m *model) signature() {
	i := m.rng.IntN(3)
	name := fmt.Sprint("f", i)
	m.emit("func "+name+"(a, b int) string { return \"two\" }\nfmt.Println("+name+"(1, 2))", "two\n")
	delete(m.funcs, name)
	m.drop(func(f *function) bool { return f.cName == name })
	m.slots[name].gone, m.slots[name] = true, nil
	m.define(i)
}

// store keeps a function in a variable: it stays what it is.
func (m *model) store() {
	name := fmt.Sprint("f", m.rng.IntN(3))
	if f := m.funcs[name]; f != nil {
		m.emit(fmt.Sprintf("c%d := %s", len(m.closures), name), "")
		f.kept = true
		m.closures = append(m.closures, f)
	}
}

// look prints everything.
func (m *model) look() {
	var out, want []string
	show := func(e string, v any) {
		out, want = append(out, e), append(want, fmt.Sprint(v))
	}
	for i := range 3 {
		v, f := fmt.Sprint("v", i), fmt.Sprint("f", i)
		if m.vars[v].str {
			show(v, m.vars[v].text)
		} else {
			show(v, m.vars[v].n)
		}
		if m.funcs[f] != nil {
			show(f+"(2)", m.funcs[f].call(2))
		} else {
			m.refuse(f + "(2)")
		}
	}
	for i, f := range m.closures {
		if m.lost(f) || m.loose && f.kept && f.callee != nil {
			continue
		}
		show(fmt.Sprintf("c%d(3)", i), f.call(3))
	}
	for i, p := range m.pointers {
		show(fmt.Sprintf("*p%d", i), p.n)
	}
	for i, s := range m.slices {
		show(fmt.Sprintf("s%d", i), *s)
	}
	for i, t := range m.values {
		if t.class != m.class {
			m.refuse(fmt.Sprintf("t%d.M()", i))
			continue
		}
		t.a++
		show(fmt.Sprintf("func() int { t%d.Add(1); return t%d.M() }()", i, i), t.a+t.class.add)
		show(fmt.Sprintf("t%d", i), t.print())
	}
	for i, t := range m.boxed {
		if t.text == (t.class.text > 0) { // compiled code sees the methods that it had then
			show(fmt.Sprintf("i%d", i), t.print())
		}
		show(fmt.Sprintf("func() bool { _, ok := i%d.(T); return ok }()", i), t.class == m.class)
		m.emit(fmt.Sprintf("i%d.(interface{ M() int }).M()", i), fmt.Sprintf("=> %d\n", t.a+t.class.add))
	}
	m.emit("fmt.Println("+strings.Join(out, ",\n\t")+")", strings.Join(want, " ")+"\n")
}

func (t *instance) print() string {
	switch {
	case t.class.text > 0:
		return fmt.Sprint("T", t.a+t.class.text)
	case t.class.fields == 2:
		return fmt.Sprintf("{%d %d}", t.b, t.a)
	}
	return fmt.Sprintf("{%d}", t.a)
}
