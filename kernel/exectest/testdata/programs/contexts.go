package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

type key struct{}
type skey string

func work(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * time.Second):
		return nil
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	fmt.Println(work(ctx), errors.Is(ctx.Err(), context.DeadlineExceeded))
	ctx, cancel2 := context.WithCancel(context.Background())
	go func() { time.Sleep(time.Millisecond); cancel2() }()
	fmt.Println(work(ctx))
	ctx = context.WithValue(context.Background(), key{}, 42)
	ctx = context.WithValue(ctx, skey("a"), "b")
	fmt.Println(ctx.Value(key{}), ctx.Value(skey("a")), ctx.Value("a"))
	ctx, cause := context.WithCancelCause(context.Background())
	cause(errors.New("why"))
	fmt.Println(context.Cause(ctx), ctx.Err())
}
