package main

import (
	"bytes"
	"fmt"
	"strings"
)

func main() {
	fmt.Println(bytes.Fields([]byte("a b")), bytes.Split([]byte("a,b"), []byte(",")), strings.Split("a,b,", ","), strings.SplitN("a,b,c", ",", 2), strings.SplitAfter("a,b", ","), len(strings.Split("", ",")), strings.Join(nil, "x"), strings.Index("chicken", "ken"), strings.LastIndex("go go", "go"), strings.TrimLeft("xxay", "x"), strings.TrimSuffix("a.go", ".go"), strings.Count("cheese", "e"), strings.Count("ab", ""), strings.ContainsAny("ab", "xyzb"), strings.ToTitle("é"), strings.Compare("a", "b"))
	fmt.Printf("%q %q\n", strings.Fields("  "), bytes.TrimSpace([]byte(" x ")))
	lines := 0
	for l := range strings.Lines("a\nb\nc") {
		lines += len(l)
	}
	fmt.Println(lines)
}
