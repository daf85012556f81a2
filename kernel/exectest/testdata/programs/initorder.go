package main

import "fmt"

var (
	a    = b + 1
	b    = f()
	c, d = g()
	_    = func() int { fmt.Println("blank"); return 0 }()
)

func f() int        { fmt.Println("f"); return d * 2 }
func g() (int, int) { fmt.Println("g"); return 1, 2 }
func init()         { fmt.Println("init1", a, b, c, d) }
func init()         { fmt.Println("init2"); a = 100 }
func main()         { fmt.Println("main", a) }
