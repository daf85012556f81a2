package main

import (
	"errors"
	"fmt"
	"sync"
)

type Group struct {
	wg   sync.WaitGroup
	once sync.Once
	err  error
}

func (g *Group) Go(f func() error) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	}()
}
func (g *Group) Wait() error { g.wg.Wait(); return g.err }
func main() {
	var g Group
	for i := range 5 {
		g.Go(func() error {
			if i == 3 {
				return errors.New("three")
			}
			return nil
		})
	}
	fmt.Println(g.Wait())
	var mu sync.RWMutex
	m := map[int]int{}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(2)
		go func() { defer wg.Done(); mu.Lock(); defer mu.Unlock(); m[i%3] += i }()
		go func() { defer wg.Done(); mu.RLock(); _ = m[0]; mu.RUnlock() }()
	}
	wg.Wait()
	fmt.Println(m)
}
