package main

import (
	"fmt"
)

func main() {
	type E struct{}
	type M map[string]E
	fmt.Printf("%T %T %T %T %T %T\n", 1, "a", E{}, M{}, []E{}, func(E) error { return nil })
	fmt.Printf("%T %T %T %T\n", struct{ a int }{}, make(chan E), [2]*E{}, any(E{}))
	var e error
	fmt.Printf("%T %v\n", e, e)
}
