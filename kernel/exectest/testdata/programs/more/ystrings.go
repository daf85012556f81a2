package main

import (
	"fmt"
	"strings"
)

func main() {
	s := "héllo"
	fmt.Println(s[1], s[1:3], len(s), strings.ToUpper(s), s+"!", s > "hello", s[len(s)-1:])
	for i := 0; i < len(s); i++ {
		fmt.Print(s[i], " ")
	}
	for _, r := range s {
		fmt.Print(string(r), "|")
	}
	b := []byte(s)
	b = append(b, " world"...)
	fmt.Println(string(b), string(b[:2]))
	r := []rune(s)
	r[1] = 'e'
	fmt.Println(string(r), len(r))
	x := ""
	for i := range 5 {
		x += string(rune('a' + i))
	}
	fmt.Println(x, x[:0] == "", strings.Contains(x, "cd"))
	lines := `a
b\n`
	fmt.Println(len(lines), "\u00e9\x41\101\t|")
	m := map[rune]int{}
	for _, c := range "banana" {
		m[c]++
	}
	fmt.Println(m['a'], m['n'])
	copy(b, "XY")
	fmt.Println(string(b))
}
