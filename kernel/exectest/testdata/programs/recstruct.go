package main

import (
	"fmt"
)

func main() {
	type Tree struct {
		L, R *Tree
		V    int
	}
	var ins func(t *Tree, v int) *Tree
	ins = func(t *Tree, v int) *Tree {
		if t == nil {
			return &Tree{V: v}
		}
		if v < t.V {
			t.L = ins(t.L, v)
		} else {
			t.R = ins(t.R, v)
		}
		return t
	}
	var root *Tree
	for _, v := range []int{3, 1, 2} {
		root = ins(root, v)
	}
	fmt.Println(root.V, root.L.V, root.L.R.V, root.R == nil)
}
