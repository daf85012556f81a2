package main

import "fmt"

type W int

const (
	Sun W = iota
	Mon
	Tue
	_
	Thu
)
const (
	_  = iota
	KB = 1 << (10 * iota)
	MB
	GB
)
const (
	a, b = iota, iota * 10
	c, d
	e, f
	Big = 1 << 100
)
const (
	x = "s"
	y
	z    = len(x)
	q    = 'a' + 1
	r    = 1.5e3
	cplx = 2i * 2i
)

func (w W) String() string { return [...]string{"Sun", "Mon", "Tue", "Wed", "Thu"}[w] }
func main() {
	fmt.Println(Sun, Mon, Thu, KB, MB, GB, a, b, c, d, e, f, Big>>98, y, z, q, r, cplx)
	fmt.Printf("%d %v %T %T %T %T\n", Thu, Tue, q, r, cplx, Big>>99)
	const huge = 1e400 / 1e390
	fmt.Println(huge, 7/2, 7/2.0, -7%3, 1/3.0)
}
