package main

import "fmt"

func main() {
	i := 0
loop:
	if i < 3 {
		fmt.Print(i, " ")
		i++
		goto loop
	}
	fmt.Println()
outer:
	for x := 0; x < 3; x++ {
		for y := 0; ; y++ {
			switch {
			case y == 2:
				continue outer
			case x == 2:
				break outer
			}
			select {
			default:
				if x == 1 {
					break
				}
				fmt.Print(x, y, " ")
			}
		}
	}
	fmt.Println()
blk:
	for {
		if i == 3 {
			break blk
		}
		fmt.Println("not")
	}
sw:
	switch i {
	case 3:
		for {
			break sw
		}
		fmt.Println("not")
	}
	goto end
end:
	fmt.Println("end", i)
}
