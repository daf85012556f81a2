package main

import (
	"fmt"
)

func main() {
outer:
	for i := 0; i < 4; i++ {
		for j := 0; j < 4; j++ {
			switch {
			case j == 2:
				continue outer
			case i == 3:
				break outer
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println()
	i := 0
loop:
	if i < 3 {
		fmt.Print(i)
		i++
		goto loop
	}
	fmt.Println()
sw:
	switch i {
	case 3:
		for {
			break sw
		}
		fmt.Println("no")
	}
	for i := range 5 {
		switch i {
		case 1:
			continue
		case 3:
			break
		default:
			fmt.Print(i)
		}
	}
	fmt.Println()
	switch x := 5; {
	case x > 3:
		fmt.Print("a")
		fallthrough
	case x > 10:
		fmt.Print("b")
	default:
		fmt.Print("c")
	}
	switch 3 {
	default:
		fmt.Print("d")
	case 1, 2:
		fmt.Print("e")
	}
	fmt.Println()
	for {
		if i++; i > 10 {
			break
		}
	}
	fmt.Println(i)
	func() {
		for i := 0; ; i++ {
			if i == 5 {
				fmt.Println("five")
				return
			}
		}
	}()
}
