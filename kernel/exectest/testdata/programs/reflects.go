package main

import (
	"fmt"
	"reflect"
)

func main() {
	type T struct {
		A int `k:"v"`
		B string
	}
	fmt.Println(reflect.DeepEqual([]int{1}, []int{1}), reflect.DeepEqual(map[string][]int{"a": {1}}, map[string][]int{"a": {2}}))
	fmt.Println(reflect.DeepEqual(T{1, "x"}, T{1, "x"}), reflect.TypeOf(3).Kind(), reflect.ValueOf([]int{1, 2}).Len())
}
