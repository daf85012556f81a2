package main

import "fmt"

type (
	S interface{ Say() string }
	W struct{ S }
	X int
)

func (x X) Say() string { return fmt.Sprint("X", int(x)) }
func main() {
	w := W{X(3)}
	fmt.Println(w.Say())
	var s S = w
	fmt.Println(s.Say())
	f := W.Say
	fmt.Println(f(w))
	p := &w
	p.S = X(4)
	fmt.Println(p.Say(), S(p).Say())
	defer func() { fmt.Println(recover()) }()
	(W{}).Say()
}
