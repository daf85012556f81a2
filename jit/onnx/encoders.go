package onnx

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	ml("LabelEncoder", labelEncoder)
	ml("OneHotEncoder", oneHotEncoder)
	ml("CategoryMapper", categoryMapper)
	ml("ZipMap", zipMap)
	ml("DictVectorizer", dictVectorizer)
	ml("CastMap", castMap)
}

// column is a list of keys or values of one type.
type column struct {
	typ     ElemType
	numbers []float64
	strings []string
}

// columnOf reads the attribute prefix_int64s, _floats, _strings or _tensor.
func columnOf(c *call, prefix string) *column {
	switch {
	case c.node.has(prefix + "_strings"):
		return &column{typ: String, strings: c.strings(prefix + "_strings")}
	case c.node.has(prefix + "_int64s"):
		v := make([]float64, 0)
		for _, k := range c.ints(prefix + "_int64s") {
			v = append(v, float64(k))
		}
		return &column{typ: Int64, numbers: v}
	case c.node.has(prefix + "_floats"):
		return &column{typ: Float, numbers: c.floats(prefix + "_floats")}
	case c.node.has(prefix + "_tensor"):
		t := c.node.tensor(prefix + "_tensor")
		if t.Type == String {
			return &column{typ: String, strings: t.Strings}
		}
		return &column{typ: t.Type, numbers: t.Data.Float64s()}
	}
	fail("attribute %s_… is missing", prefix)
	return nil
}

func (k *column) len() int { return max(len(k.numbers), len(k.strings)) }

// labelEncoder maps elements through a table of keys and values.
func labelEncoder(c *call) []Value {
	x := c.tensor(0)
	if c.node.has("classes_strings") { // version 1
		return mapped(c, x, &column{typ: String, strings: c.strings("classes_strings")})
	}
	keys, values := columnOf(c, "keys"), columnOf(c, "values")
	if keys.len() != values.len() {
		fail("%d keys and %d values", keys.len(), values.len())
	}
	at := lookups(x, keys)
	if values.typ == String {
		def := c.string("default_string", "_Unused")
		if t := c.node.tensor("default_tensor"); t != nil && len(t.Strings) == 1 {
			def = t.Strings[0]
		}
		out := make([]string, len(at))
		for i, k := range at {
			out[i] = def
			if k >= 0 {
				out[i] = values.strings[k]
			}
		}
		return one(FromStrings(out, x.Shape()...))
	}
	def := float64(c.int("default_int64", -1))
	if values.typ.isFloat() {
		def = c.float("default_float", math.Copysign(0, -1))
	}
	if t := c.node.tensor("default_tensor"); t != nil && t.Type != String {
		def = t.Data.Float64s()[0]
	}
	out := make([]float64, len(at))
	for i, k := range at {
		out[i] = def
		if k >= 0 {
			out[i] = values.numbers[k]
		}
	}
	return one(fromFloats(values.typ, out, x.Shape()))
}

// lookups returns for each element of x its place among keys, or −1. NaN finds NaN.
func lookups(x *Tensor, keys *column) []int {
	out := make([]int, x.Numel())
	if (x.Type == String) != (keys.typ == String) {
		fail("%s with keys of type %v", x.describe(), keys.typ)
	}
	if x.Type == String {
		index := map[string]int{}
		for i, k := range slices.Backward(keys.strings) {
			index[k] = i
		}
		for i, s := range x.Strings {
			k, ok := index[s]
			if !ok {
				k = -1
			}
			out[i] = k
		}
		return out
	}
	index, nan := map[float64]int{}, -1
	for i, k := range slices.Backward(keys.numbers) {
		if math.IsNaN(k) {
			nan = i
		}
		index[k] = i
	}
	for i, v := range x.Data.Float64s() {
		k, ok := index[v]
		switch {
		case math.IsNaN(v):
			k = nan
		case !ok:
			k = -1
		}
		out[i] = k
	}
	return out
}

// mapped turns strings into their numbers among classes, and numbers into strings.
func mapped(c *call, x *Tensor, classes *column) []Value {
	if x.Type == String {
		at := lookups(x, classes)
		for i, k := range at {
			if k < 0 {
				at[i] = c.int("default_int64", -1)
			}
		}
		return one(fromInts(at, x.Shape()...))
	}
	out := make([]string, x.Numel())
	for i, k := range intsOf(x) {
		out[i] = c.string("default_string", "_Unused")
		if k >= 0 && k < len(classes.strings) {
			out[i] = classes.strings[k]
		}
	}
	return one(FromStrings(out, x.Shape()...))
}

