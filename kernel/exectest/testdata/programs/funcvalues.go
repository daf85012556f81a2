package main

import (
	"fmt"
	"os"
)

type S struct{ a int }

var c = make(chan int)

func f(i int) interface{} {
	switch i {
	case 0:
		return true
	case 1:
		return S{1}
	case 2:
		return c
	case 3:
		return []int{1}
	case 4:
		return map[string]int{"a": 1}
	case 5:
		return f
	case 6:
		return func() {}
	case 7:
		return &S{2}
	case 8:
		return []S{{3}}
	}
	panic("x")
}

func k(v any) string {
	switch x := v.(type) {
	case bool:
		return fmt.Sprint("bool", x)
	case S:
		return fmt.Sprint("S", x.a)
	case chan int:
		return fmt.Sprint("chan", x == c)
	case []int:
		return fmt.Sprint("ints", x[0])
	case map[string]int:
		return fmt.Sprint("map", len(x))
	case func(i int) interface{}:
		return fmt.Sprint("func", x != nil)
	case func():
		return "func()"
	case *S:
		return fmt.Sprint("*S", x.a)
	case []S:
		return fmt.Sprint("[]S", x[0].a)
	}
	return "unknown"
}

func main() {
	for i := range 9 {
		fmt.Println(i, k(f(i)))
	}
	_, ok := f(5).(func(int) any)
	fmt.Println(ok)
	os.Stdout.Sync()
}
