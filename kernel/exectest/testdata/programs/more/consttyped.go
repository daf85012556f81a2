package main

import "fmt"

type Bits uint8

const (
	F0 Bits = 1 << iota
	F1
	F2
)

func (b Bits) Has(f Bits) bool { return b&f != 0 }
func (b *Bits) Set(f Bits)     { *b |= f }
func (b *Bits) Clear(f Bits)   { *b &^= f }

const (
	name, size       = "n", 3
	typed      int64 = 5
)

func main() {
	var b Bits
	b.Set(F0)
	b.Set(F2)
	fmt.Println(b, b.Has(F1), b.Has(F2))
	b.Clear(F0)
	fmt.Printf("%03b %v %T\n", b, F1|F2, F0)
	var a [size]int
	fmt.Println(len(a), name+"x", typed*2)
	const local = typed << 2
	fmt.Printf("%T %v\n", local, local)
	var f32 float32 = 1 << 3
	var r rune = 'a' + 1
	fmt.Println(f32/3, r, string(r), 'a', "a"[0])
}
