package main

import (
	"fmt"
	"strconv"
)

func main() {
	n, err := strconv.ParseInt("-ff", 16, 64)
	fmt.Println(n, err)
	_, err = strconv.ParseInt("999", 10, 8)
	fmt.Println(err)
	f, _ := strconv.ParseFloat("1e-3", 64)
	fmt.Println(f, strconv.FormatFloat(1.0/3, 'g', 5, 32), strconv.Quote("a\n\"é"), strconv.Itoa(-5), strconv.FormatInt(255, 2))
	b, err := strconv.ParseBool("maybe")
	fmt.Println(b, err)
	s, err := strconv.Unquote(`"a\tb"`)
	fmt.Println(s, err, strconv.AppendInt([]byte("x"), 5, 10))
}
