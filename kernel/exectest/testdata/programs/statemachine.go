package main

import (
	"fmt"
)

type State int

const (
	Idle State = iota
	Running
	Done
)

var names = map[State]string{Idle: "idle", Running: "running", Done: "done"}

func (s State) String() string { return names[s] }

type Machine struct {
	state State
	hooks map[State][]func(from, to State)
}

func (m *Machine) On(s State, f func(from, to State)) *Machine {
	if m.hooks == nil {
		m.hooks = make(map[State][]func(from, to State))
	}
	m.hooks[s] = append(m.hooks[s], f)
	return m
}
func (m *Machine) To(s State) {
	old := m.state
	m.state = s
	for _, h := range m.hooks[s] {
		h(old, s)
	}
}

func main() {
	m := new(Machine)
	m.On(Running, func(f, t State) { fmt.Println(f, "->", t) }).On(Done, func(f, t State) { fmt.Printf("%v => %d\n", f, t) })
	m.To(Running)
	m.To(Done)
	fmt.Println(m.state, names[Idle], len(m.hooks))
}
