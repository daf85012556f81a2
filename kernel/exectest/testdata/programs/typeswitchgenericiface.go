package main

import "fmt"

type (
	Shape interface{ Area() float64 }
	Sq    struct{ s float64 }
	Ci    struct{ r float64 }
)

func (s Sq) Area() float64  { return s.s * s.s }
func (c *Ci) Area() float64 { return 3 * c.r * c.r }
func desc(xs ...Shape) {
	for _, x := range xs {
		switch v := x.(type) {
		case Sq:
			v.s = 100
			fmt.Print("sq", v.Area(), " ")
		case *Ci:
			v.r++
			fmt.Print("ci", v.Area(), " ")
		case nil:
			fmt.Print("nil ")
		case interface {
			Shape
			Name() string
		}:
			fmt.Print(v.Name())
		}
	}
	fmt.Println()
}

type Named struct {
	Sq
	n string
}

func (n Named) Name() string { return n.n }
func main() {
	c := &Ci{1}
	desc(Sq{2}, c, nil, Named{Sq{1}, "nm"}, c)
	fmt.Println(c.r)
	var t, p any = Sq{1}, &Sq{1}
	_, ok := p.(Sq)
	_, ok2 := p.(Shape)
	fmt.Println(t == any(Sq{1}), p == t, ok, ok2)
	m := map[Shape]int{Sq{1}: 1, c: 2}
	fmt.Println(m[Sq{1}], m[c], m[&Ci{2}])
}
