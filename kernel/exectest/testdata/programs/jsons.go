package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

type Addr struct {
	Street string `json:"street"`
	Zip    *int   `json:"zip,omitempty"`
}
type Person struct {
	Name   string         `json:"name"`
	Age    int            `json:"age,omitempty"`
	Addr   Addr           `json:"addr"`
	Tags   []string       `json:"tags"`
	Meta   map[string]any `json:"meta,omitempty"`
	secret string
	Skip   int `json:"-"`
	E      Emb
}
type Emb struct{ E1 int }
type Temp float64

type R struct{ T Temp }
type Lvl int
type X struct {
	L  Lvl
	Ls []Lvl
}

func main() {
	z := 123
	p := Person{Name: "A", Addr: Addr{"s", &z}, secret: "no", Meta: map[string]any{"k": 1.5}, E: Emb{9}}
	b, err := json.Marshal(p)
	fmt.Println(string(b), err)
	var q Person
	err = json.Unmarshal(b, &q)
	fmt.Println(q.Name, *q.Addr.Zip, q.Meta, q.E.E1, q.Tags == nil, err)
	b, _ = json.MarshalIndent(map[string]any{"a": []int{1}, "b": nil, "p": Addr{"x", nil}}, "", " ")
	fmt.Println(string(b))
	var v any
	json.Unmarshal([]byte(`{"a":[1,"x",null,true,{"b":2}]}`), &v)
	fmt.Println(v, v.(map[string]any)["a"].([]any)[0].(float64))
	err = json.Unmarshal([]byte(`{bad`), &q)
	fmt.Println(err)
	dec := json.NewDecoder(strings.NewReader(`{"name":"x"} {"name":"y"}`))
	for dec.More() {
		var r struct{ Name string }
		if err := dec.Decode(&r); err != nil {
			break
		}
		fmt.Print(r.Name, " ")
	}
	b, _ = json.Marshal(X{1, []Lvl{2, 3}})
	fmt.Println(string(b))
	var x X
	fmt.Println(json.Unmarshal([]byte(`{"L":4,"Ls":[5]}`), &x), x)
	b, _ = json.Marshal([]Addr{{"a", nil}, {"b", nil}})
	var as []Addr
	json.Unmarshal(b, &as)
	fmt.Println(string(b), len(as), as[1].Street)
	b, err = json.Marshal(Temp(3))
	fmt.Println(string(b), err)
	b, err = json.Marshal(R{Temp(36.6)})
	fmt.Println(string(b), err)
}
