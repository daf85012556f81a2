package main

import (
	"fmt"
)

type Logger struct{ prefix string }

func (l Logger) Log(s string)  { fmt.Println(l.prefix + s) }
func (l *Logger) Set(s string) { l.prefix = s }

type Base struct{ *Logger }

func (b Base) Hello() { b.Log("hello") }

type Service struct {
	Base
	name string
}

func (s Service) Log(x string) { s.Base.Log(s.name + ":" + x) }

type Doer interface{ Log(string) }
type Named interface {
	Doer
	Hello()
}

func main() {
	s := Service{Base{&Logger{"> "}}, "svc"}
	s.Log("a")
	s.Hello()
	s.Set("# ")
	s.Log("b")
	var d Doer = s
	d.Log("c")
	var n Named = s
	n.Hello()
	f := s.Log
	s.Set("! ")
	f("d")
}
