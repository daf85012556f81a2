package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

type In struct {
	A int `json:"a,omitempty"`
	B []string
	C map[string]float64 `json:"c"`
	D *int
	E any
	f int
	G bool   `json:"-"`
	H string `json:",omitempty"`
}

func main() {
	b, err := json.Marshal(In{B: []string{"x<y"}, C: map[string]float64{"z": 1.5, "a": 2}, E: []any{1, "s", nil}})
	fmt.Println(string(b), err)
	var in In
	err = json.Unmarshal([]byte(`{"a":5,"B":["q"],"c":{"k":1e3},"D":7,"E":{"n":[1,2,{"x":null}]},"h":"HH","zz":1}`), &in)
	fmt.Println(in.A, in.B, in.C, *in.D, in.E, in.H, err)
	var x any
	dec := json.NewDecoder(strings.NewReader(`{"n": 12345678901234567890} [1] "s"`))
	dec.UseNumber()
	for dec.More() {
		if err := dec.Decode(&x); err != nil {
			break
		}
		fmt.Printf("%v %T\n", x, x)
	}
	err = json.Unmarshal([]byte(`{bad`), &in)
	fmt.Println(err)
	o, _ := json.MarshalIndent(map[string]any{"b": []int{1}, "a": nil}, "", "  ")
	fmt.Println(string(o))
}
