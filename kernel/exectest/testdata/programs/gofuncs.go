package main

import (
	"fmt"
	"sync"
)

func each(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

func main() {
	bad := 0
	for range 40 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		sum := 0
		for i := 1; i <= 20; i++ {
			wg.Add(1)
			go func(n int) {
				defer wg.Done()
				mu.Lock()
				defer mu.Unlock()
				sum += n * i
			}(i)
		}
		wg.Wait()
		if sum != 2870 {
			bad++
		}
	}
	fmt.Println("a", bad)
	bad = 0
	for range 30 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[int]int{}
		for i := range 16 {
			f := func() { mu.Lock(); seen[i]++; mu.Unlock(); wg.Done() }
			wg.Add(1)
			go f()
		}
		wg.Wait()
		if len(seen) != 16 {
			bad++
		}
	}
	fmt.Println("b", bad)
	bad = 0
	for range 30 {
		c := make(chan int, 16)
		work := func(id int, done func(int)) {
			each(3, func(k int) { done(id*3 + k) })
		}
		for i := range 8 {
			go work(i, func(v int) { c <- v })
		}
		sum := 0
		for range 24 {
			sum += <-c
		}
		if sum != 276 {
			bad++
		}
	}
	fmt.Println("c", bad)
	bad = 0
	for range 30 {
		var wg sync.WaitGroup
		out := make([]int, 12)
		for i := range out {
			wg.Go(func() { out[i] = func(x int) int { return x * x }(i) })
		}
		wg.Wait()
		for i, v := range out {
			if v != i*i {
				bad++
			}
		}
	}
	fmt.Println("d", bad)
	fs := []func(int) int{}
	for i := range 3 {
		mk := func(g func(int) int) func(int) int { return func(x int) int { return g(x) + i } }
		fs = append(fs, mk(func(x int) int {
			if len(fs) > 0 {
				return fs[len(fs)-1](x) * 2
			}
			return x
		}))
	}
	fmt.Println(len(fs))
}
