package main

import "fmt"

func t(s string, b bool) bool { fmt.Print(s); return b }
func main() {
	fmt.Println(t("a", true) || t("b", true) && t("c", false), t("d", false) && t("e", true) || t("f", true))
	fmt.Println(1+2*3<<1&7|8^3, !true == false, -3 - -3, 5&^3<<1, 2*3%4/1, 1 < 2 == true)
	x := 5
	p := &x
	fmt.Println(*p**p, 10-*p, -*p, ^*p, x<<1+1)
}
