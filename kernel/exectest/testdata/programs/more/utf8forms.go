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
	s := "héλ😀\xff!"
	for i, r := range s {
		fmt.Print(i, ":", r, ":", string(r), " ")
	}
	fmt.Println(len(s), utf8.RuneCountInString(s), utf8.ValidString(s), []byte(s)[1], []rune(s)[3])
	fmt.Printf("%q %+q %x % X %U %c\n", s, s, s, "hi", '😀', 0x1F600)
	fmt.Println(rev("añb"), strings.ToUpper("straße"), strings.ToValidUTF8(s, "?"), strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, "a1b2"))
	b := []byte("abc")
	b2 := b
	b2[0] = 'X'
	str := string(b)
	b[1] = 'Y'
	fmt.Println(str, string(b))
	fmt.Println(string(rune(-1)), string(rune(0xD800)), utf8.RuneLen('é'), utf8.RuneError)
	r, n := utf8.DecodeRuneInString("é")
	fmt.Println(r, n)
	fmt.Println(utf8.AppendRune(nil, '😀'), "a" < "b", "a" < "B", "é" > "z", "abc"[1], "abc"[1:], s[:3])
	for i := range "añ" {
		fmt.Print(i, " ")
	}
	for range "ab" {
		fmt.Print("x")
	}
	fmt.Println(strings.IndexRune(s, 'λ'), strings.Count("cheese", "e"), strings.Count("é", ""), strings.Title("hi there"))
	var sb strings.Builder
	for i := 3; i > 0; i-- {
		fmt.Fprintf(&sb, "%d...", i)
	}
	sb.WriteByte('!')
	sb.WriteRune('λ')
	fmt.Println(sb.String(), sb.Len())
	fmt.Println(strings.Split("a,b,c", ","), strings.SplitN("a,b,c", ",", 2), strings.Fields(" a  b "), strings.TrimFunc("123abc456", unicode.IsDigit), strings.EqualFold("Go", "GO"))
	before, after, ok := strings.Cut("k=v=w", "=")
	fmt.Println(before, after, ok)
	fmt.Println(strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace("<b>"), strings.Repeat("ab", 3), strings.TrimLeft("xxabc", "x"), strings.TrimPrefix("prefix", "pre"), strings.LastIndex("go gopher", "go"))
	type Str string
	q := Str("né")
	for _, c := range q {
		fmt.Print(c, " ")
	}
	fmt.Println(len(q), q[1:], string(q)+"x", []byte(q))
	bs := append([]byte("x"), "yz"...)
	bs = append(bs, q...)
	fmt.Println(string(bs))
	switch {
	case s[0] == 'h' && "é" == s[1:3]:
		fmt.Println("match")
	default:
		fmt.Println("no")
	}
	fmt.Println("\a\b\t\v\\\"" == "\x07\x08\x09\x0b\x5c\x22", '\'', "\U0001F600"[0])
}
