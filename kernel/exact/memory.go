package exact

import (
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// fieldOff returns the offset of a field of the struct type t.
func (c *compiler) fieldOff(t types.Type, i int) uintptr {
	offs, _ := native.Of(c.m.types.of(t)).Fields()
	return offs[i]
}

// address compiles &x.f or &x[i].
func (c *compiler) address(in ssa.Instruction) func(fp P) P {
	if in, ok := in.(*ssa.FieldAddr); ok {
		x, off := c.off(in.X), c.fieldOff(elem(in.X.Type()), in.Field)
		return func(fp P) P {
			p := load[P](fp, x)
			if p == nil {
				nilPanic()
			}
			return unsafe.Add(p, off)
		}
	}
	ia := in.(*ssa.IndexAddr)
	x, index := c.off(ia.X), c.indexOf(ia.Index)
	size := c.m.types.of(elem(ia.Type())).Size()
	t := c.typeOf(ia.X)
	unsigned := c.unsignedWord(ia.Index)
	if t.Kind() == reflect.Slice {
		return func(fp P) P {
			i := index(fp)
			s := (*native.Slice)(unsafe.Add(fp, x))
			if uint(i) >= uint(s.Len) {
				rangePanic(i, s.Len, unsigned)
			}
			return unsafe.Add(s.Data, uintptr(i)*size)
		}
	}
	n := t.Elem().Len()
	return func(fp P) P {
		i := index(fp)
		p := load[P](fp, x)
		if p == nil {
			nilPanic()
		}
		if uint(i) >= uint(n) {
			rangePanic(i, n, unsigned)
		}
		return unsafe.Add(p, uintptr(i)*size)
	}
}

// unsignedWord reports whether an index is an unsigned integer that may not fit an int.
func (c *compiler) unsignedWord(v ssa.Value) bool {
	k := c.typeOf(v).Kind()
	return k == reflect.Uint || k == reflect.Uint64 || k == reflect.Uintptr
}

func rangePanic(i, n int, unsigned bool) {
	if unsigned {
		_ = unsafe.Slice((*struct{})(P(&zero)), n)[uint(i)]
	}
	indexPanic(i, n)
}

// access compiles the load or store use together with the address a that it goes to.
func (c *compiler) access(a, use ssa.Instruction) op {
	if u, ok := use.(*ssa.UnOp); ok {
		d := c.off(u)
		switch moveKindOf(c.typeOf(u)) {
		case move1:
			return loadFrom[uint8](c, a, d)
		case move4:
			return loadFrom[uint32](c, a, d)
		case move8:
			return loadFrom[uint64](c, a, d)
		case movePointer:
			return loadFrom[P](c, a, d)
		case moveString:
			return loadFrom[string](c, a, d)
		case moveSlice:
			return loadFrom[[]byte](c, a, d)
		}
		return nil
	}
	s := use.(*ssa.Store)
	if blankField(s.Addr) {
		return func(P) {}
	}
	v := c.off(s.Val)
	switch moveKindOf(c.typeOf(s.Val)) {
	case move1:
		return storeTo[uint8](c, a, v)
	case move4:
		return storeTo[uint32](c, a, v)
	case move8:
		return storeTo[uint64](c, a, v)
	case movePointer:
		return storeTo[P](c, a, v)
	case moveString:
		return storeTo[string](c, a, v)
	}
	return nil
}

// plainIndex reports whether in indexes a slice with an int.
func (c *compiler) plainIndex(in *ssa.IndexAddr) bool {
	k := c.typeOf(in.Index).Kind()
	return c.typeOf(in.X).Kind() == reflect.Slice && (k == reflect.Int || k == reflect.Int64)
}

func loadFrom[T any](c *compiler, a ssa.Instruction, d uintptr) op {
	switch in := a.(type) {
	case *ssa.FieldAddr:
		x, off := c.off(in.X), c.fieldOff(elem(in.X.Type()), in.Field)
		return func(fp P) {
			p := load[P](fp, x)
			if p == nil {
				nilPanic()
			}
			store(fp, d, load[T](p, off))
		}
	case *ssa.IndexAddr:
		if c.plainIndex(in) {
			x, i := c.off(in.X), c.off(in.Index)
			return func(fp P) { store(fp, d, load[[]T](fp, x)[load[int](fp, i)]) }
		}
	}
	address := c.address(a)
	return func(fp P) { store(fp, d, *(*T)(address(fp))) }
}

func storeTo[T any](c *compiler, a ssa.Instruction, v uintptr) op {
	switch in := a.(type) {
	case *ssa.FieldAddr:
		x, off := c.off(in.X), c.fieldOff(elem(in.X.Type()), in.Field)
		return func(fp P) {
			p := load[P](fp, x)
			if p == nil {
				nilPanic()
			}
			store(p, off, load[T](fp, v))
		}
	case *ssa.IndexAddr:
		if c.plainIndex(in) {
			x, i := c.off(in.X), c.off(in.Index)
			return func(fp P) { load[[]T](fp, x)[load[int](fp, i)] = load[T](fp, v) }
		}
	}
	address := c.address(a)
	return func(fp P) { *(*T)(address(fp)) = load[T](fp, v) }
}

// index compiles x[i] of a string or an array value.
func (c *compiler) index(in *ssa.Index) op {
	d, x, index := c.off(in), c.off(in.X), c.indexOf(in.Index)
	unsigned := c.unsignedWord(in.Index)
	if c.typeOf(in.X).Kind() == reflect.String {
		return indexString(d, x, index, unsigned)
	}
	t := c.typeOf(in)
	n, k, r := c.typeOf(in.X).Len(), moveKindOf(t), native.Of(t)
	return func(fp P) {
		i := index(fp)
		if uint(i) >= uint(n) {
			rangePanic(i, n, unsigned)
		}
		k.copy(r, unsafe.Add(fp, d), unsafe.Add(fp, x+uintptr(i)*r.Size))
	}
}

func indexString(d, x uintptr, index func(P) int, unsigned bool) op {
	return func(fp P) {
		s, i := load[string](fp, x), index(fp)
		if uint(i) >= uint(len(s)) {
			rangePanic(i, len(s), unsigned)
		}
		store(fp, d, s[i])
	}
}

// arrayPointer compiles the conversion of a slice to a pointer to an array.
func (c *compiler) arrayPointer(in *ssa.SliceToArrayPointer) op {
	d, x, n := c.off(in), c.off(in.X), c.typeOf(in).Elem().Len()
	return func(fp P) {
		s := (*native.Slice)(unsafe.Add(fp, x))
		if s.Len < n {
			native.BoundsPanic(int64(n), s.Len, true, func() { var z []int; _ = (*[1]int)(z) })
		}
		store(fp, d, s.Data)
	}
}
