package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

type acc struct {
	mu sync.RWMutex
	m  map[string]int
}

func (a *acc) add(k string, n int) { a.mu.Lock(); defer a.mu.Unlock(); a.m[k] += n }
func (a *acc) get(k string) int    { a.mu.RLock(); defer a.mu.RUnlock(); return a.m[k] }
func main() {
	a := &acc{m: map[string]int{}}
	var wg sync.WaitGroup
	for i := 1; i <= 20; i++ {
		wg.Add(1)
		go func(n int) { defer wg.Done(); a.add("k", n) }(i)
	}
	wg.Wait()
	fmt.Println(a.get("k"))
	var n int64
	for range 20 {
		wg.Add(1)
		go func() { atomic.AddInt64(&n, 2); wg.Done() }()
	}
	wg.Wait()
	fmt.Println(n)
	res := make(chan string)
	go func() {
		select {
		case <-time.After(time.Minute):
			res <- "late"
		case res <- "sent":
		}
	}()
	fmt.Println(<-res)
	errs := make(chan error, 3)
	for i := range 3 {
		go func() {
			if i == 1 {
				errs <- fmt.Errorf("e%d", i)
				return
			}
			errs <- nil
		}()
	}
	c := 0
	for range 3 {
		if err := <-errs; err != nil {
			fmt.Println(err)
		} else {
			c++
		}
	}
	fmt.Println(c)
	out := make(chan int)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := 0
		for v := range out {
			s += v
		}
		fmt.Println("sum", s)
	}()
	for i := range 10 {
		out <- i
	}
	close(out)
	<-done
	func() {
		defer func() { fmt.Println("r", recover()) }()
		var m sync.Mutex
		m.Lock()
		m.Unlock()
		var nilm map[string]int
		nilm["a"] = 1
	}()
}
