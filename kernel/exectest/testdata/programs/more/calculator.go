package main

import (
	"fmt"
	"sort"
	"strings"
)

type Token struct{ kind, val string }
type Lexer struct {
	src  string
	pos  int
	toks []Token
}

func (l *Lexer) Lex() ([]Token, error) {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == ' ':
			l.pos++
		case c >= '0' && c <= '9' || c == '.':
			s := l.pos
			for l.pos < len(l.src) && (l.src[l.pos] >= '0' && l.src[l.pos] <= '9' || l.src[l.pos] == '.') {
				l.pos++
			}
			l.toks = append(l.toks, Token{"num", l.src[s:l.pos]})
		case strings.ContainsRune("+-*/()", rune(c)):
			l.toks = append(l.toks, Token{"op", string(c)})
			l.pos++
		default:
			return nil, fmt.Errorf("bad %q at %d", c, l.pos)
		}
	}
	return l.toks, nil
}

type Node interface{ Eval() (float64, error) }
type Num float64

func (n Num) Eval() (float64, error) { return float64(n), nil }

type Bin struct {
	op   byte
	l, r Node
}

func (b Bin) Eval() (float64, error) {
	x, err := b.l.Eval()
	if err != nil {
		return 0, err
	}
	y, err := b.r.Eval()
	if err != nil {
		return 0, err
	}
	switch b.op {
	case '+':
		return x + y, nil
	case '-':
		return x - y, nil
	case '*':
		return x * y, nil
	case '/':
		if y == 0 {
			return 0, fmt.Errorf("div by zero")
		}
		return x / y, nil
	}
	return 0, fmt.Errorf("op %c", b.op)
}

type Neg struct{ Node }

func (n Neg) Eval() (float64, error) { x, err := n.Node.Eval(); return -x, err }

type Parser struct {
	t []Token
	i int
}

func (p *Parser) peek() string {
	if p.i < len(p.t) {
		return p.t[p.i].val
	}
	return ""
}
func (p *Parser) expr() Node {
	n := p.term()
	for p.peek() == "+" || p.peek() == "-" {
		op := p.peek()[0]
		p.i++
		n = Bin{op, n, p.term()}
	}
	return n
}
func (p *Parser) term() Node {
	n := p.fact()
	for p.peek() == "*" || p.peek() == "/" {
		op := p.peek()[0]
		p.i++
		n = Bin{op, n, p.fact()}
	}
	return n
}
func (p *Parser) fact() Node {
	switch v := p.peek(); v {
	case "(":
		p.i++
		n := p.expr()
		if p.peek() != ")" {
			panic("missing )")
		}
		p.i++
		return n
	case "-":
		p.i++
		return Neg{p.fact()}
	default:
		p.i++
		var f float64
		fmt.Sscan(v, &f)
		return Num(f)
	}
}
func eval(s string) (r float64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("parse: %v", p)
		}
	}()
	t, err := (&Lexer{src: s}).Lex()
	if err != nil {
		return
	}
	p := &Parser{t: t}
	return p.expr().Eval()
}
func main() {
	for _, s := range []string{"1+2*3", "(1+2)*3", "-4/2", "2*-(3-5)", "1/0", "1+$", "(1", "1.5*2", "-0*1"} {
		fmt.Print(s, " = ")
		fmt.Println(eval(s))
	}
	words := strings.Fields("the cat the dog a cat the end")
	c := map[string]int{}
	for _, w := range words {
		c[w]++
	}
	type kv struct {
		k string
		v int
	}
	var kvs []kv
	for k, v := range c {
		kvs = append(kvs, kv{k, v})
	}
	sort.Slice(kvs, func(i, j int) bool {
		if kvs[i].v != kvs[j].v {
			return kvs[i].v > kvs[j].v
		}
		return kvs[i].k < kvs[j].k
	})
	fmt.Println(kvs)
	g := map[int][]int{1: {2, 3}, 2: {4}, 3: {4}, 4: {}}
	seen := map[int]bool{}
	var order []int
	var dfs func(int)
	dfs = func(n int) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, m := range g[n] {
			dfs(m)
		}
		order = append(order, n)
	}
	dfs(1)
	fmt.Println(order)
	grid := [][]rune{[]rune("..#"), []rune(".#."), []rune("...")}
	dist := map[[2]int]int{{0, 0}: 0}
	q := [][2]int{{0, 0}}
	for len(q) > 0 {
		p := q[0]
		q = q[1:]
		for _, d := range [][2]int{{0, 1}, {1, 0}, {0, -1}, {-1, 0}} {
			n := [2]int{p[0] + d[0], p[1] + d[1]}
			if n[0] < 0 || n[1] < 0 || n[0] > 2 || n[1] > 2 || grid[n[0]][n[1]] == '#' {
				continue
			}
			if _, ok := dist[n]; !ok {
				dist[n] = dist[p] + 1
				q = append(q, n)
			}
		}
	}
	fmt.Println(dist[[2]int{2, 2}], len(dist))
	perms := [][]int{}
	var perm func([]int, int)
	perm = func(a []int, k int) {
		if k == len(a) {
			perms = append(perms, append([]int{}, a...))
			return
		}
		for i := k; i < len(a); i++ {
			a[k], a[i] = a[i], a[k]
			perm(a, k+1)
			a[k], a[i] = a[i], a[k]
		}
	}
	perm([]int{1, 2, 3}, 0)
	fmt.Println(perms)
	dp := make([][]int, 5)
	for i := range dp {
		dp[i] = make([]int, 5)
		for j := range dp[i] {
			if i == 0 || j == 0 {
				dp[i][j] = 1
			} else {
				dp[i][j] = dp[i-1][j] + dp[i][j-1]
			}
		}
	}
	fmt.Println(dp[4])
}
