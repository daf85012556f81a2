package main

import (
	"fmt"
)

func main() {
	div := func(a, b int) (q, r int, err error) {
		defer func() {
			if e := recover(); e != nil {
				err = fmt.Errorf("%v", e)
			}
		}()
		q, r = a/b, a%b
		return
	}
	fmt.Println(div(7, 2))
	fmt.Println(div(1, 0))
	q, _, err := div(9, 3)
	fmt.Println(q, err)
}
