package main

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"
)

type (
	D  time.Duration
	T  time.Time
	U  url.Values
	Bf bytes.Buffer
	W  = time.Weekday
	Mo time.Month
)

func main() {
	d := D(time.Second)
	fmt.Println(d, []D{d}, struct{ X D }{d}, map[D]int{d: 1}, W(2), Mo(2))
	fmt.Printf("%v %d %s %T\n", d, d, time.Duration(d), d)
	var a any = d
	fmt.Println(a)
	_, ok := a.(fmt.Stringer)
	fmt.Println(ok)
	u := U{"a": {"b"}}
	fmt.Println(u, url.Values(u).Encode())
	var sb strings.Builder
	sb.WriteString("x")
	fmt.Println(sb.String())
}
