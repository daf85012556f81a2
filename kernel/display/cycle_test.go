package display

import (
	"errors"
	"strings"
	"testing"
)

func TestAValueThatContainsItselfIsSaidToDoSo(t *testing.T) {
	m := map[string]any{}
	m["x"] = m
	s := []any{nil, nil}
	s[0], s[1] = s, s
	type node struct{ next any }
	n := &node{}
	n.next = []any{*n}
	inner := node{}
	loop := []any{nil}
	inner.next = loop
	loop[0] = inner
	for _, v := range []any{m, s, &m, inner, struct{ A []any }{s}} {
		if got, _ := Of(v).MIME["text/plain"].(string); !strings.Contains(got, "contains itself") {
			t.Errorf("%T: %.60q", v, got)
		}
	}
	deep := any(1)
	for range 50 {
		deep = []any{deep}
	}
	for _, v := range []any{deep, n, map[string]int{"a": 1}, []error{errors.New("x")}, make([]int, 10), (*node)(nil), [][]float64{{1}}} {
		if got, _ := Of(v).MIME["text/plain"].(string); strings.Contains(got, "contains itself") {
			t.Errorf("%T: %.60q", v, got)
		}
	}
}
