package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type Ctr struct {
	sync.Mutex
	m map[string]int
}

func (c *Ctr) Inc(k string) { c.Lock(); defer c.Unlock(); c.m[k]++ }
func main() {
	c := Ctr{m: map[string]int{}}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { c.Inc(fmt.Sprint(i % 2)) })
	}
	wg.Wait()
	fmt.Println(c.m)
	var once sync.Once
	for range 3 {
		once.Do(func() { fmt.Println("once") })
	}
	v := sync.OnceValue(func() int { fmt.Println("compute"); return 5 })
	fmt.Println(v(), v())
	var n atomic.Int64
	var p atomic.Pointer[Ctr]
	p.Store(&c)
	n.Add(5)
	fmt.Println(n.Load(), p.Load().m["0"], n.CompareAndSwap(5, 6), n.Load())
	var m sync.Map
	m.Store("a", 1)
	x, ok := m.Load("a")
	y, loaded := m.LoadOrStore("a", 2)
	fmt.Println(x, ok, y, loaded)
	pool := sync.Pool{New: func() any { return new(int) }}
	q := pool.Get().(*int)
	*q = 3
	pool.Put(q)
	var rw sync.RWMutex
	rw.RLock()
	rw.RUnlock()
	cond := sync.NewCond(&rw)
	_ = cond
	var av atomic.Value
	av.Store("s")
	fmt.Println(av.Load().(string))
}
