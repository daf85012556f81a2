package main

import "fmt"

func main() {
	var s uint = 33
	var w int64 = 1.0 << s
	i := 1 << s
	var j int32 = 1 << s
	m := 1.0 << 3
	fmt.Println(w, i, j, m)
	var n int = 70
	fmt.Println(1<<n == 0, uint8(255)>>uint(n), int8(-1)>>n, uint64(1)<<63)
	defer func() { fmt.Println(recover()) }()
	k := -1
	fmt.Println(1 << k)
}
