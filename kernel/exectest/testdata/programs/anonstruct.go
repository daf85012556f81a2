package main

import (
	"fmt"
)

func main() {
	tests := []struct {
		name     string
		in, want int
	}{{"a", 1, 2}, {name: "b", in: 2}}
	for _, tc := range tests {
		fmt.Print(tc.name, tc.in, tc.want, tc, " ")
	}
	p := struct{ X, Y int }{1, 2}
	q := &p
	q.X = 9
	fmt.Printf("%v %+v %#v %T\n", p, p, p, p)
}
