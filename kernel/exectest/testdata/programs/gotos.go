package main

import (
	"fmt"
)

func main() {
	n := 0
again:
	n++
	if n < 5 {
		if n == 3 {
			n = 10
			goto end
		}
		goto again
	}
end:
	fmt.Println(n)
}
