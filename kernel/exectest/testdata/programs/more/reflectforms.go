package main

import (
	"fmt"
	"reflect"
)

type T struct {
	A int `k:"v" json:"x"`
	B string
	c bool
}

func (t T) Hello(n string) string { return "hello " + n }
func (t *T) Set(n int)            { t.A = n }

type E int
type Rec struct {
	Next *Rec
	V    int
}

func main() {
	t := reflect.TypeOf(T{})
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Println(f.Name, f.Type, f.Tag.Get("json"), f.IsExported(), f.Index)
	}
	fmt.Println(t, t.Name(), t.NumMethod(), reflect.TypeOf(&T{}).NumMethod(), t.Method(0).Name, t.Size() > 0, t.PkgPath())
	m := reflect.ValueOf(T{}).MethodByName("Hello").Call([]reflect.Value{reflect.ValueOf("bob")})
	fmt.Println(m[0])
	v := reflect.ValueOf(&T{}).Elem()
	v.Field(0).SetInt(4)
	v.FieldByName("B").SetString("b")
	fmt.Println(v.Interface(), v.Field(2).CanSet())
	fmt.Println(reflect.TypeOf(E(1)), reflect.TypeOf(E(1)).Kind(), reflect.ValueOf(E(2)).Int(), reflect.TypeOf(Rec{}).Field(0).Type.Elem() == reflect.TypeOf(Rec{}))
	st := reflect.New(reflect.TypeOf(T{}))
	st.MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(8)})
	fmt.Printf("%+v\n", st.Elem().Interface())
	fmt.Println(reflect.TypeFor[map[string]E](), reflect.TypeOf((*error)(nil)).Elem(), reflect.TypeOf(T.Hello))
	mv := reflect.ValueOf(map[string]E{"b": 2, "a": 1})
	it := mv.MapRange()
	n := 0
	for it.Next() {
		n += int(it.Value().Int())
	}
	fmt.Println(n, mv.MapIndex(reflect.ValueOf("a")))
	s := reflect.StructOf([]reflect.StructField{{Name: "Q", Type: reflect.TypeOf(1), Tag: `json:"q"`}})
	fmt.Println(s, reflect.New(s).Elem().NumField())
	f := reflect.MakeFunc(reflect.TypeOf(func(int) int { return 0 }), func(a []reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf(int(a[0].Int() * 2))} }).Interface().(func(int) int)
	fmt.Println(f(21))
	c := make(chan int, 1)
	i, _, _ := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectSend, Chan: reflect.ValueOf(c), Send: reflect.ValueOf(5)}})
	fmt.Println(i, <-c)
}
