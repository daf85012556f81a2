package sklearn

import (
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/lathe-ml/lathe/learn"
)

// class is a case's class of comparison.
type class string

// tolerance of a class: relative to the value, and to the largest value of the array.
func (c class) tolerance() (rel, scale float64) {
	switch c {
	case "exact":
		return 1e-9, 1e-12
	case "solver":
		return 1e-3, 1e-4
	case "sign":
		return 1e-5, 1e-6
	case "rtol", "perm", "exact up to ties":
		return 1e-6, 1e-9
	case "range 10%":
		return 0.1, 0.01
	}
	panic(unsupported("class of comparison " + string(c)))
}

// grid is a value flattened row by row; cols is the length of its last axis, 0 for a single value.
type grid struct {
	v    []float64
	s    []string
	cols int
}

// flatten reads numbers, texts, lists, matrices and what JSON holds.
func flatten(v any) grid {
	var g grid
	g.add(reflect.ValueOf(v), 0)
	return g
}

func (g *grid) add(v reflect.Value, depth int) {
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		g.v = append(g.v, math.NaN())
	case v.Type() == reflect.TypeFor[*learn.Matrix]():
		m := v.Interface().(*learn.Matrix)
		if m == nil {
			return
		}
		g.v = append(g.v, m.Data[:m.Rows*m.Cols]...)
		g.cols = m.Cols
	case v.Type() == reflect.TypeFor[*learn.CSR]():
		g.add(reflect.ValueOf(v.Interface().(*learn.CSR).Dense()), depth)
	case v.Type() == reflect.TypeFor[*learn.Frame]():
		f := v.Interface().(*learn.Frame)
		rows, cols := f.Dims()
		for i := range rows {
			for _, c := range f.Columns {
				if c.Numbers != nil {
					g.v = append(g.v, c.Numbers[i])
				} else {
					g.text(c.Texts[i])
				}
			}
		}
		g.cols = cols
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			g.add(v.Index(i), depth+1)
		}
		if depth > 0 || g.cols == 0 {
			if n := v.Len(); n > 0 && !isList(v.Index(0)) {
				g.cols = n
			}
		}
	case v.CanFloat():
		g.v = append(g.v, v.Float())
	case v.CanInt():
		g.v = append(g.v, float64(v.Int()))
	case v.Kind() == reflect.Bool:
		g.v = append(g.v, number(v.Bool()))
	case v.Kind() == reflect.String:
		g.s = append(g.s, v.String())
	default:
		panic(unsupported(fmt.Sprintf("result of type %v", v.Type())))
	}
}

// text adds a text; one that is a number counts as it, since a column of a frame has one type.
func (g *grid) text(s string) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		g.v = append(g.v, f)
	} else {
		g.s = append(g.s, s)
	}
}

func isList(v reflect.Value) bool {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v.Kind() == reflect.Slice
}

// same compares got with want; prefix allows got to be longer than want.
func same(what string, got, want any, c class, prefix bool) error {
	if parts, ok := got.([]any); ok {
		wants, _ := want.([]any)
		for i, p := range parts {
			if i >= len(wants) {
				return fmt.Errorf("%s has %d parts, want %d", what, len(parts), len(wants))
			}
			if err := same(fmt.Sprintf("%s[%d]", what, i), p, wants[i], c, prefix); err != nil {
				return err
			}
		}
		return nil
	}
	g, w := flatten(got), flatten(want)
	if len(w.s) > 0 || len(g.s) > 0 {
		for i, s := range w.s {
			if i >= len(g.s) || g.s[i] != s {
				return fmt.Errorf("%s: texts are %q, want %q", what, g.s, w.s)
			}
		}
	}
	if len(g.v) < len(w.v) || len(g.v) > len(w.v) && !prefix {
		return fmt.Errorf("%s has %d values, want %d", what, len(g.v), len(w.v))
	}
	g.v = g.v[:len(w.v)]
	switch {
	case c == "perm" && what == "labels_":
		return relabelled(what, g.v, w.v)
	case c == "sign":
		alignSigns(g.v, w, what)
	}
	return near(what, g.v, w.v, c)
}

func near(what string, g, w []float64, c class) error {
	rel, scale := c.tolerance()
	largest := 0.0
	for _, x := range w {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			largest = max(largest, math.Abs(x))
		}
	}
	for i, x := range w {
		y := g[i]
		if x == y || math.IsNaN(x) && math.IsNaN(y) {
			continue
		}
		if d := math.Abs(x - y); !(d <= rel*math.Abs(x)+scale*largest) {
			return fmt.Errorf("%s: value %d is %.9g, want %.9g", what, i, y, x)
		}
	}
	return nil
}

// relabelled wants one label in b for each in a, and the other way round; noise (-1) is itself.
func relabelled(what string, a, b []float64) error {
	to, from := map[float64]float64{-1: -1}, map[float64]float64{-1: -1}
	wrong := 0
	for i, x := range a {
		y, ok := to[x]
		z, back := from[b[i]]
		if !ok && !back {
			to[x], from[b[i]] = b[i], x
			continue
		}
		if !ok || !back || y != b[i] || z != x {
			wrong++
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%s: %d of %d rows are in another cluster", what, wrong, len(a))
	}
	return nil
}

// alignSigns changes the signs of g's rows (components) or columns to agree with w.
func alignSigns(g []float64, w grid, what string) {
	if w.cols == 0 {
		return
	}
	n := len(g) / w.cols
	byRow := what == "components_"
	outer, inner := w.cols, n
	if byRow {
		outer, inner = n, w.cols
	}
	at := func(o, i int) int {
		if byRow {
			return o*w.cols + i
		}
		return i*w.cols + o
	}
	for o := range outer {
		dot := 0.0
		for i := range inner {
			dot += g[at(o, i)] * w.v[at(o, i)]
		}
		if dot < 0 {
			for i := range inner {
				g[at(o, i)] = -g[at(o, i)]
			}
		}
	}
}
