package main

import (
	"fmt"
)

func main() {
	r := 'é'
	fmt.Println(r, string(r), len(string(r)), r > 'a', r-'a')
	b := byte('a')
	fmt.Println(b, string(rune(b)), b+1, 'a'+b)
	counts := [26]int{}
	for _, c := range "hello" {
		counts[c-'a']++
	}
	fmt.Println(counts['l'-'a'])
}
