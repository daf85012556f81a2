package main

import "fmt"

type V struct{ x, y float64 }

func (v V) neg() V          { return V{-v.x, -v.y} }
func (v V) show() string    { return fmt.Sprint(v) }
func show(x float64) string { return fmt.Sprint(x) }
func vs(v V, k int) string  { return fmt.Sprint(v, k) }

type I interface {
	show() string
	put(x float64)
}

func (v V) put(x float64) { fmt.Println("put", x) }

type F float64

func (f F) show() string                           { return fmt.Sprint(float64(f)) }
func (f F) put(x float64)                          { fmt.Println("put", x, f) }
func hof(f func(float64) string, x float64) string { return f(x) }
func gen[T any](x T) string                        { return fmt.Sprint(x) }
func vari(a string, xs ...float64) string          { return fmt.Sprint(xs) }
func res() (float64, V)                            { z := 0.0; return -z, V{-z, -z} }
func main() {
	z := 0.0
	nz := -z
	g := show
	fmt.Println("1", g(nz))
	func() { fmt.Println("2", show(nz)) }()
	fmt.Println("3", V{}.neg().show())
	fmt.Println("4", vs(V{nz, nz}, 1))
	v := V{nz, nz}
	h := vs
	fmt.Println("5", h(v, 1))
	func() { fmt.Println("6", vs(v, 2)) }()
	var i I = v
	fmt.Println("7", i.show())
	i.put(nz)
	i = F(nz)
	fmt.Println("8", i.show())
	i.put(nz)
	m := v.show
	fmt.Println("9", m(), F.show(F(nz)), V.show(v))
	fmt.Println("10", hof(show, nz), hof(func(x float64) string { return fmt.Sprint(x) }, nz))
	fmt.Println("11", gen(nz), gen(v), gen(any(nz)), vari("a", nz, nz))
	a, b := res()
	fmt.Println("12", a, b, *new(nz), [1]float64{nz})
	func(x float64, w V) { fmt.Println("13", x, w) }(nz, v)
	ar := [2]float64{nz, nz}
	fmt.Println("14", func(x [2]float64) string { return fmt.Sprint(x) }(ar))
	for _, x := range []V{{nz, nz}} {
		fmt.Println("15", x, vs(x, 3))
	}
	var fn func(x float64) = func(x float64) { fmt.Println("16", x) }
	fn(nz)
	defer fn(nz)
	defer show(nz)
	s := struct{ f func(float64) string }{show}
	fmt.Println("17", s.f(nz))
	ms := map[string]func(V) string{"a": V.show}
	fmt.Println("18", ms["a"](v))
	c := make(chan V, 1)
	c <- v
	fmt.Println("19", <-c)
	var e any = v
	fmt.Println("20", e, e.(V).show())
}
