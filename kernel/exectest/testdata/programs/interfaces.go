package main

import (
	"fmt"
	"io"
	"strings"
)

type Shape interface {
	Area() float64
	Name() string
}
type Sq struct{ s float64 }
type Ci struct{ r float64 }

func (s Sq) Area() float64  { return s.s * s.s }
func (s Sq) Name() string   { return "sq" }
func (c *Ci) Area() float64 { return 3 * c.r * c.r }
func (c *Ci) Name() string  { return "ci" }

type Scaler interface{ Scale(float64) }

func (c *Ci) Scale(f float64) { c.r *= f }

func describe(x any) string {
	switch v := x.(type) {
	case nil:
		return "nil"
	case Scaler:
		v.Scale(2)
		return "scaler"
	case Shape:
		return v.Name()
	case fmt.Stringer:
		return "stringer"
	case func() int:
		return fmt.Sprint("func", v())
	case []int:
		return fmt.Sprint(len(v))
	case map[string]int, chan int:
		return "map or chan"
	case *int:
		return fmt.Sprint("ptr", *v)
	case error:
		return "err " + v.Error()
	}
	return fmt.Sprintf("other %T", x)
}

type up struct{ r io.Reader }

func (u up) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	copy(p, strings.ToUpper(string(p[:n])))
	return n, err
}

func main() {
	shapes := []Shape{Sq{2}, &Ci{1}}
	t := 0.0
	for _, s := range shapes {
		t += s.Area()
		if c, ok := s.(*Ci); ok {
			c.r = 10
		}
		_, isSq := s.(Sq)
		fmt.Print(s.Name(), isSq, " ")
	}
	fmt.Println(t, shapes[1].Area())
	n := 4
	for _, x := range []any{nil, Sq{1}, &Ci{1}, func() int { return 7 }, []int{1}, map[string]int{}, &n, io.EOF, 3.5, make(chan int), struct{}{}} {
		fmt.Print(describe(x), "; ")
	}
	fmt.Println()
	var s Shape
	fmt.Println(s == nil)
	var c *Ci
	s = c
	fmt.Println(s == nil, s.(*Ci) == nil)
	b, err := io.ReadAll(up{strings.NewReader("hello")})
	fmt.Println(string(b), err)
	var a1, a2 any = Sq{1}, Sq{1}
	fmt.Println(a1 == a2, a1 != any(Sq{2}), any(1) == any(1.0))
	func() {
		defer func() { fmt.Println(recover() != nil) }()
		_ = a1.(fmt.Stringer)
	}()
	if sh, ok := a1.(Shape); ok {
		fmt.Println(sh.Area())
	}
}
