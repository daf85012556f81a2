package main

import "fmt"

type Stmt interface{ run(*Env) }
type Env struct {
	up   *Env
	vars map[string]*Val
	fns  map[string]*Fn
}
type Val struct {
	env *Env
	v   any
}
type Fn struct {
	body []Stmt
	env  *Env
}

func (f *Fn) run(e *Env) {
	in := &Env{up: e, vars: map[string]*Val{}}
	in.vars["x"] = &Val{in, 3}
	for _, s := range f.body {
		s.run(in)
	}
}

type Print struct{ name string }

func (p Print) run(e *Env) { fmt.Println(e.vars[p.name].v, e.vars[p.name].env == e) }
func main() {
	e := &Env{}
	f := &Fn{[]Stmt{Print{"x"}}, e}
	f.run(e)
}
