package main

import (
	"fmt"
	"reflect"
)

type S struct {
	A int
	B string
}
type P struct {
	a int
	S
}
type N int

func try(n string, f func()) { fmt.Println("--", n); f() }
func main() {
	try("name", func() {
		fmt.Println(reflect.TypeOf(S{}).Name(), reflect.TypeOf(&P{}).Elem().Name(), reflect.TypeOf(3).Name())
	})
	try("string", func() {
		fmt.Println(reflect.TypeOf(S{}).String(), reflect.TypeOf([]P{}).String(), reflect.TypeOf(map[string]*S{}))
	})
	try("kind", func() {
		fmt.Println(reflect.TypeOf(S{}).Kind(), reflect.ValueOf(&P{}).Kind(), reflect.TypeOf(S{}).NumField())
	})
	try("field", func() { fmt.Println(reflect.ValueOf(S{1, "b"}).Field(1)) })
	try("type", func() { fmt.Println(reflect.TypeOf(S{}), reflect.TypeOf(P{})) })
	try("value", func() { fmt.Printf("%+v\n", reflect.ValueOf(P{a: 1})) })
	try("deep", func() {
		var x any = N(3)
		fmt.Println(reflect.DeepEqual(x, N(3)), reflect.DeepEqual(3, N(3)), reflect.DeepEqual([]N{1}, []N{1}), reflect.DeepEqual([]N{1}, []int{1}), reflect.DeepEqual(S{1, "a"}, S{1, "a"}), reflect.DeepEqual(&P{a: 1}, &P{a: 1}), reflect.DeepEqual(map[N]S{1: {}}, map[N]S{1: {}}))
	})
	try("eq", func() {
		fmt.Println(reflect.TypeOf(S{}) == reflect.TypeOf(S{}), reflect.TypeOf(S{}) == reflect.TypeOf(P{}))
	})

}
