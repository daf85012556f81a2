package main

import "fmt"

func main() {
	s := "a\xc0é"
	for i, c := range s {
		fmt.Print(i, " ", c, ";")
	}
	for i := range len(s) {
		fmt.Print(s[i], " ")
	}
	fmt.Println()
	b := []byte(s)
	for i := range b {
		b[i] ^= 0x20
	}
	fmt.Printf("%q\n", b)
	t := s
	t += "x"
	fmt.Println(len(s), len(t), s < t, s+"x" == t)
	m := map[string]int{}
	for _, w := range []string{"a", "b", "a"} {
		m[w]++
	}
	fmt.Println(m, m[string([]byte{'a'})])
	switch string(b[:1]) {
	case "A":
		fmt.Println("A")
	}
	r := []rune("日本")
	r[0] = '月'
	fmt.Println(string(r), string(r[1:]), fmt.Sprintf("%c|%v|%x", r[0], r, string(r)))
}