func categoryMapper(c *call) []Value {
	x := c.tensor(0)
	ints, texts := c.ints("cats_int64s"), c.strings("cats_strings")
	if len(ints) != len(texts) {
		fail("%d integers and %d strings", len(ints), len(texts))
	}
	if x.Type == String {
		at := lookups(x, &column{typ: String, strings: texts})
		for i, k := range at {
			at[i] = c.int("default_int64", -1)
			if k >= 0 {
				at[i] = ints[k]
			}
		}
		return one(fromInts(at, x.Shape()...))
	}
	out := make([]string, x.Numel())
	for i, v := range intsOf(x) {
		out[i] = c.string("default_string", "_Unused")
		if k := slices.Index(ints, v); k >= 0 {
			out[i] = texts[k]
		}
	}
	return one(FromStrings(out, x.Shape()...))
}

func oneHotEncoder(c *call) []Value {
	x := c.tensor(0)
	cats := &column{typ: String, strings: c.strings("cats_strings")}
	if c.node.has("cats_int64s") {
		cats = &column{typ: Int64}
		for _, k := range c.ints("cats_int64s") {
			cats.numbers = append(cats.numbers, float64(k))
		}
		x = convert(x, Int64, true, "up")
	}
	n := cats.len()
	at := lookups(x, cats)
	out := list[float64](len(at) * n)
	for i, k := range at {
		if k < 0 {
			if c.int("zeros", 1) == 0 {
				fail("element %d is no known category", i)
			}
			continue
		}
		out[i*n+k] = 1
	}
	return one(fromFloats(Float, out, append(x.Shape().Clone(), n)))
}

// zipMap makes a map of each row.
func zipMap(c *call) []Value {
	_, x := c.table(0)
	l := c.labels("classlabels_int64s")
	n := x.Size(1)
	if l.len() != n {
		fail("%d labels for %d columns", l.len(), n)
	}
	v := x.Float64s()
	s := &Sequence{Items: []Value{}}
	for r := range x.Size(0) {
		m := &Map{Keys: l.strings, Values: v[r*n : (r+1)*n]}
		for _, k := range l.ints {
			m.Ints = append(m.Ints, int64(k))
		}
		s.Items = append(s.Items, m)
	}
	return one(s)
}

func (c *call) dictionary(i int) *Map {
	m, ok := c.value(i).(*Map)
	if !ok {
		fail("input %d is %s, want a map", i, describe(c.value(i)))
	}
	return m
}

func dictVectorizer(c *call) []Value {
	m := c.dictionary(0)
	words, ints := c.strings("string_vocabulary"), c.ints("int64_vocabulary")
	out := make([]float64, max(len(words), len(ints)))
	for i, v := range m.Values {
		k := -1
		if m.Keys != nil {
			k = slices.Index(words, m.Keys[i])
		} else {
			k = slices.Index(ints, int(m.Ints[i]))
		}
		if k >= 0 {
			out[k] = v
		}
	}
	return one(fromFloats(Float, out, engine.Shape{1, len(out)}))
}

// castMap lays out the values of a map by ascending key.
func castMap(c *call) []Value {
	m := c.dictionary(0)
	if m.Ints == nil && len(m.Values) > 0 {
		fail("keys must be integers")
	}
	order := make([]int, len(m.Values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(m.Ints[a] - m.Ints[b]) })
	var out []float64
	if c.oneOf("map_form", "DENSE", "SPARSE") == "SPARSE" {
		n := c.int("max_map", 1)
		if n < 1 || n > 1<<28 {
			fail("max_map is %d", n)
		}
		out = make([]float64, n)
		for _, i := range order {
			if k := m.Ints[i]; k < 0 || k >= int64(n) {
				fail("key %d is outside 0 to %d", k, n-1)
			}
			out[m.Ints[i]] = m.Values[i]
		}
	} else {
		for _, i := range order {
			out = append(out, m.Values[i])
		}
	}
	x := &Tensor{Type: Double, Data: eager.FromFloat64s(out, 1, len(out))}
	to := map[string]ElemType{"TO_FLOAT": Float, "TO_INT64": Int64, "TO_STRING": String}
	return one(convert(x, to[c.oneOf("cast_to", "TO_FLOAT", "TO_INT64", "TO_STRING")], true, "up"))
}
