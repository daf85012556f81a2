package exact

import (
	"fmt"
	"go/token"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

type integer interface {
	int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64 | uintptr
}

type number interface{ integer | float32 | float64 }

type ordered interface{ number | string }

type complexNumber interface{ complex64 | complex128 }

// branchOn returns the end of a block that compares x and y.
func branchOn[T ordered](tok token.Token, x, y uintptr, yes, no *block) func(fp P) *block {
	switch tok {
	case token.LSS:
		return func(fp P) *block {
			if load[T](fp, x) < load[T](fp, y) {
				return yes
			}
			return no
		}
	case token.LEQ:
		return func(fp P) *block {
			if load[T](fp, x) <= load[T](fp, y) {
				return yes
			}
			return no
		}
	case token.GTR:
		return branchOn[T](token.LSS, y, x, yes, no)
	case token.GEQ:
		return branchOn[T](token.LEQ, y, x, yes, no)
	case token.EQL:
		return func(fp P) *block {
			if load[T](fp, x) == load[T](fp, y) {
				return yes
			}
			return no
		}
	case token.NEQ:
		return func(fp P) *block {
			if load[T](fp, x) != load[T](fp, y) {
				return yes
			}
			return no
		}
	}
	return nil
}

func compare[T ordered](tok token.Token, d, x, y uintptr) op {
	switch tok {
	case token.LSS:
		return func(fp P) { store(fp, d, load[T](fp, x) < load[T](fp, y)) }
	case token.LEQ:
		return func(fp P) { store(fp, d, load[T](fp, x) <= load[T](fp, y)) }
	case token.GTR:
		return func(fp P) { store(fp, d, load[T](fp, x) > load[T](fp, y)) }
	case token.GEQ:
		return func(fp P) { store(fp, d, load[T](fp, x) >= load[T](fp, y)) }
	case token.EQL:
		return func(fp P) { store(fp, d, load[T](fp, x) == load[T](fp, y)) }
	case token.NEQ:
		return func(fp P) { store(fp, d, load[T](fp, x) != load[T](fp, y)) }
	}
	return nil
}

func arith[T number | complexNumber](tok token.Token, d, x, y uintptr) op {
	switch tok {
	case token.ADD:
		return func(fp P) { store(fp, d, load[T](fp, x)+load[T](fp, y)) }
	case token.SUB:
		return func(fp P) { store(fp, d, load[T](fp, x)-load[T](fp, y)) }
	case token.MUL:
		return func(fp P) { store(fp, d, T(load[T](fp, x)*load[T](fp, y))) } // rounded, not fused
	case token.QUO:
		return func(fp P) { store(fp, d, load[T](fp, x)/load[T](fp, y)) }
	}
	return nil
}

func floatOp[T float32 | float64](tok token.Token, d, x, y uintptr) op {
	if o := arith[T](tok, d, x, y); o != nil {
		return o
	}
	return compare[T](tok, d, x, y)
}

func complexOp[T complexNumber](tok token.Token, d, x, y uintptr) op {
	switch tok {
	case token.EQL:
		return func(fp P) { store(fp, d, load[T](fp, x) == load[T](fp, y)) }
	case token.NEQ:
		return func(fp P) { store(fp, d, load[T](fp, x) != load[T](fp, y)) }
	}
	return arith[T](tok, d, x, y)
}

func intOp[T integer](tok token.Token, d, x, y uintptr, count func(fp P) int64) op {
	if o := arith[T](tok, d, x, y); o != nil {
		return o
	}
	if o := compare[T](tok, d, x, y); o != nil {
		return o
	}
	switch tok {
	case token.REM:
		return func(fp P) { store(fp, d, load[T](fp, x)%load[T](fp, y)) }
	case token.AND:
		return func(fp P) { store(fp, d, load[T](fp, x)&load[T](fp, y)) }
	case token.OR:
		return func(fp P) { store(fp, d, load[T](fp, x)|load[T](fp, y)) }
	case token.XOR:
		return func(fp P) { store(fp, d, load[T](fp, x)^load[T](fp, y)) }
	case token.AND_NOT:
		return func(fp P) { store(fp, d, load[T](fp, x)&^load[T](fp, y)) }
	case token.SHL:
		return func(fp P) { store(fp, d, load[T](fp, x)<<count(fp)) }
	case token.SHR:
		return func(fp P) { store(fp, d, load[T](fp, x)>>count(fp)) }
	}
	return nil
}

// shiftCount returns how to read a shift count. One that does not fit is as good as the largest.
func (c *compiler) shiftCount(v ssa.Value) func(fp P) int64 {
	y := c.off(v)
	switch k := c.typeOf(v).Kind(); k {
	case reflect.Int, reflect.Int64:
		return func(fp P) int64 { return load[int64](fp, y) }
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return func(fp P) int64 { return int64(min(load[uint64](fp, y), 1<<32)) }
	default:
		if k < reflect.Int || k > reflect.Uintptr {
			return nil
		}
		read := c.indexOf(v)
		return func(fp P) int64 { return int64(read(fp)) }
	}
}

// binary compiles an operation on two values.
func (c *compiler) binary(in *ssa.BinOp) op {
	d, x, y := c.off(in), c.off(in.X), c.off(in.Y)
	t := c.typeOf(in.X)
	if o := c.basicBinary(in, t.Kind(), d, x, y); o != nil {
		return o
	}
	differ := in.Op == token.NEQ
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Slice:
		return func(fp P) { store(fp, d, (load[P](fp, x) == load[P](fp, y)) != differ) }
	case reflect.Interface:
		xe, ye := t.NumMethod() == 0, c.typeOf(in.Y).NumMethod() == 0
		if xe && ye {
			return func(fp P) { store(fp, d, (load[any](fp, x) == load[any](fp, y)) != differ) }
		}
		return func(fp P) {
			store(fp, d, (toAny(unsafe.Add(fp, x), xe) == toAny(unsafe.Add(fp, y), ye)) != differ)
		}
	}
	r := native.Of(t)
	return func(fp P) { store(fp, d, r.Equal(unsafe.Add(fp, x), unsafe.Add(fp, y)) != differ) }
}

