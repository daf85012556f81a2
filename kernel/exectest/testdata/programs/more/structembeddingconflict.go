package main

import "fmt"

type L struct{ N string }

func (L) Who() string { return "L" }

type R struct{ N string }

func (R) Who() string { return "R" }

type LR struct {
	L
	R
	N int
}

func (x LR) Who() string { return x.L.Who() + x.R.Who() }
func main() {
	x := LR{L{"l"}, R{"r"}, 5}
	fmt.Println(x.N, x.L.N, x.R.N, x.Who())
	fmt.Printf("%+v\n", x)
}
