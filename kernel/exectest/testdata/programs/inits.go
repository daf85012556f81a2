package main

import (
	"fmt"
)

var b = f()
var a = b + 1
var m = map[string]int{"x": a}

func f() int { return 41 }
func init()  { m["init"] = len(m) }
func init()  { m["second"] = len(m) }

const c = len("const")

type T struct{ v int }

var t = &T{c}
var arr = [c]int{1, 2}

func main() { fmt.Println(a, b, m, t.v, len(arr), arr) }