func (c *compiler) basicBinary(in *ssa.BinOp, k reflect.Kind, d, x, y uintptr) op {
	tok := in.Op
	switch k {
	case reflect.Float32:
		return floatOp[float32](tok, d, x, y)
	case reflect.Float64:
		return floatOp[float64](tok, d, x, y)
	case reflect.Complex64:
		return complexOp[complex64](tok, d, x, y)
	case reflect.Complex128:
		return complexOp[complex128](tok, d, x, y)
	case reflect.String:
		if tok == token.ADD {
			return func(fp P) { store(fp, d, load[string](fp, x)+load[string](fp, y)) }
		}
		return compare[string](tok, d, x, y)
	case reflect.Bool:
		differ := tok == token.NEQ
		return func(fp P) { store(fp, d, (load[bool](fp, x) == load[bool](fp, y)) != differ) }
	}
	n := c.shiftCount(in.Y)
	switch k {
	case reflect.Int:
		return intOp[int](tok, d, x, y, n)
	case reflect.Int8:
		return intOp[int8](tok, d, x, y, n)
	case reflect.Int16:
		return intOp[int16](tok, d, x, y, n)
	case reflect.Int32:
		return intOp[int32](tok, d, x, y, n)
	case reflect.Int64:
		return intOp[int64](tok, d, x, y, n)
	case reflect.Uint:
		return intOp[uint](tok, d, x, y, n)
	case reflect.Uint8:
		return intOp[uint8](tok, d, x, y, n)
	case reflect.Uint16:
		return intOp[uint16](tok, d, x, y, n)
	case reflect.Uint32:
		return intOp[uint32](tok, d, x, y, n)
	case reflect.Uint64:
		return intOp[uint64](tok, d, x, y, n)
	case reflect.Uintptr:
		return intOp[uintptr](tok, d, x, y, n)
	}
	return nil
}

func negate[T number | complexNumber](d, x uintptr) op {
	return func(fp P) { store(fp, d, -load[T](fp, x)) }
}

func intUnary[T integer](tok token.Token, d, x uintptr) op {
	if tok == token.SUB {
		return negate[T](d, x)
	}
	return func(fp P) { store(fp, d, ^load[T](fp, x)) }
}

// unary compiles -x, ^x and !x.
func (c *compiler) unary(in *ssa.UnOp) op {
	d, x := c.off(in), c.off(in.X)
	switch c.typeOf(in.X).Kind() {
	case reflect.Bool:
		return func(fp P) { store(fp, d, !load[bool](fp, x)) }
	case reflect.Int:
		return intUnary[int](in.Op, d, x)
	case reflect.Int8:
		return intUnary[int8](in.Op, d, x)
	case reflect.Int16:
		return intUnary[int16](in.Op, d, x)
	case reflect.Int32:
		return intUnary[int32](in.Op, d, x)
	case reflect.Int64:
		return intUnary[int64](in.Op, d, x)
	case reflect.Uint:
		return intUnary[uint](in.Op, d, x)
	case reflect.Uint8:
		return intUnary[uint8](in.Op, d, x)
	case reflect.Uint16:
		return intUnary[uint16](in.Op, d, x)
	case reflect.Uint32:
		return intUnary[uint32](in.Op, d, x)
	case reflect.Uint64:
		return intUnary[uint64](in.Op, d, x)
	case reflect.Uintptr:
		return intUnary[uintptr](in.Op, d, x)
	case reflect.Float32:
		return negate[float32](d, x)
	case reflect.Float64:
		return negate[float64](d, x)
	case reflect.Complex64:
		return negate[complex64](d, x)
	case reflect.Complex128:
		return negate[complex128](d, x)
	}
	panic(fmt.Errorf("exact: no code for %s", in))
}

// toAny returns the value of an interface as an any.
func toAny(p P, empty bool) any {
	if empty {
		return *(*any)(p)
	}
	t, data := native.Dynamic(p, false)
	if t == nil {
		return nil
	}
	e := native.Eface{Type: t, Data: data}
	return *(*any)(P(&e))
}
