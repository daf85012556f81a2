package main

import (
	"fmt"
	"math/cmplx"
)

func main() {
	a := 3 + 4i
	b := complex(1, -2)
	fmt.Println(a*b, a/b, a+b, -a, real(a), imag(b), a == 3+4i, cmplx.Abs(a), a*a)
	var c complex64 = complex64(a)
	c += 1i
	fmt.Println(c, real(c))
	fmt.Printf("%v %.2f %T %T\n", a, b, c, imag(c))
	m := map[complex128]string{1i: "i"}
	fmt.Println(m[complex(0, 1)])
}
