package main

import "fmt"

type (
	Shape interface{ Area() float64 }
	Sq    float64
)

func (s Sq) Area() float64 { return float64(s * s) }

type R struct{ w, h float64 }

func (r R) Area() float64    { return r.w * r.h }
func (r *R) Scale(k float64) { r.w *= k }
func main() {
	ss := []Shape{Sq(2), R{2, 3}, &R{1, 1}}
	for _, s := range ss {
		fmt.Printf("%T %v %.1f\n", s, s, s.Area())
		if sc, ok := s.(interface{ Scale(float64) }); ok {
			sc.Scale(3)
			fmt.Println(s.Area())
		}
	}
	fmt.Println(ss[:2], ss[0] == Sq(2), ss[1] == Shape(R{2, 3}), ss[2] == Shape(&R{3, 1}))
	var s Shape
	fmt.Println(s == nil, s)
	m := map[string]Shape{"a": Sq(1)}
	fmt.Println(m)
	type pair struct {
		s Shape
		n int
	}
	fmt.Printf("%v %+v\n", pair{Sq(3), 1}, pair{R{1, 2}, 2})
}
