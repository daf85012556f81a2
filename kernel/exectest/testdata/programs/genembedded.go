package main

import "fmt"

type Base[T any] struct{ V T }

func (b *Base[T]) Set(v T) { b.V = v }
func (b Base[T]) Get() T   { return b.V }

type (
	D struct {
		Base[int]
		*Base2[string]
	}
	Base2[T any] struct{ W T }
)

func (b *Base2[T]) Put(w T) { b.W = w }
func main() {
	d := D{Base2: &Base2[string]{}}
	d.Set(3)
	d.Put("w")
	fmt.Println(d.Get(), d.W, d.V)
	fmt.Printf("%T %v\n", d.Base, d.Base)
}
