package main

import (
	"encoding/json"
	"fmt"
)

type (
	Tree struct {
		Val  int   `json:"v"`
		L, R *Tree `json:",omitempty"`
	}
	Opt struct {
		A *int    `json:"a"`
		B *string `json:"b,omitempty"`
		C []int   `json:"c"`
		D map[string]int
		E json.RawMessage
		F [2]bool
		G float64 `json:"g,string"`
		H any
		I byte
		J []byte
	}
)

func main() {
	var t Tree
	fmt.Println(json.Unmarshal([]byte(`{"v":1,"L":{"v":2,"R":{"v":3}}}`), &t))
	b, _ := json.Marshal(t)
	fmt.Println(string(b), t.L.R.Val)
	b, e := json.Marshal(Opt{E: json.RawMessage(`{"x":1}`), J: []byte("hi")})
	fmt.Println(string(b), e)
	var o Opt
	fmt.Println(json.Unmarshal([]byte(`{"g":"1.5","J":"aGk=","H":[1,{"a":null}],"F":[true],"C":null}`), &o), o.G, string(o.J), o.H, o.F, o.C == nil)
	_, err := json.Marshal(map[string]any{"f": func() {}})
	fmt.Println(err)
	_, err = json.Marshal(make(chan int))
	fmt.Println(err)
	var x struct {
		A int
		a int
	}
	fmt.Println(json.Unmarshal([]byte(`{"a": 3.5}`), &x))
}
