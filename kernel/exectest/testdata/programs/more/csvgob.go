package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
)

type Pt struct {
	X, Y int
	Name string
	L    []float64
	M    map[string]int
	P    *int
}
type Inner struct{ A string }
type Outer struct {
	I  Inner
	Is []Inner
	T  [2]int
}

func main() {
	r := csv.NewReader(strings.NewReader("a,b,c\n1,\"x,y\",\"q\"\"q\"\n# c\n\n4,5,6\n"))
	r.Comment = '#'
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		l, c := r.FieldPos(0)
		fmt.Printf("%q %v %d %d\n", rec, err, l, c)
	}
	_, err := csv.NewReader(strings.NewReader("a,b\n1\n")).ReadAll()
	fmt.Println(err)
	_, err = csv.NewReader(strings.NewReader("a,\"b\n")).ReadAll()
	fmt.Println(err)
	r2 := csv.NewReader(strings.NewReader("a;b\n1\n"))
	r2.Comma = ';'
	r2.FieldsPerRecord = -1
	all, err := r2.ReadAll()
	fmt.Println(all, err)
	w := csv.NewWriter(os.Stdout)
	w.Write([]string{"a b", "c,d", "e\"f", "", "g\nh"})
	w.WriteAll([][]string{{"1"}, {"2"}})
	w.Flush()
	fmt.Println(w.Error())
	var buf bytes.Buffer
	n := 5
	e := gob.NewEncoder(&buf)
	fmt.Println(e.Encode(Pt{1, 2, "n", []float64{1.5}, map[string]int{"a": 1}, &n}), e.Encode(Pt{X: 9}))
	d := gob.NewDecoder(&buf)
	var p, q Pt
	fmt.Println(d.Decode(&p), d.Decode(&q), p.X, p.Name, p.L, p.M, *p.P, q.X, q.P, d.Decode(&q))
	var b2 bytes.Buffer
	gob.NewEncoder(&b2).Encode(Outer{Inner{"a"}, []Inner{{"b"}}, [2]int{1, 2}})
	var o Outer
	fmt.Println(gob.NewDecoder(&b2).Decode(&o), o)
	fmt.Println(hex.EncodeToString([]byte("hi")), base64.StdEncoding.EncodeToString([]byte("hello?")), base64.RawURLEncoding.EncodeToString([]byte{0xfb, 0xff}))
	_, err = hex.DecodeString("zz")
	fmt.Println(err)
	_, err = base64.StdEncoding.DecodeString("a")
	fmt.Println(err)
	bs := make([]byte, 8)
	binary.BigEndian.PutUint32(bs, 0xdeadbeef)
	binary.LittleEndian.PutUint16(bs[4:], 1)
	fmt.Println(bs, binary.BigEndian.Uint64(bs))
	type H struct {
		A uint16
		B int32
		C [2]uint8
	}
	var b3 bytes.Buffer
	binary.Write(&b3, binary.LittleEndian, H{1, -2, [2]uint8{3, 4}})
	fmt.Println(b3.Bytes())
	var h H
	binary.Read(&b3, binary.LittleEndian, &h)
	fmt.Println(h, binary.Size(h))
	fmt.Println(binary.AppendUvarint(nil, 300), hex.Dump([]byte("abc")))
}
