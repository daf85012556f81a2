package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

type State int

const (
	Idle State = iota
	Running
	Done
)

func (s State) String() string { return [...]string{"Idle", "Running", "Done"}[s] }

type FSM struct {
	s   State
	t   map[State][]State
	log []string
}

var ErrBad = errors.New("bad transition")

type TransErr struct{ From, To State }

func (e TransErr) Error() string { return fmt.Sprintf("%v -> %v", e.From, e.To) }
func (e TransErr) Unwrap() error { return ErrBad }
func (f *FSM) To(s State) error {
	for _, x := range f.t[f.s] {
		if x == s {
			f.log = append(f.log, fmt.Sprintf("%v>%v", f.s, s))
			f.s = s
			return nil
		}
	}
	return &TransErr{f.s, s}
}

type (
	visitor interface{ visit(n node) string }
	node    interface{ accept(visitor) string }
	num     float64
	bin     struct {
		op   byte
		l, r node
	}
)

func (n num) accept(v visitor) string { return v.visit(n) }
func (b bin) accept(v visitor) string { return v.visit(b) }

type printer struct{ depth int }

func (p *printer) visit(n node) string {
	p.depth++
	switch n := n.(type) {
	case num:
		return fmt.Sprint(float64(n))
	case bin:
		return "(" + n.l.accept(p) + string(n.op) + n.r.accept(p) + ")"
	}
	return "?"
}

func eval(n node) (float64, error) {
	switch n := n.(type) {
	case num:
		return float64(n), nil
	case bin:
		l, err := eval(n.l)
		if err != nil {
			return 0, err
		}
		r, err := eval(n.r)
		if err != nil {
			return 0, err
		}
		switch n.op {
		case '+':
			return l + r, nil
		case '*':
			return l * r, nil
		case '/':
			if r == 0 {
				return 0, fmt.Errorf("div %v/%v: %w", l, r, ErrBad)
			}
			return l / r, nil
		}
	}
	return 0, errors.New("unknown")
}

func main() {
	f := &FSM{t: map[State][]State{Idle: {Running}, Running: {Done, Idle}}}
	fmt.Println(f.To(Running), f.To(Done), f.log, f.s)
	err := f.To(Idle)
	var te *TransErr
	fmt.Println(err, errors.Is(err, ErrBad), errors.As(err, &te), te.From)
	p := &printer{}
	e := bin{'+', num(1), bin{'*', num(2), num(3.5)}}
	fmt.Println(e.accept(p), p.depth)
	fmt.Println(eval(e))
	_, err = eval(bin{'/', num(1), num(0)})
	fmt.Println(err, errors.Is(err, ErrBad))
	fmt.Fprintln(os.Stdout, strings.Repeat("=", 5))
	fmt.Printf("%v %d %s %+v\n", f.s, f.s, f.s, struct{ S State }{f.s})
}
