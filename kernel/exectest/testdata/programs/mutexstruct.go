package main

import (
	"fmt"
	"sync"
)

func main() {
	type C struct {
		sync.Mutex
		n map[string]int
	}
	c := &C{n: map[string]int{}}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.Lock()
			defer c.Unlock()
			c.n[fmt.Sprint(i%2)]++
		}()
	}
	wg.Wait()
	fmt.Println(c.n)
}
