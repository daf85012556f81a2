package main

import (
	"fmt"
)

func main() {
	func() {
		for _, s := range []string{"a", "b"} {
			defer func(t string) { fmt.Print(t, "! ") }(s)
		}
	}()
	fmt.Println()
}
