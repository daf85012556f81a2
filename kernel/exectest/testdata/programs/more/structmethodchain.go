package main

import "fmt"

type B struct {
	parts []string
	err   error
}

func (b *B) Add(s string) *B {
	if b.err != nil {
		return b
	}
	if s == "" {
		b.err = fmt.Errorf("empty")
		return b
	}
	b.parts = append(b.parts, s)
	return b
}
func (b B) Build() ([]string, error) { return b.parts, b.err }

type Temp float64

func (t Temp) F() Temp         { return t*9/5 + 32 }
func (t *Temp) Heat(d float64) { *t += Temp(d) }
func main() {
	fmt.Println(new(B).Add("a").Add("b").Build())
	fmt.Println((&B{}).Add("a").Add("").Add("c").Build())
	t := Temp(20)
	t.Heat(5.5)
	fmt.Println(t, t.F(), Temp(100).F())
	ts := []Temp{1, 2}
	ts[0].Heat(10)
	for i := range ts {
		ts[i].Heat(1)
	}
	fmt.Println(ts)
	mp := map[string]*Temp{"a": &t}
	mp["a"].Heat(1)
	fmt.Println(t)
	st := struct{ T Temp }{5}
	st.T.Heat(1)
	fmt.Println(st)
}
