package main

import "fmt"

func s2(y func(int, string) bool) { _ = y(1, "a") && y(2, "b") && y(3, "c") }
func find(k int) (r string, err error) {
	defer func() { r += "!" }()
	for i, s := range s2 {
		for j := range 3 {
			for range s2 {
				if i*j == k {
					return fmt.Sprint(s, i, j), nil
				}
				break
			}
		}
	}
	return "", fmt.Errorf("no %d", k)
}
func g() (n int) {
	for i := range s2 {
		defer func() { n = n*10 + i }()
	}
	return 0
}
func h() string {
	for range func(y func() bool) { y() } {
		goto done
	}
done:
	return "done"
}
func main() { fmt.Println(find(4)); fmt.Println(find(7)); fmt.Println(g()); fmt.Println(h()) }
