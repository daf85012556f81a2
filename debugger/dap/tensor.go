package dap

import (
	"encoding/json"
	"errors"
	"fmt"
)

var errNoTensors = errors.New("this kernel knows no tensors")

// subject is the value that a request is about.
type subject struct {
	Expression string `json:"expression"`
	Frame      int    `json:"frameId"`
	Number     int    `json:"id"`
}

// about calls f with the value that a request names.
func (s *Session) about(a subject, f func(v any) (any, error)) (body any, err error) {
	if s.view == nil {
		return nil, errNoTensors
	}
	e := s.t.With(a.Frame, a.Expression, func(v any) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%v", r)
			}
		}()
		body, err = f(v)
	})
	if e != nil {
		return nil, e
	}
	return body, err
}

func (s *Session) tensor(args json.RawMessage) (any, error) {
	return with(func(s *Session, a subject) (any, error) {
		return s.about(a, func(v any) (any, error) { return s.view.View(v, args) })
	})(s, args)
}

func (s *Session) tape(args json.RawMessage) (any, error) {
	return with(func(s *Session, a subject) (any, error) {
		return s.about(a, func(v any) (any, error) { return s.view.Tape(v, args) })
	})(s, args)
}

// gradient sets a breakpoint on the gradient of a tensor or module.
func (s *Session) gradient(a subject) (any, error) {
	return s.about(a, func(v any) (any, error) {
		id := s.t.Number()
		n, err := s.view.Hook(v, id, a.Expression)
		return map[string]int{"id": id, "tensors": n}, err
	})
}

func (s *Session) clearGradient(a subject) (any, error) {
	if s.view == nil {
		return nil, errNoTensors
	}
	s.view.Unhook(a.Number)
	return nil, nil
}
