package main

import "fmt"

func main() {
	s := "héllo, 世界\xff!"
	fmt.Println(len(s), []rune(s), []byte("é"), string([]rune{0x4e16, 'x', -1}), string(rune(65)), string([]byte{104, 105}))
	for i, r := range s {
		fmt.Print(i, ":", string(r), " ")
	}
	fmt.Println()
	fmt.Printf("%q %+q %x % x %U\n", s, s, s, "ab", '世')
	type B []byte
	type S string
	b := B(S("abc"))
	b[0] = 'X'
	fmt.Println(string(b), S(b), s[1:3] == "é", s[0], s > "h")
}
