package main

import (
	"errors"
	"fmt"
)

func order() {
	for i := 0; i < 3; i++ {
		defer fmt.Print(i, " ")
	}
	defer fmt.Println()
	defer func() { fmt.Print("first ") }()
}
func named() (n int, err error) {
	defer func() { n *= 2 }()
	n = 4
	return n + 1, nil
}
func recovered() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	panic("bad")
}
func args() {
	x := 1
	y := x
	defer fmt.Println("deferred", y)
	x = 2
	fmt.Println("now", x)
}
func noPanic() { fmt.Println(recover() == nil) }
func nested() {
	defer func() {
		defer func() { fmt.Println("inner", recover()) }()
		panic("in defer")
	}()
}

type T struct{ n int }

func (t *T) Close()   { fmt.Println("close", t.n) }
func (t T) CloseVal() { fmt.Println("closeval", t.n) }
func methods() {
	t := &T{1}
	defer t.Close()
	t.n = 2
	defer t.CloseVal()
}
func runtimeErr() (err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	var m map[string]int
	m["a"] = 1
	return nil
}
func custom() (err error) {
	defer func() {
		r := recover()
		if e, ok := r.(error); ok && errors.Is(e, errX) {
			err = e
			return
		}
		panic(r)
	}()
	panic(errX)
}

var errX = errors.New("x")

func ret() (x int) {
	defer func() { x++ }()
	return 10
}

func main() {
	order()
	fmt.Println(named())
	fmt.Println(recovered())
	args()
	noPanic()
	nested()
	methods()
	fmt.Println(runtimeErr())
	fmt.Println(custom())
	fmt.Println(ret())
	func() {
		defer func() { fmt.Println(recover()) }()
		var p *T
		fmt.Println(p.n)
	}()
	func() {
		defer func() { r := recover(); _, isErr := r.(error); fmt.Println(isErr) }()
		z := 0
		fmt.Println(1 / z)
	}()
}
