package jit

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

// Compile returns f as a function that computes the same with less work. f is an nn.Module or a func of
// tensors: func(), func(x), func(x, y) or func(x, y, z), which returns nothing, a tensor or a slice of
// tensors; func(x ...*eager.Tensor) with one tensor or a slice; or func(x []*eager.Tensor) []*eager.Tensor.
// It may train: call Backward and the step of an optimizer.
//
// f is called each time. Its operators are put off and computed as a whole, by a program from the third call
// with the same operators on, and from the second on with each further shape; values that it reads end a part of it. An error in the values of
// operands (an index out of range) appears where the values are needed. It panics when f is of another type.
//
// Two things differ from calling f. A value inside f that f begins to keep, in a variable outside, after the first
// two calls is computed again when it is read; where f has changed what it comes from, as the step of an optimizer
// does, reading it is an error: return such values, or keep them in each call. And f that is interrupted from
// outside (engine.Interrupt, a cell that is stopped) leaves undone what was put off since the last read, writes to
// tensors included, while its Go variables are further.
func Compile(f any, o ...Options) *Func {
	var opt Options
	if len(o) > 0 {
		opt = o[0]
	}
	if opt.Limit == 0 {
		opt.Limit = 64
	}
	if opt.Verify == 0 {
		opt.Verify = 256
	}
	if _, err := asFunc(f); err != nil {
		panic(err)
	}
	return &Func{f: f, o: opt, segments: map[string]*segment{}, families: map[string]*family{}}
}

// Call calls the function and returns its first result; nil when it has none.
func (f *Func) Call(x ...*eager.Tensor) *eager.Tensor {
	if y := f.CallAll(x...); len(y) > 0 {
		return y[0]
	}
	return nil
}

// CallAll calls the function and returns its results.
func (f *Func) CallAll(x ...*eager.Tensor) (y []*eager.Tensor) {
	g, _ := asFunc(f.f)
	f.call(func() { y = g(x) })
	return y
}

// Call calls f, which is what Compile takes, as it is.
func Call(f any, x ...*eager.Tensor) (y []*eager.Tensor, err error) {
	g, err := asFunc(f)
	if err != nil {
		return nil, err
	}
	err = engine.Catch(func() { y = g(x) })
	return y, err
}

// asFunc returns f as a function of all its arguments.
func asFunc(f any) (func(x []*eager.Tensor) []*eager.Tensor, error) {
	type tensor = *eager.Tensor
	switch f := f.(type) {
	case nn.Module:
		return fixed(1, func(x []tensor) []tensor { return []tensor{f.Forward(x[0])} }), nil
	case func():
		return fixed(0, func(x []tensor) []tensor { f(); return nil }), nil
	case func() tensor:
		return fixed(0, func(x []tensor) []tensor { return []tensor{f()} }), nil
	case func(x tensor):
		return fixed(1, func(x []tensor) []tensor { f(x[0]); return nil }), nil
	case func(x tensor) tensor:
		return fixed(1, func(x []tensor) []tensor { return []tensor{f(x[0])} }), nil
	case func(x tensor) []tensor:
		return fixed(1, func(x []tensor) []tensor { return f(x[0]) }), nil
	case func(x, y tensor):
		return fixed(2, func(x []tensor) []tensor { f(x[0], x[1]); return nil }), nil
	case func(x, y tensor) tensor:
		return fixed(2, func(x []tensor) []tensor { return []tensor{f(x[0], x[1])} }), nil
	case func(x, y tensor) []tensor:
		return fixed(2, func(x []tensor) []tensor { return f(x[0], x[1]) }), nil
	case func(x, y, z tensor) tensor:
		return fixed(3, func(x []tensor) []tensor { return []tensor{f(x[0], x[1], x[2])} }), nil
	case func(x, y, z tensor) []tensor:
		return fixed(3, func(x []tensor) []tensor { return f(x[0], x[1], x[2]) }), nil
	case func(x ...tensor) tensor:
		return func(x []tensor) []tensor { return []tensor{f(x...)} }, nil
	case func(x ...tensor) []tensor:
		return func(x []tensor) []tensor { return f(x...) }, nil
	case func(x []tensor) []tensor:
		return f, nil
	}
	return nil, &engine.Error{Where: "jit", What: "f is a " + fmt.Sprintf("%T", f) +
		"; want an nn.Module or a func of tensors that returns tensors"}
}

// fixed makes f a function that takes exactly n tensors.
func fixed(n int, f func(x []*eager.Tensor) []*eager.Tensor) func([]*eager.Tensor) []*eager.Tensor {
	return func(x []*eager.Tensor) []*eager.Tensor {
		if len(x) != n {
			engine.Fail("jit", "the function takes %d tensors, got %d", n, len(x))
		}
		return f(x)
	}
}
