package torch

import (
	"math"
	"strconv"
	"strings"
)

// formula reads a function of the epoch e, such as "1/(1+e)" or "0.95**e".
func formula(desc string) func(e int) float64 {
	p := &expression{text: strings.NewReplacer("**", "^", "//", "%", "lambda e:", "").Replace(desc)}
	f := p.sum()
	p.space()
	need(!p.bad && p.at == len(p.text), "description "+desc)
	return func(e int) float64 { return f(float64(e)) }
}

// expression is a recursive-descent reader of arithmetic in e.
type expression struct {
	text string
	at   int
	bad  bool
}

type function = func(e float64) float64

func (p *expression) space() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

func (p *expression) next(chars string) byte {
	p.space()
	if p.at < len(p.text) && strings.IndexByte(chars, p.text[p.at]) >= 0 {
		p.at++
		return p.text[p.at-1]
	}
	return 0
}

func (p *expression) sum() function {
	f := p.product()
	for c := p.next("+-"); c != 0; c = p.next("+-") {
		a, b := f, p.product()
		if c == '+' {
			f = func(e float64) float64 { return a(e) + b(e) }
		} else {
			f = func(e float64) float64 { return a(e) - b(e) }
		}
	}
	return f
}

func (p *expression) product() function {
	f := p.power()
	for c := p.next("*/%"); c != 0; c = p.next("*/%") {
		a, b := f, p.power()
		switch c {
		case '*':
			f = func(e float64) float64 { return a(e) * b(e) }
		case '%': // stands for //
			f = func(e float64) float64 { return math.Floor(a(e) / b(e)) }
		default:
			f = func(e float64) float64 { return a(e) / b(e) }
		}
	}
	return f
}

func (p *expression) power() function {
	a := p.atom()
	if p.next("^") == 0 {
		return a
	}
	b := p.power()
	return func(e float64) float64 { return math.Pow(a(e), b(e)) }
}

func (p *expression) atom() function {
	if p.next("(") != 0 {
		f := p.sum()
		p.bad = p.next(")") == 0 || p.bad
		return f
	}
	if p.next("e") != 0 {
		return func(e float64) float64 { return e }
	}
	p.space()
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("0123456789.", p.text[p.at]) >= 0 {
		p.at++
	}
	v, err := strconv.ParseFloat(p.text[start:p.at], 64)
	p.bad = p.bad || err != nil
	return func(float64) float64 { return v }
}
