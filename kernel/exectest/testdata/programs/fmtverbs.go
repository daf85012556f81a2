package main

import (
	"errors"
	"fmt"
	"time"
)

type S struct {
	A int
	b string
	C []float64
	D map[string]int
	E *int
	F any
	G func()
}
type N struct{ S2 }
type S2 struct{ X, Y int }
type E int

func (e E) Error() string { return fmt.Sprintf("E%d", int(e)) }

type Str struct{ v int }

func (s Str) String() string { return fmt.Sprintf("<%d>", s.v) }

type PS struct{ v int }

func (s *PS) String() string { return "ps" }

type L []Str
type Dur struct{ T time.Duration }

func main() {
	s := S{A: 1, b: "x", C: []float64{1.5, 2}, D: map[string]int{"b": 1, "a": 2}}
	fmt.Printf("%v\n%+v\n", s, s)
	fmt.Printf("%v %+v %#v %T\n", S2{1, 2}, S2{1, 2}, S2{1, 2}, S2{})
	fmt.Printf("%v %+v %#v\n", N{S2{1, 2}}, &N{S2{1, 2}}, N{})
	fmt.Println(E(3), []E{1, 2}, map[string]E{"a": 4})
	fmt.Printf("%v %s %d %x\n", E(3), E(3), E(3), E(31))
	fmt.Println(Str{1}, &Str{2}, []Str{{3}}, []*PS{}, &PS{1}, PS{1}, map[Str]Str{{1}: {2}})
	fmt.Printf("%v %+v %d %s|%10s|%-10s|\n", Str{1}, Str{1}, Str{1}, Str{1}, Str{1}, Str{1})
	fmt.Println(L{{1}, {2}}, struct{ X Str }{Str{4}}, [2]Str{{1}, {2}}, Dur{time.Second})
	fmt.Printf("%T %T %T %T %T\n", s, &s, []S{}, map[string]*S{}, E(1))
	fmt.Printf("%5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%q|%U\n", 42, 42, 42, 42, 255, 255, 8, 5, 'A', 'A', 'A')
	fmt.Printf("%f|%.2f|%8.3f|%e|%g|%G\n", 3.14159, 3.14159, 3.14159, 1234.5, 1e21, 1e-7)
	fmt.Printf("%s|%q|%10s|%-10s|%.2s|%x|% x\n", "go", "go", "go", "go", "golang", "go", "go")
	fmt.Printf("%t|%v|%p|%v\n", true, nil, nil, []any{1, nil, "a"})
	fmt.Printf("%d %v %s\n", []int{1, 2}, [3]bool{true}, []string{"a", "b"})
	fmt.Printf("%#v %#v %#v %#v\n", []int{1}, map[string]int{"a": 1}, "q", 1.0)
	fmt.Printf("%d%%|%[2]d %[1]d|%*d|%!|%z\n", 1, 2, 5, 3)
	fmt.Printf("%d\n", "str")
	fmt.Printf("%d %d\n", 1)
	fmt.Println(errors.New("e"), fmt.Errorf("w: %w", E(1)), error(nil))
	fmt.Printf("%v %v\n", struct{}{}, [0]int{})
	fmt.Printf("%6.2f|%-8v|%8v|%x\n", []float64{1, 2.5}, true, "r", []byte("hi"))
	fmt.Printf("%v %s\n", []byte("hi"), []byte("hi"))
	var np *S2
	var ni any
	fmt.Println(np, ni)
	fmt.Printf("%+v %v %s\n", np, ni, ni)
	pp := &S2{1, 2}
	ppp := &pp
	fmt.Println(*ppp == pp, **ppp)
	fmt.Print("a", 1, 2, "b", 3.0, '\n', true, false, "\n")
	fmt.Println(fmt.Sprint("a", "b", 1, 2), fmt.Sprintln("x") == "x\n")
}
