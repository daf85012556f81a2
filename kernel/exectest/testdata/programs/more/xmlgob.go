package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"encoding/xml"
	"fmt"
)

type (
	P struct {
		XMLName xml.Name `xml:"person"`
		Name    string   `xml:"name,attr"`
		Age     int      `xml:"age"`
		Tags    []string `xml:"tags>tag"`
	}
	G struct {
		A int
		B []string
		C map[string]float64
		D *G
	}
	Hdr struct {
		M uint16
		N int32
		F float32
		A [2]uint8
	}
)

func main() {
	b, err := xml.MarshalIndent(P{Name: "bob", Age: 3, Tags: []string{"x", "y"}}, "", " ")
	fmt.Println(string(b), err)
	var p P
	fmt.Println(xml.Unmarshal(b, &p), p.Name, p.Tags)
	var buf bytes.Buffer
	err = gob.NewEncoder(&buf).Encode(G{1, []string{"a"}, map[string]float64{"k": 2}, &G{A: 5}})
	var g G
	fmt.Println(err, gob.NewDecoder(&buf).Decode(&g), g.A, g.B, g.C, g.D.A)
	var h bytes.Buffer
	binary.Write(&h, binary.LittleEndian, Hdr{1, -2, 1.5, [2]uint8{3, 4}})
	fmt.Println(h.Bytes())
	var hd Hdr
	binary.Read(&h, binary.LittleEndian, &hd)
	fmt.Println(hd, binary.Size(hd))
}
