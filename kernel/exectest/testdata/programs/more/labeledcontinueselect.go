package main

import "fmt"

func main() {
	c := make(chan int, 10)
	for i := range 10 {
		c <- i
	}
	close(c)
	s := 0
L:
	for {
		select {
		case v, ok := <-c:
			if !ok {
				break L
			}
			if v%2 == 0 {
				continue L
			}
			switch {
			case v > 7:
				continue L
			case v == 5:
				break
			}
			s += v
		}
	}
	fmt.Println(s)
M:
	for i := range 3 {
		switch i {
		case 1:
			for {
				continue M
			}
		case 2:
			break M
		}
		fmt.Println("m", i)
	}
}
