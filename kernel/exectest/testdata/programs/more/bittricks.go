package main

import "fmt"

func gcd(a, b uint) uint {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
func pop(x uint64) (n int) {
	for ; x != 0; x &= x - 1 {
		n++
	}
	return
}
func sieve(n int) (ps []int) {
	c := make([]bool, n+1)
	for i := 2; i <= n; i++ {
		if c[i] {
			continue
		}
		ps = append(ps, i)
		for j := i * i; j <= n; j += i {
			c[j] = true
		}
	}
	return
}

func qsort(a []int) {
	if len(a) < 2 {
		return
	}
	p, i := a[len(a)/2], 0
	l, r := 0, len(a)-1
	for l <= r {
		for a[l] < p {
			l++
		}
		for a[r] > p {
			r--
		}
		if l <= r {
			a[l], a[r] = a[r], a[l]
			l++
			r--
		}
	}
	_ = i
	qsort(a[:r+1])
	qsort(a[l:])
}

func perms(a []int, k int, f func([]int)) {
	if k == len(a) {
		f(a)
		return
	}
	for i := k; i < len(a); i++ {
		a[k], a[i] = a[i], a[k]
		perms(a, k+1, f)
		a[k], a[i] = a[i], a[k]
	}
}

func hanoi(n int, a, b, c string, m map[string]int) {
	if n > 0 {
		hanoi(n-1, a, c, b, m)
		m[a+c]++
		hanoi(n-1, b, a, c, m)
	}
}

func main() {
	fmt.Println(gcd(48, 18), pop(0xff00ff), sieve(30))
	a := []int{5, 3, 8, 1, 9, 2}
	qsort(a)
	fmt.Println(a)
	n := 0
	perms([]int{1, 2, 3, 4}, 0, func(p []int) {
		if p[0] < p[1] {
			n++
		}
	})
	m := map[string]int{}
	hanoi(6, "a", "b", "c", m)
	fmt.Println(n, m)
	var grid [5][5]int
	for i := range grid {
		for j := range grid[i] {
			grid[i][j] = i*j - j
		}
	}
	t := 0
	for _, r := range grid {
		for _, v := range r {
			t += v
		}
	}
	fmt.Println(t, grid[4])
	x := 0xF0
	x &^= 0x30
	x |= 1
	x ^= 0xff
	x <<= 2
	x >>= 1
	x %= 100
	fmt.Println(x)
}
