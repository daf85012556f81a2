package exact

import (
	"fmt"
	"go/types"
	"reflect"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

// lookup compiles m[k] and s[i].
func (c *compiler) lookup(in *ssa.Lookup) op {
	d, x := c.off(in), c.off(in.X)
	t := c.typeOf(in.X)
	if t.Kind() == reflect.String {
		return indexString(d, x, c.indexOf(in.Index), c.unsignedWord(in.Index))
	}
	key := c.off(in.Index)
	mt, k, r := native.Of(t), moveKindOf(t.Elem()), native.Of(t.Elem())
	if !in.CommaOk {
		return func(fp P) {
			if p, ok := native.MapGet(mt, load[P](fp, x), unsafe.Add(fp, key)); ok {
				k.copy(r, unsafe.Add(fp, d), p)
			} else {
				native.Clear(r, unsafe.Add(fp, d))
			}
		}
	}
	okAt := d + c.typeOf(in).Field(1).Offset
	return func(fp P) {
		p, ok := native.MapGet(mt, load[P](fp, x), unsafe.Add(fp, key))
		if ok {
			k.copy(r, unsafe.Add(fp, d), p)
		} else {
			native.Clear(r, unsafe.Add(fp, d))
		}
		store(fp, okAt, ok)
	}
}

func (c *compiler) mapUpdate(in *ssa.MapUpdate) op {
	x, key, v := c.off(in.Map), c.off(in.Key), c.off(in.Value)
	t := c.typeOf(in.Map)
	mt, k, r := native.Of(t), moveKindOf(t.Elem()), native.Of(t.Elem())
	return func(fp P) {
		k.copy(r, native.MapSet(mt, load[P](fp, x), unsafe.Add(fp, key)), unsafe.Add(fp, v))
	}
}

func (c *compiler) makeMap(in *ssa.MakeMap) op {
	d, t := c.off(in), c.typeOf(in)
	reserve := func(P) int { return 0 }
	if in.Reserve != nil {
		reserve = c.indexOf(in.Reserve)
	}
	return func(fp P) {
		n := reserve(fp)
		if n < 0 || n > 1<<24 { // only a hint
			n = 0
		}
		store(fp, d, reflect.MakeMapWithSize(t, n).UnsafePointer())
	}
}

func (c *compiler) makeChan(in *ssa.MakeChan) op {
	d, t, size := c.off(in), c.typeOf(in), c.indexOf(in.Size)
	if t.ChanDir() != reflect.BothDir {
		t = reflect.ChanOf(reflect.BothDir, t.Elem())
	}
	return func(fp P) {
		n := size(fp)
		if n < 0 || n > 1<<40 {
			_ = make(chan int, n)
		}
		store(fp, d, reflect.MakeChan(t, n).UnsafePointer())
	}
}

func (c *compiler) makeSlice(in *ssa.MakeSlice) op {
	d, t := c.off(in), c.typeOf(in).Elem()
	length, capacity := c.indexOf(in.Len), c.indexOf(in.Cap)
	size, r := t.Size(), native.Of(t)
	negative := -1
	tooMany := func(n int) bool { return n < 0 || size > 0 && uintptr(n) > (1<<47)/size }
	limit := c.m.most / max(size, 1)
	return func(fp P) {
		n, m := length(fp), capacity(fp)
		if tooMany(n) {
			_ = make([]int, negative)
		}
		if m < n || tooMany(m) {
			_ = make([]int, 0, negative)
		}
		if uintptr(m) > limit {
			panic(fmt.Errorf("make: %d elements of %d bytes are more than the memory of this kernel, %d MB", m, size, c.m.most>>20))
		}
		*(*native.Slice)(unsafe.Add(fp, d)) = native.Slice{Data: native.NewArray(r, m), Len: n, Cap: m}
	}
}

// iterator is the state of a range over a string or a map.
type iterator struct {
	s string
	i int
	m *reflect.MapIter
}

func (c *compiler) rangeOver(in *ssa.Range) op {
	d, x, t := c.off(in), c.off(in.X), c.typeOf(in.X)
	if t.Kind() == reflect.String {
		return func(fp P) { store(fp, d, P(&iterator{s: load[string](fp, x)})) }
	}
	return func(fp P) {
		v := reflect.New(t)
		*(*P)(v.UnsafePointer()) = load[P](fp, x)
		store(fp, d, P(&iterator{m: v.Elem().MapRange()}))
	}
}

func (c *compiler) next(in *ssa.Next) op {
	d, x, t := c.off(in), c.off(in.Iter), c.typeOf(in)
	first, second := d+t.Field(1).Offset, d+t.Field(2).Offset
	tuple := in.Type().(*types.Tuple)
	wantFirst := tuple.At(1).Type() != types.Typ[types.Invalid]
	wantSecond := tuple.At(2).Type() != types.Typ[types.Invalid]
	if in.IsString {
		return func(fp P) {
			it := load[*iterator](fp, x)
			ok := it.i < len(it.s)
			store(fp, d, ok)
			if !ok {
				return
			}
			r, n := utf8.DecodeRuneInString(it.s[it.i:])
			if wantFirst {
				store(fp, first, it.i)
			}
			if wantSecond {
				store(fp, second, r)
			}
			it.i += n
		}
	}
	mt := c.typeOf(in.Iter.(*ssa.Range).X)
	return func(fp P) {
		it := load[*iterator](fp, x)
		ok := it.m.Next()
		store(fp, d, ok)
		if ok && wantFirst {
			at(mt.Key(), unsafe.Add(fp, first)).SetIterKey(it.m)
		}
		if ok && wantSecond {
			at(mt.Elem(), unsafe.Add(fp, second)).SetIterValue(it.m)
		}
	}
}

// receive compiles <-ch. What blocks ends when the run is stopped.
func (c *compiler) receive(in *ssa.UnOp) op {
	d, x := c.off(in), c.off(in.X)
	t := c.typeOf(in.X)
	okAt := uintptr(0)
	if in.CommaOk {
		okAt = d + c.typeOf(in).Field(1).Offset
	}
	recvType := reflect.ChanOf(reflect.RecvDir, t.Elem())
	return func(fp P) {
		ch := load[P](fp, x)
		selected, ok := native.TryReceive(ch, unsafe.Add(fp, d))
		if !selected {
			v := reflect.New(recvType)
			*(*P)(v.UnsafePointer()) = ch
			var got reflect.Value
			_, got, ok = wait(fp, []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: v.Elem()}})
			at(t.Elem(), unsafe.Add(fp, d)).Set(got)
		}
		if okAt != 0 {
			store(fp, okAt, ok)
		}
	}
}

