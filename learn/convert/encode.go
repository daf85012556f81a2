package convert

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/preprocess"
)

// union puts the results of transformers beside each other.
func (g *graph) union(m *compose.FeatureUnion, d data) data {
	var parts []string
	n := 0
	for _, s := range m.Steps {
		out := d
		if s.Estimator != nil {
			out = g.transform(s.Estimator, d)
		}
		x, cols := g.dense(m, out)
		if w, ok := m.TransformerWeights[s.Name]; ok {
			x = g.mul(x, g.scalar(w))
		}
		parts, n = append(parts, x), n+cols
	}
	return data{matrix: g.concat(parts...), cols: n}
}

// columns converts a column transformer; columns by name need the inputs of a frame.
func (g *graph) columns(m *compose.ColumnTransformer, d data) data {
	taken := make([]bool, d.cols)
	var parts []string
	n := 0
	add := func(out data) {
		x, cols := g.dense(m, out)
		parts, n = append(parts, x), n+cols
	}
	for _, t := range m.Transformers {
		index := g.index(m, t, d)
		for _, j := range index {
			taken[j] = true
		}
		if t.Drop {
			continue
		}
		part := g.take(d, index)
		if t.Transformer != nil {
			part = g.transform(t.Transformer, part)
		}
		add(part)
	}
	var rest []int
	for j, ok := range taken {
		if !ok {
			rest = append(rest, j)
		}
	}
	if m.Remainder == "passthrough" && len(rest) > 0 {
		add(g.take(d, rest))
	}
	if len(parts) == 0 {
		refuse(m, "gives no columns")
	}
	return data{matrix: g.concat(parts...), cols: n}
}

func (g *graph) index(m *compose.ColumnTransformer, t compose.Columns, d data) []int {
	out := append([]int(nil), t.Numbers...)
	for _, name := range t.Names {
		at := -1
		for j, c := range d.columns {
			if c.label == name {
				at = j
			}
		}
		if at < 0 {
			refuse(m, "chooses the column %q, which the inputs lack; give Options.Frame with its names", name)
		}
		out = append(out, at)
	}
	return out
}

// matches tells which category each row of a column has, [N categories] of the model's type.
func (g *graph) matches(e learn.Estimator, d data, j int, cats []preprocess.Category) string {
	one := g.take(d, []int{j})
	var texts []string
	var numbers []float64
	missing := -1
	for k, c := range cats {
		switch v := c.(type) {
		case string:
			texts, numbers = append(texts, v), append(numbers, 0)
		case float64:
			if math.IsNaN(v) {
				v, missing = math.Inf(1), k
			}
			numbers, texts = append(numbers, v), append(texts, "")
		default:
			refuse(e, "has the category %v (%T) in column %d", c, c, j)
		}
	}
	isText := one.matrix == "" && one.columns[0].texts
	if isText {
		return g.cast(g.op("Equal", nil, one.columns[0].name, g.texts(texts)))
	}
	x, _ := g.dense(e, one)
	hit := g.op("Equal", nil, x, g.floats(numbers, 1, len(numbers)))
	if missing >= 0 {
		at := make([]float64, len(cats))
		at[missing] = 1
		isMissing := g.op("And", nil, g.op("IsNaN", nil, x), g.above(g.floats(at, 1, len(at)), 0))
		hit = g.op("Or", nil, hit, isMissing)
	}
	return g.cast(hit)
}

// indicators converts a one-hot encoder: matches, rare categories joined, dropped ones left out.
func (g *graph) indicators(m *preprocess.OneHotEncoder, d data) data {
	var parts []string
	n := 0
	for j, cats := range m.Categories {
		hit := g.matches(m, d, j, cats)
		places := 0
		for _, p := range m.Place[j] {
			places = max(places, p+1)
		}
		var keep []int
		for p := range places {
			if len(m.DropIndex) == 0 || m.DropIndex[j] != p {
				keep = append(keep, p)
			}
		}
		to := learn.NewMatrix(len(cats), len(keep))
		rare := learn.NewMatrix(1, len(keep))
		for q, p := range keep {
			for k, place := range m.Place[j] {
				if place == p {
					to.Set(k, q, 1)
				}
			}
			if m.Rare[j] && p == places-1 {
				rare.Set(0, q, 1)
			}
		}
		if len(keep) == 0 {
			continue
		}
		y := hit
		if !identity(to) {
			y = g.matMul(hit, g.mat(to))
		}
		if m.HandleUnknown == "infrequent_if_exist" && m.Rare[j] {
			unknown := g.sub(g.scalar(1), g.sum(hit))
			y = g.add(y, g.matMul(unknown, g.mat(rare)))
		}
		parts, n = append(parts, y), n+len(keep)
	}
	if len(parts) == 0 {
		refuse(m, "drops every column")
	}
	return data{matrix: g.concat(parts...), cols: n}
}

func identity(m *learn.Matrix) bool {
	if m.Rows != m.Cols {
		return false
	}
	for i, v := range m.Data {
		want := 0.0
		if i/m.Cols == i%m.Cols {
			want = 1
		}
		if v != want {
			return false
		}
	}
	return true
}

// ordinals converts an ordinal encoder; categories that Fit did not see become UnknownValue, or -1.
func (g *graph) ordinals(m *preprocess.OrdinalEncoder, d data) data {
	var parts []string
	for j, cats := range m.Categories {
		hit := g.matches(m, d, j, cats)
		codes := learn.NewMatrix(len(cats), 1)
		gap := learn.NewMatrix(len(cats), 1) // 1 for the missing category, whose code may be NaN
		encoded, hasMissing := learn.OptFloat(m.EncodedMissing)
		special := false
		for k, c := range cats {
			codes.Data[k] = float64(m.Place[j][k])
			if v, ok := c.(float64); ok && math.IsNaN(v) && hasMissing {
				codes.Data[k], gap.Data[k], special = 0, 1, true
			}
		}
		unknown := -1.0
		if v, ok := learn.OptFloat(m.UnknownValue); ok {
			unknown = v
		}
		known := g.op("Greater", nil, g.sum(hit), g.scalar(0))
		y := g.op("Where", nil, known, g.matMul(hit, g.mat(codes)), g.scalar(unknown))
		if special {
			y = g.op("Where", nil, g.above(g.matMul(hit, g.mat(gap)), 0), g.scalar(encoded), y)
		}
		parts = append(parts, y)
	}
	return data{matrix: g.concat(parts...), cols: len(parts)}
}
