package exectest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Generate returns a random program that ends and prints what it computes. The same seed gives the
// same program.
func Generate(seed uint64) string {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 1))}
	g.out.WriteString(`package main

import "fmt"

type pair struct {
	a int
	b float64
	s string
}

func (p pair) sum() int { return p.a + int(p.b) + len(p.s) }

func (p *pair) bump(n int) { p.a += n; p.s += "x" }

type summer interface{ sum() int }

type list []int

func (l list) sum() (t int) {
	for _, v := range l {
		t += v
	}
	return t
}

func guard(f func() int) (n int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered", r)
			n = -1
		}
	}()
	return f()
}

func fold[T any, A any](xs []T, a A, f func(A, T) A) A {
	for _, x := range xs {
		a = f(a, x)
	}
	return a
}

`)
	for i := range 3 {
		g.function(i)
	}
	g.out.WriteString("func main() {\n")
	for i := range 3 {
		fmt.Fprintf(&g.out, "\tfmt.Println(guard(func() int { return f%d(%d, %d) }))\n", i, g.rng.IntN(20)-5, g.rng.IntN(9)+1)
	}
	g.out.WriteString("}\n")
	return g.out.String()
}

type generator struct {
	rng   *rand.Rand
	out   strings.Builder
	depth int
	funcs int // that may be called
	vars  int
}

func (g *generator) line(format string, args ...any) {
	fmt.Fprintf(&g.out, strings.Repeat("\t", g.depth+1)+format+"\n", args...)
}

func (g *generator) function(i int) {
	fmt.Fprintf(&g.out, "func f%d(x, y int) int {\n", i)
	g.line("xs, m, p := []int{1, 2, 3, x}, map[int]string{y: \"m\"}, &pair{x, 1.5, \"s\"}")
	g.line("u, z, fl, st := uint8(y), int32(x), float64(y)/3, \"ab\"")
	for range 5 + g.rng.IntN(6) {
		g.statement()
	}
	g.line("fmt.Println(x, y, xs, len(m), *p, u, z, fl, st)")
	g.line("return x + y")
	g.out.WriteString("}\n\n")
	g.funcs = i + 1
}

func (g *generator) block(head string, n int, first ...string) {
	g.line("%s {", head)
	g.depth++
	for _, s := range first {
		g.line("%s", s)
	}
	for range n {
		g.statement()
	}
	g.depth--
	g.line("}")
}

func (g *generator) statement() {
	if g.depth > 2 {
		g.line("x = %s", g.integer(1))
		return
	}
	g.vars++
	v := fmt.Sprintf("v%d", g.vars)
	switch g.rng.IntN(19) {
	case 0:
		g.line("x = %s", g.integer(2))
	case 1:
		g.line("y += %s", g.integer(1))
	case 2:
		g.line("xs = append(xs, %s)", g.integer(1))
	case 3:
		g.line("m[%s] = st", g.integer(1))
	case 4:
		g.line("p.bump(%s)", g.integer(1))
	case 5:
		g.line("fl = fl*%d.5 - float64(%s)", g.rng.IntN(3), g.integer(1))
	case 6:
		g.line("u += uint8(%s); z = z<<1 ^ int32(%s)", g.integer(1), g.integer(1))
	case 7:
		g.line("st = st[:1] + fmt.Sprint(%s)", g.integer(1))
	case 8:
		g.block(fmt.Sprintf("for %s := range %d", v, g.rng.IntN(4)+1), 2, "y += "+v)
	case 9:
		g.block(fmt.Sprintf("for %s := 0; %s < %d; %s++", v, v, g.rng.IntN(5), v), 2)
	case 10:
		g.block(fmt.Sprintf("if %s < %s", g.integer(1), g.integer(1)), 2)
	case 11:
		g.line("%s := func(n int) int { x += n; return n * y }", v)
		g.line("y = %s(%s) %% 1000", v, g.integer(1))
	case 12:
		g.line("var %s summer = list(xs)", v)
		g.line("if x%%2 == 0 { %s = *p }", v)
		g.line("x += %s.sum() %% 100", v)
	case 13:
		g.line("x, y = y%%100, x%%100")
	case 14:
		g.line("x += fold(xs, %d, func(a, v int) int { return (a*3 + v) %% 1001 })", g.rng.IntN(5))
	case 15:
		g.line("defer fmt.Println(\"deferred\", x, %s)", g.integer(1))
	case 16:
		g.line("switch x %% 3 { case 0: y++; case 1: y--; fallthrough; default: x++ }")
	case 17:
		g.line("xs[%d] = xs[(x%%4+4)%%4] + %s", g.rng.IntN(4), g.integer(1))
	case 18:
		if g.funcs > 0 && g.depth < 2 {
			g.line("y = f%d(y%%10, %s%%10) %% 1000", g.rng.IntN(g.funcs), g.integer(0))
			return
		}
		g.line("fmt.Println(%s, m[y])", g.integer(2))
	}
}

// integer is an expression of type int that may panic: divide by zero, or leave a slice.
func (g *generator) integer(depth int) string {
	if depth == 0 {
		return []string{"x", "y", "len(xs)", "p.a", "int(u)", "int(z)", fmt.Sprint(g.rng.IntN(10))}[g.rng.IntN(7)]
	}
	a, b := g.integer(depth-1), g.integer(depth-1)
	switch g.rng.IntN(9) {
	case 0:
		return "(" + a + " / " + b + ")"
	case 1:
		return "(" + a + " % (" + b + "*2+1))"
	case 2:
		return "xs[(" + a + "%5+5)%5%len(xs)]"
	case 3:
		return "min(" + a + ", " + b + ")"
	case 4:
		return "(" + a + " & " + b + " | 1)"
	}
	return "(" + a + []string{" + ", " - ", " * "}[g.rng.IntN(3)] + b + ")"
}
