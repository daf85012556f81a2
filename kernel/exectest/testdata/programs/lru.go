package main

import (
	"container/list"
	"fmt"
)

type entry struct {
	k string
	v int
}
type LRU struct {
	cap int
	l   *list.List
	m   map[string]*list.Element
}

func New(n int) *LRU { return &LRU{n, list.New(), map[string]*list.Element{}} }
func (c *LRU) Get(k string) (int, bool) {
	if e, ok := c.m[k]; ok {
		c.l.MoveToFront(e)
		return e.Value.(entry).v, true
	}
	return 0, false
}
func (c *LRU) Put(k string, v int) {
	if e, ok := c.m[k]; ok {
		e.Value = entry{k, v}
		c.l.MoveToFront(e)
		return
	}
	if c.l.Len() >= c.cap {
		last := c.l.Back()
		delete(c.m, last.Value.(entry).k)
		c.l.Remove(last)
	}
	c.m[k] = c.l.PushFront(entry{k, v})
}

func main() {
	c := New(2)
	c.Put("a", 1)
	c.Put("b", 2)
	c.Get("a")
	c.Put("c", 3)
	_, ok := c.Get("b")
	v, _ := c.Get("a")
	fmt.Println(ok, v, c.l.Len())
}
