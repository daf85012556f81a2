package main

import "fmt"

type V struct{ x int }

func (v V) String() string { return fmt.Sprintf("V(%d)", v.x) }

type PS struct{ x int }

func (p *PS) String() string { return "PS!" }

type Er int

func (e Er) Error() string { return fmt.Sprintf("er%d", int(e)) }

type N struct {
	V  V
	p  PS
	pp *PS
	e  error
}

func main() {
	v := V{1}
	fmt.Println(v, &v, []V{{2}}, map[string]V{"a": {3}}, struct{ V V }{V{4}}, [1]V{}, PS{1}, &PS{2}, Er(3), []error{Er(4)})
	fmt.Printf("%v %s %d %+v %x\n", v, v, v, v, Er(5))
	fmt.Printf("%v\n", N{v, PS{}, nil, Er(1)})
	var nv *V
	fmt.Printf("%v\n", nv)
	fmt.Printf("%s\n", []any{v, 1, "x", nil})
}
