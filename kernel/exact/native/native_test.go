package native_test

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/lathe-ml/lathe/kernel/exact/native"
)

func TestThisRuntimeIsTheOneThatIsKnown(t *testing.T) {
	if err := native.Check(); err != nil {
		t.Error(err)
	}
}

// Compiled code may return any of the common shapes; each word arrives where it belongs.
func TestResultsOfCompiledFunctionsArriveWhole(t *testing.T) {
	type wide struct {
		A, B, C, D, E, F, G, H string // too much for registers
	}
	for _, f := range []any{
		func() ([]byte, error) { return []byte("ab"), nil },
		func() (int, error) { return -1, fmt.Errorf("e") },
		func() (a, b, c, d, e, f, g, h, i int) { return 1, 2, 3, 4, 5, 6, 7, 8, 9 },
		func() (x float32, y complex128, z string) { return 1.5, 2 + 3i, "z" },
		func() wide { return wide{"a", "b", "c", "d", "e", "f", "g", "h"} },
		func() (bool, uint8, int16, map[string]int) { return true, 200, -5, map[string]int{"a": 1} },
		func() [1]string { return [1]string{"one"} },
		func() [2]int { return [2]int{1, 2} },
		func() struct {
			X int8
			Y *int
		} {
			return struct {
				X int8
				Y *int
			}{3, nil}
		},
	} {
		v := reflect.ValueOf(f)
		want := v.Call(nil)
		var types []*native.Type
		var offs []uintptr
		size := uintptr(0)
		for i := range v.Type().NumOut() {
			o := native.Of(v.Type().Out(i))
			types, offs = append(types, o), append(offs, size)
			size += (o.Size + 7) &^ 7
		}
		frame := native.New(native.NewFrame(types, offs, size))
		plan := native.NewPlan(v.Type(), false, nil, offs)
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		fn := *(*native.P)(p.UnsafePointer())
		if plan.Direct() {
			plan.Call(fn, frame)
		} else {
			plan.CallSlow(fn, frame)
		}
		for i, w := range want {
			got := reflect.NewAt(w.Type(), unsafe.Add(frame, offs[i])).Elem()
			if fmt.Sprint(got) != fmt.Sprint(w) {
				t.Errorf("%v: result %d is %v, want %v", v.Type(), i, got, w)
			}
		}
	}
}
