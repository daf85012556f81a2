package main

import "fmt"

func f() (out []int) {
	for i := range 3 {
		defer func() { out = append(out, i) }()
	}
	return nil
}
func main() { fmt.Println(f()) }
