package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var n atomic.Int64
	var old int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			n.Add(2)
			atomic.AddInt32(&old, 1)
		}()
	}
	wg.Wait()
	fmt.Println(n.Load(), old)
	var m sync.Map
	m.Store("a", 1)
	v, ok := m.Load("a")
	fmt.Println(v, ok)
	var v2 atomic.Value
	v2.Store([]int{1})
	fmt.Println(v2.Load().([]int)[0])
}
