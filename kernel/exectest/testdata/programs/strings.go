package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func main() {
	s := "a→b\xffc"
	for i, r := range s {
		fmt.Print(i, ":", r, " ")
	}
	fmt.Println(len(s), utf8.RuneCountInString(s))
	for i := range "héy" {
		fmt.Print(i, " ")
	}
	for _, b := range []byte("hé") {
		fmt.Print(b, " ")
	}
	fmt.Println(s[0], s[1:4], string(s[0]))
	fmt.Printf("%s %q %x %v %c %U %+q\n", s, s, s, []byte("ab"), 'x', '→', "é")
	fmt.Println(strings.Fields(" a  b "), strings.Split("a,b,c", ","), strings.Repeat("ab", 3), strings.Contains("abc", "bc"))
	fmt.Println(strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, "Hello"))
	var sb strings.Builder
	for i := 3; i > 0; i-- {
		fmt.Fprintf(&sb, "%d...", i)
	}
	sb.WriteByte('!')
	fmt.Println(sb.String(), sb.Len())
	var buf bytes.Buffer
	buf.WriteString("x")
	fmt.Fprintf(&buf, "%03d", 7)
	fmt.Println(buf.String())
	fmt.Println("a" < "b", "abc" > "abd", "a"+"b" == "ab", strings.Compare("a", "b"))
	t := "x"
	t += "y"
	t2 := t
	t += "z"
	fmt.Println(t, t2)
	i := strings.IndexFunc("abc1", unicode.IsDigit)
	fmt.Println(i, strings.TrimFunc("11a1", unicode.IsDigit), strings.Title("foo bar"))
	before, after, ok := strings.Cut("k=v", "=")
	fmt.Println(before, after, ok)
	r := []rune("日本")
	r[0] = 'x'
	fmt.Println(string(r), len(r))
	for part := range strings.SplitSeq("a-b-c", "-") {
		fmt.Print(part)
	}
	fmt.Println()
	fmt.Println(strings.EqualFold("Go", "GO"), strings.TrimLeft("xxabc", "x"), strings.LastIndex("go gopher", "go"))
}
