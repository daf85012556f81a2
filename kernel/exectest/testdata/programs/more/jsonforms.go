package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type Addr struct {
	Street string `json:"street"`
	Zip    *int   `json:"zip,omitempty"`
}
type Person struct {
	Name   string   `json:"name"`
	Age    int      `json:"age,omitempty"`
	Emails []string `json:"emails"`
	Addr   Addr     `json:"addr"`
	priv   int
	Skip   string  `json:"-"`
	F      float64 `json:"f,string"`
	Any    any
	M      map[string]int `json:"m,omitzero"`
	B      []byte
	Raw    json.RawMessage `json:",omitempty"`
}

func main() {
	z := 123
	p := Person{Name: "A<b>", Emails: nil, Addr: Addr{"s", &z}, priv: 1, Skip: "x", F: 1.5, Any: []any{1, "a", nil, true}, B: []byte("hi")}
	b, err := json.Marshal(p)
	fmt.Println(string(b), err)
	b, _ = json.MarshalIndent(map[string]any{"z": 1, "a": []int{1, 2}, "e": map[string]any{}, "n": nil, "f": 1e21, "g": 0.1}, ">", "  ")
	fmt.Println(string(b))
	var q Person
	err = json.Unmarshal([]byte(`{"NAME":"bob","age":3,"emails":["x"],"addr":{"street":"q","zip":5},"f":"2.5","Any":{"k":[1,2.5,"s",null]},"m":{"a":1},"B":"aGk=","Raw":{"x":1}, "extra":1}`), &q)
	fmt.Println(q.Name, q.Age, q.Emails, *q.Addr.Zip, q.F, q.Any, q.M, string(q.B), string(q.Raw), err)
	for _, s := range []string{`{"name":1}`, `{"name":"a"`, `[1]`, `{"age":"x"}`, `{"age":1.5}`, ``, `{"age":999999999999999999999}`} {
		var r Person
		err := json.Unmarshal([]byte(s), &r)
		fmt.Printf("%v|%T\n", err, err)
	}
	var v any
	json.Unmarshal([]byte(`{"a":[1,{"b":null}],"c":"\u00e9\n"}`), &v)
	fmt.Println(v, v.(map[string]any)["a"].([]any)[0].(float64))
	dec := json.NewDecoder(strings.NewReader(`{"a":1} {"a":2} [3]`))
	dec.UseNumber()
	for dec.More() {
		var x any
		if err := dec.Decode(&x); err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%v %T;", x, x)
	}
	fmt.Println()
	d2 := json.NewDecoder(strings.NewReader(`{"name":"x","bogus":1}`))
	d2.DisallowUnknownFields()
	fmt.Println(d2.Decode(&q))
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	enc.Encode(map[int]string{2: "<b>", 1: "a"})
	var arr [3]int
	json.Unmarshal([]byte(`[1,2,3,4]`), &arr)
	fmt.Println(arr)
	var sl = []int{9, 9, 9}
	json.Unmarshal([]byte(`[1]`), &sl)
	fmt.Println(sl)
	var mp = map[string]*Addr{"k": {Street: "old"}}
	json.Unmarshal([]byte(`{"k":{"zip":7},"n":null}`), &mp)
	fmt.Println(mp["k"].Street, *mp["k"].Zip, mp["n"])
	_, err = json.Marshal(map[string]any{"f": func() {}})
	fmt.Println(err)
	_, err = json.Marshal(make(chan int))
	fmt.Println(err)
	var buf bytes.Buffer
	json.Compact(&buf, []byte(`{ "a" : [ 1 , 2 ] }`))
	json.HTMLEscape(&buf, []byte(`"<"`))
	fmt.Println(buf.String(), json.Valid([]byte("{}")))
	dt := json.NewDecoder(strings.NewReader(`{"a":[true,null]}`))
	for {
		t, err := dt.Token()
		if err != nil {
			break
		}
		fmt.Printf("%T:%v ", t, t)
	}
	fmt.Println()
	type T struct{ A, B int }
	var ts []T
	json.Unmarshal([]byte(`[{"A":1},{"B":2}]`), &ts)
	fmt.Printf("%+v\n", ts)
	b, _ = json.Marshal([]any{int8(1), uint64(1 << 63), 1.0, float32(0.1), "é\u2028", [2]bool{true}, struct{}{}, (*int)(nil)})
	fmt.Println(string(b))
}
