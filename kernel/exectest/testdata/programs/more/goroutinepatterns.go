package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

func worker(ctx context.Context, id int, jobs <-chan int, out chan<- string, wg *sync.WaitGroup) {
	defer wg.Done()
	for {
		select {
		case j, ok := <-jobs:
			if !ok {
				return
			}
			out <- fmt.Sprintf("j%d", j)
		case <-ctx.Done():
			return
		}
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	jobs, out := make(chan int), make(chan string, 10)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go worker(ctx, i, jobs, out, &wg)
	}
	for i := range 5 {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	close(out)
	n := 0
	seen := map[string]bool{}
	for s := range out {
		n++
		seen[s] = true
	}
	fmt.Println(n, len(seen), seen["j4"])
	sem := make(chan struct{}, 2)
	var mu sync.Mutex
	peak, cur := 0, 0
	var w2 sync.WaitGroup
	for range 8 {
		w2.Add(1)
		go func() {
			defer w2.Done()
			sem <- struct{}{}
			defer func() { <-sem }()
			mu.Lock()
			cur++
			peak = max(peak, cur)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			cur--
			mu.Unlock()
		}()
	}
	w2.Wait()
	fmt.Println(peak <= 2, cur)
	tk := time.NewTicker(time.Millisecond)
	cnt := 0
	for range tk.C {
		cnt++
		if cnt == 3 {
			tk.Stop()
			break
		}
	}
	fmt.Println(cnt)
	done := make(chan bool)
	time.AfterFunc(time.Millisecond, func() { done <- true })
	fmt.Println(<-done)
}
