package main

import "fmt"

var trace []string

func t(s string, v int) int  { trace = append(trace, s); return v }
func m(s string) map[int]int { trace = append(trace, s); return map[int]int{1: 1} }
func p(s string) *int        { trace = append(trace, s); return new(int) }
func main() {
	a := []int{t("a", 1), t("b", 2)}
	a[t("i", 0)] = t("v", 5)
	m("m")[t("k", 1)] = t("w", 2)
	*p("p") = t("q", 1)
	x := t("l", 1) + t("r", 2)*t("z", 3)
	_ = x
	f := func(xs ...int) func() { trace = append(trace, "f"); return func() { trace = append(trace, "g") } }
	f(t("1", 1), t("2", 2))()
	_ = struct{ a, b int }{b: t("B", 1), a: t("A", 2)}
	_ = map[int]int{t("k1", 1): t("v1", 1), t("k2", 2): t("v2", 2)}
	defer func() { fmt.Println(trace) }()
	defer f(t("d", 0))()
	if t("c1", 1) == 1 && t("c2", 0) == 1 || t("c3", 1) == 1 {
		t("then", 0)
	}
	switch t("s", 2) {
	case t("x1", 1), t("x2", 2), t("x3", 3):
	}
}
