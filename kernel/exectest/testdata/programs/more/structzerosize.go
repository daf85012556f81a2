package main

import "fmt"

type E struct{}

func (E) Do() string { return "do" }
func main() {
	var a [1000000]struct{}
	m := map[string]struct{}{"a": {}}
	c := make(chan struct{}, 2)
	c <- struct{}{}
	_, ok := m["a"]
	fmt.Println(len(a), ok, <-c, E{}.Do(), len([0]int{}))
	s := make([]E, 5)
	for i := range s {
		s[i].Do()
	}
	fmt.Println(len(s), s, struct{}{})
	n := 0
	for range a {
		n++
	}
	fmt.Println(n)
}
