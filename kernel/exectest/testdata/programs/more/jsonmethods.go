package main

import (
	"encoding/json"
	"fmt"
	"time"
)

type Color int

func (c Color) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("#%02x", int(c))), nil }
func (c *Color) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "#%x", (*int)(c))
	return err
}

type Dur struct{ time.Duration }

func (d Dur) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }
func (d *Dur) UnmarshalJSON(b []byte) (err error) {
	var s string
	if err = json.Unmarshal(b, &s); err != nil {
		return
	}
	d.Duration, err = time.ParseDuration(s)
	return
}

type (
	Base struct {
		ID   int
		Name string
	}
	Full struct {
		Base
		Name string `json:"name"`
		C    Color
		Cs   map[Color]int
		D    Dur
		*Opt
	}
	Opt struct{ O int }
)

func main() {
	f := Full{Base{1, "base"}, "full", 255, map[Color]int{1: 2}, Dur{time.Minute}, nil}
	b, err := json.Marshal(f)
	fmt.Println(string(b), err)
	var g Full
	err = json.Unmarshal([]byte(`{"ID":4,"Name":"N","name":"n","C":"#10","Cs":{"#02":9},"D":"3s","O":6}`), &g)
	fmt.Println(g.ID, g.Base.Name, g.Name, g.C, g.Cs, g.D, g.Opt, err)
}