func (c *compiler) send(in *ssa.Send) op {
	x, v, t := c.off(in.Chan), c.off(in.X), c.typeOf(in.Chan)
	return func(fp P) {
		ch := load[P](fp, x)
		if ch == nil || !native.TrySend(ch, unsafe.Add(fp, v)) {
			wait(fp, []reflect.SelectCase{{
				Dir: reflect.SelectSend, Chan: at(t, unsafe.Add(fp, x)), Send: at(t.Elem(), unsafe.Add(fp, v)),
			}})
		}
	}
}

// wait is reflect.Select, ended by a stop of the run.
func wait(fp P, cases []reflect.SelectCase) (int, reflect.Value, bool) {
	in := (*frame)(fp).g.in
	if in == nil || in.run == nil {
		return reflect.Select(cases)
	}
	cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(in.run.done)})
	i, v, ok := reflect.Select(cases)
	if i == len(cases)-1 {
		poll(in)
	}
	return i, v, ok
}

// choose compiles a select statement.
func (c *compiler) choose(in *ssa.Select) op {
	type state struct {
		ch, value uintptr
		t         reflect.Type
		send      bool
	}
	d, t := c.off(in), c.typeOf(in)
	var states []state
	results := 2
	for _, s := range in.States {
		k := state{ch: c.off(s.Chan), t: c.typeOf(s.Chan), send: s.Dir == types.SendOnly}
		if k.send {
			k.value = c.off(s.Send)
		} else {
			k.value = d + t.Field(results).Offset
			results++
		}
		states = append(states, k)
	}
	okAt, r := d+t.Field(1).Offset, native.Of(t)
	return func(fp P) {
		cases := make([]reflect.SelectCase, 0, len(states)+1)
		for _, k := range states {
			s := reflect.SelectCase{Chan: at(k.t, unsafe.Add(fp, k.ch)), Dir: reflect.SelectRecv}
			if k.send {
				s.Dir, s.Send = reflect.SelectSend, at(k.t.Elem(), unsafe.Add(fp, k.value))
			}
			cases = append(cases, s)
		}
		var i int
		var v reflect.Value
		var ok bool
		if in.Blocking {
			i, v, ok = wait(fp, cases)
		} else {
			i, v, ok = reflect.Select(append(cases, reflect.SelectCase{Dir: reflect.SelectDefault}))
		}
		native.Clear(r, unsafe.Add(fp, d))
		switch {
		case i == len(states):
			i = -1
		case !states[i].send:
			at(states[i].t.Elem(), unsafe.Add(fp, states[i].value)).Set(v)
		}
		store(fp, d, i)
		store(fp, okAt, ok)
	}
}
