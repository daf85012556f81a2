package main

import "fmt"

type Shape interface {
	Area() float64
	Perimeter() float64
}
type Named interface{ Name() string }
type Both interface {
	Shape
	Named
}
type R struct{ w, h float64 }

func (r R) Area() float64      { return r.w * r.h }
func (r R) Perimeter() float64 { return 2 * (r.w + r.h) }
func (r R) Name() string       { return "rect" }

type C struct{ r float64 }

func (c *C) Area() float64      { return 3 * c.r * c.r }
func (c *C) Perimeter() float64 { return 6 * c.r }

type Fn func(int) int

func (f Fn) Name() string { return fmt.Sprint("fn", f(1)) }

type MyErr struct{ code int }

func (e MyErr) Error() string { return fmt.Sprintf("code %d", e.code) }
func get(fail bool) error {
	var e *MyErr2
	if fail {
		e = &MyErr2{}
	}
	return e
}

type MyErr2 struct{}

func (*MyErr2) Error() string { return "e2" }
func describe(i any) string {
	switch v := i.(type) {
	case nil:
		return "nil"
	case int, int64:
		return fmt.Sprintf("int-ish %v", v)
	case []int:
		return fmt.Sprint("slice ", len(v))
	case error:
		return "error " + v.Error()
	case func() string:
		return v()
	case Shape:
		return fmt.Sprintf("shape %.1f", v.Area())
	case map[string]any:
		return "map"
	case *int:
		return fmt.Sprint("ptr ", *v)
	case struct{ X int }:
		return fmt.Sprint("anon ", v.X)
	default:
		return fmt.Sprintf("? %T", v)
	}
}
func main() {
	shapes := []Shape{R{2, 3}, &C{1}, &R{1, 1}}
	t := 0.0
	for _, s := range shapes {
		t += s.Area()
		if n, ok := s.(Named); ok {
			fmt.Print(n.Name(), " ")
		}
		if b, ok := s.(Both); ok {
			fmt.Print(b.Perimeter(), " ")
		}
	}
	fmt.Println(t)
	k := 5
	for _, x := range []any{nil, 1, int64(2), []int{1}, MyErr{3}, func() string { return "called" }, R{1, 2}, map[string]any{}, &k, struct{ X int }{4}, 1.5, "s", [2]int{}} {
		fmt.Println(describe(x))
	}
	fmt.Println(get(false) == nil, get(true), R{1, 2} == R{1, 2}, shapes[0] == Shape(R{2, 3}), shapes[1] == shapes[1])
	var n Named = Fn(func(i int) int { return i + 41 })
	fmt.Println(n.Name())
	var e error
	var s Shape
	fmt.Println(e == nil, s == nil, any(e) == nil)
	var m = map[any]int{R{1, 1}: 1, MyErr{2}: 2, "k": 3}
	fmt.Println(m[R{1, 1}], m[MyErr{2}], m["k"], m[C{}])
	x := any(3)
	if v, ok := x.(string); !ok {
		fmt.Printf("%q %v\n", v, ok)
	}
	if r, ok := shapes[0].(R); ok {
		r.w = 100
		fmt.Println(shapes[0].(R).w, r.w)
	}
	if c, ok := shapes[1].(*C); ok {
		c.r = 2
		fmt.Println(shapes[1].Area())
	}
	fs := map[string]func(...any) (int, error){"p": fmt.Println}
	fs["p"]("via", "map")
	var i1, i2 any = 1, 1.0
	fmt.Println(i1 == i2, i1 == any(1), i1 != nil)
	type T struct {
		a any
		b error
	}
	fmt.Println(T{1, nil} == T{1, nil}, T{1, MyErr{1}} == T{1, MyErr{1}}, T{"a", nil} == T{1, nil})
}
