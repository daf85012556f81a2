package main

import "fmt"

type (
	Stringish interface {
		~string
		Len() int
	}
	S string
)

func (s S) Len() int { return len(s) }
func Total[T Stringish](xs ...T) (n int) {
	for _, x := range xs {
		n += x.Len() + len(string(x))
	}
	return
}
func main() { fmt.Println(Total(S("ab"), S("cde"))); fmt.Println(Total[S]()) }
