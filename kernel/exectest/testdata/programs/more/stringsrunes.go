package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func rev(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func main() {
	fmt.Println(rev("héllo世"), utf8.RuneCountInString("世界"), strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, "aBcÉé"), strings.Repeat("ab", 3), strings.Fields(" a b  c "), strings.Title("x y"), strings.TrimFunc("123abc456", unicode.IsDigit))
	var b strings.Builder
	for i := 3; i > 0; i-- {
		fmt.Fprintf(&b, "%d...", i)
	}
	fmt.Println(b.String(), b.Len())
	r := strings.NewReplacer("a", "1", "b", "2")
	fmt.Println(r.Replace("abc"), strings.EqualFold("Go", "GO"))
	k, v, ok := strings.Cut("key=val", "=")
	fmt.Println(k, v, ok)
}
