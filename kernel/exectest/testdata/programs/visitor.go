package main

import (
	"fmt"
	"strings"
)

type Expr interface {
	Eval(env map[string]float64) (float64, error)
}
type Num float64
type Var string
type Bin struct {
	Op   byte
	L, R Expr
}

func (n Num) Eval(map[string]float64) (float64, error) { return float64(n), nil }
func (v Var) Eval(env map[string]float64) (float64, error) {
	if x, ok := env[string(v)]; ok {
		return x, nil
	}
	return 0, fmt.Errorf("unbound %s", string(v))
}
func (b Bin) Eval(env map[string]float64) (float64, error) {
	l, err := b.L.Eval(env)
	if err != nil {
		return 0, err
	}
	r, err := b.R.Eval(env)
	if err != nil {
		return 0, err
	}
	switch b.Op {
	case '+':
		return l + r, nil
	case '*':
		return l * r, nil
	}
	return 0, fmt.Errorf("bad op %c", b.Op)
}
func show(e Expr) string {
	switch e := e.(type) {
	case Num:
		return fmt.Sprint(float64(e))
	case Var:
		return string(e)
	case Bin:
		return "(" + strings.Join([]string{show(e.L), show(e.R)}, string(e.Op)) + ")"
	}
	return "?"
}

func main() {
	e := Bin{'+', Num(1), Bin{'*', Var("x"), Num(3)}}
	fmt.Println(show(e))
	fmt.Println(e.Eval(map[string]float64{"x": 2}))
	_, err := e.Eval(nil)
	fmt.Println(err)
	fmt.Println(Bin{'?', Num(1), Num(2)}.Eval(nil))
}
