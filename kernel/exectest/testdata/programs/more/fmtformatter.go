package main

import "fmt"

type F struct{}

func (F) Format(s fmt.State, v rune) {
	w, ok := s.Width()
	fmt.Fprintf(s, "F<%c %d %v %v>", v, w, ok, s.Flag('+'))
}

type G struct{ a int }

func (G) GoString() string { return "G!" }
func main() {
	fmt.Printf("%v %+8d %s\n", F{}, F{}, []F{{}})
	fmt.Printf("%#v %v %#v\n", G{1}, G{1}, []G{{2}})
}
