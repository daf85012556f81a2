package preprocess

import (
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// Infrequent is the category that stands for rare ones in InverseTransform.
const Infrequent = "infrequent_sklearn"

// Category is a number or a text.
type Category = any

// value returns the i-th category of a column.
func value(s learn.Series, i int) Category {
	if s.Numbers != nil {
		return s.Numbers[i]
	}
	return s.Texts[i]
}

func isMissing(c Category) bool {
	switch c := c.(type) {
	case float64:
		return math.IsNaN(c)
	case string:
		return c == learn.Missing
	}
	return c == nil
}

// sameCategory is equality in which missing values are equal.
func sameCategory(a, b Category) bool { return a == b || isMissing(a) && isMissing(b) }

// sortCategories sorts numbers, then texts, then missing values.
func sortCategories(c []Category) {
	rank := func(v Category) int {
		if isMissing(v) {
			return 2
		}
		if _, ok := v.(string); ok {
			return 1
		}
		return 0
	}
	sort.SliceStable(c, func(i, j int) bool {
		if a, b := rank(c[i]), rank(c[j]); a != b {
			return a < b
		}
		switch a := c[i].(type) {
		case float64:
			return a < c[j].(float64)
		case string:
			return a < c[j].(string)
		}
		return false
	})
}

// vocabulary is what encoders share: the categories of each column and which of them are rare.
type vocabulary struct {
	Categories [][]Category `fit:"categories_"`

	Counts [][]int // rows of each category in Fit
	Place  [][]int // of each category after rare ones are joined; the last place is theirs
	Rare   []bool  // columns that have rare categories
}

// learnCategories finds the categories of a frame; given ones are used where they are not nil.
func (v *vocabulary) learnCategories(f *learn.Frame, given [][]Category, fail func(string, ...any),
	strict bool,
) {
	rows, cols := f.Dims()
	v.Categories, v.Counts = make([][]Category, cols), make([][]int, cols)
	if given != nil && len(given) != cols {
		fail("%d lists of categories for %d columns; want one for each", len(given), cols)
	}
	for j, s := range f.Columns {
		var cats []Category
		index := map[Category]int{}
		if given != nil {
			cats = slices.Clone(given[j])
			for k, c := range cats {
				index[key(c)] = k
			}
		}
		var count []int
		count = make([]int, len(cats))
		for i := range rows {
			c := value(s, i)
			k, ok := index[key(c)]
			if !ok {
				if given != nil {
					if strict {
						fail("column %d has category %v, which the given categories lack", j, c)
					}
					continue
				}
				k = len(cats)
				index[key(c)] = k
				cats = append(cats, c)
				count = append(count, 0)
			}
			count[k]++
		}
		if given == nil {
			sortCategories(cats)
			sorted := make([]int, len(cats))
			for k, c := range cats {
				sorted[k] = count[index[key(c)]]
			}
			count = sorted
		}
		v.Categories[j], v.Counts[j] = cats, count
	}
}

func key(c Category) Category {
	if isMissing(c) {
		return nil
	}
	return c
}

// joinRare gives each category its place: rare ones share the last.
func (v *vocabulary) joinRare(rows int, minFrequency, maxCategories any) {
	v.Place, v.Rare = make([][]int, len(v.Categories)), make([]bool, len(v.Categories))
	least := 0.0
	if f, ok := learn.OptFloat(minFrequency); ok {
		least = f
		if _, isInt := minFrequency.(int); !isInt && f < 1 {
			least = f * float64(rows)
		}
	}
	limit, hasLimit := learn.OptInt(maxCategories)
	for j, counts := range v.Counts {
		rare := make([]bool, len(counts))
		kept := 0
		for k, n := range counts {
			rare[k] = float64(n) < least
			if !rare[k] {
				kept++
			}
		}
		some := kept < len(counts)
		total := kept
		if some {
			total++
		}
		if hasLimit && limit < total {
			order := make([]int, len(counts))
			for k := range order {
				order[k] = k
			}
			sort.SliceStable(order, func(a, b int) bool { return counts[order[a]] > counts[order[b]] })
			for r, k := range order {
				if r >= limit-1 {
					rare[k] = true
				}
			}
		}
		v.Place[j] = make([]int, len(counts))
		next := 0
		for k := range counts {
			if !rare[k] {
				v.Place[j][k] = next
				next++
			}
		}
		for k := range counts {
			if rare[k] {
				v.Place[j][k] = next
				v.Rare[j] = true
			}
		}
	}
}

// places returns the number of places of column j.
func (v *vocabulary) places(j int) int {
	n := 0
	for _, p := range v.Place[j] {
		n = max(n, p+1)
	}
	return n
}

// find returns the position of c among the categories of column j, or -1.
func (v *vocabulary) find(j int, c Category) int {
	return slices.IndexFunc(v.Categories[j], func(o Category) bool { return sameCategory(o, c) })
}

// name returns the category at place p of column j.
func (v *vocabulary) name(j, p int) Category {
	if v.Rare[j] && p == v.places(j)-1 {
		return Infrequent
	}
	return v.Categories[j][slices.Index(v.Place[j], p)]
}

// toSeries makes a column of categories: of numbers when all are.
func toSeries(c []Category) learn.Series {
	numbers := true
	for _, v := range c {
		if _, ok := v.(string); ok {
			numbers = false
		}
	}
	var s learn.Series
	for _, v := range c {
		f, isFloat := v.(float64)
		switch {
		case numbers && !isFloat:
			s.Numbers = append(s.Numbers, math.NaN())
		case numbers:
			s.Numbers = append(s.Numbers, f)
		case isFloat:
			s.Texts = append(s.Texts, formatNumber(f))
		case v == nil:
			s.Texts = append(s.Texts, learn.Missing)
		default:
			s.Texts = append(s.Texts, v.(string))
		}
	}
	return s
}

// OneHotEncoder replaces each column by indicators of its categories.
type OneHotEncoder struct {
	learn.TransformerBase
	vocabulary
	Given         [][]Category `param:"categories"`           // of each column; nil: those that occur
	Drop          any          `param:"drop=None"`            // nil, first, if_binary, or a category for each column
	SparseOutput  bool         `param:"sparse_output=true"`   // a *learn.CSR
	HandleUnknown string       `param:"handle_unknown=error"` // error, ignore, infrequent_if_exist, warn
	MinFrequency  any          `param:"min_frequency=None"`   // rarer categories share one; count or fraction
	MaxCategories any          `param:"max_categories=None"`  // of a column

	DropIndex []int `fit:"drop_idx_"` // place that each column drops, -1: none
}

// NewOneHotEncoder returns one with scikit-learn's defaults.
func NewOneHotEncoder() *OneHotEncoder {
	s := &OneHotEncoder{}
	learn.Init(s)
	return s
}

// mustCount refuses infinity as a category.
func mustCount(fail func(string, ...any), f *learn.Frame) {
	for j := range f.Columns {
		for i, v := range f.Columns[j].Numbers {
			if math.IsInf(v, 0) {
				fail("X contains infinity (row %d, column %d); clip or drop it", i, j)
			}
		}
	}
}

// Fit finds the categories.
func (s *OneHotEncoder) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	s.BeginSize(rows, cols, nil)
	if rows == 0 || cols == 0 {
		s.Fail("X has %d rows and %d columns; want at least one of each", rows, cols)
	}
	s.OneOf("HandleUnknown", s.HandleUnknown, "error", "ignore", "infrequent_if_exist", "warn")
	f := learn.ToFrame(x)
	mustCount(s.Fail, f)
	s.learnCategories(f, s.Given, s.Fail, s.HandleUnknown == "error")
	s.joinRare(rows, s.MinFrequency, s.MaxCategories)
	s.DropIndex = make([]int, cols)
	for j := range cols {
		s.DropIndex[j] = s.dropped(j)
	}
	s.Done()
	return nil
}

func (s *OneHotEncoder) dropped(j int) int {
	switch d := s.Drop.(type) {
	case nil:
		return -1
	case string:
		if d == "first" || d == "if_binary" && s.places(j) == 2 {
			return 0
		}
		if d != "if_binary" {
			s.Fail("Drop is %q; want first, if_binary or a category for each column", d)
		}
		return -1
	case []string:
		if k := s.find(j, d[j]); k >= 0 {
			return s.Place[j][k]
		}
	case []float64:
		if k := s.find(j, d[j]); k >= 0 {
			return s.Place[j][k]
		}
	case []Category:
		if k := s.find(j, d[j]); k >= 0 {
			return s.Place[j][k]
		}
	}
	s.Fail("Drop is %v; column %d has no such category", s.Drop, j)
	return -1
}

// width returns the number of indicators of column j.
func (s *OneHotEncoder) width(j int) int {
	if s.DropIndex[j] >= 0 {
		return s.places(j) - 1
	}
	return s.places(j)
}

// Transform returns the indicators, sparse unless SparseOutput is false.
func (s *OneHotEncoder) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	f := learn.ToFrame(x)
	rows, cols := f.Dims()
	if cols != s.NFeatures {
		s.Fail("X has %d features, Fit saw %d; want the same columns", cols, s.NFeatures)
	}
	total, start := 0, make([]int, cols)
	for j := range cols {
		start[j] = total
		total += s.width(j)
	}
	b := learn.NewCSRBuilder(total)
	for i := range rows {
		for j, c := range f.Columns {
			if p := s.place(j, value(c, i)); p >= 0 && p != s.DropIndex[j] {
				if s.DropIndex[j] >= 0 && p > s.DropIndex[j] {
					p--
				}
				b.Add(start[j]+p, 1)
			}
		}
		b.EndRow()
	}
	if s.SparseOutput {
		return b.CSR(), nil
	}
	return b.CSR().Dense(), nil
}

func (s *OneHotEncoder) place(j int, c Category) int {
	if k := s.find(j, c); k >= 0 {
		return s.Place[j][k]
	}
	switch {
	case s.HandleUnknown == "error":
		s.Fail("column %d has category %v, which Fit did not see; set HandleUnknown to ignore", j, c)
	case s.HandleUnknown != "ignore" && s.Rare[j]:
		return s.places(j) - 1
	}
	return -1
}

// InverseTransform returns a *learn.Frame of categories.
func (s *OneHotEncoder) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	m := learn.Dense(s.Name(), x)
	f := &learn.Frame{}
	at := 0
	for j := range s.Categories {
		var col []Category
		n := s.width(j)
		for i := range m.Rows {
			row := m.Row(i)[at : at+n]
			p := -1
			for k, v := range row {
				if v != 0 {
					p = k
					break
				}
			}
			switch {
			case p < 0 && s.DropIndex[j] >= 0:
				p = s.DropIndex[j]
			case p < 0:
				col = append(col, nil)
				continue
			case s.DropIndex[j] >= 0 && p >= s.DropIndex[j]:
				p++
			}
			col = append(col, s.name(j, p))
		}
		f.Columns = append(f.Columns, toSeries(col))
		at += n
	}
	return f, nil
}

// OrdinalEncoder replaces categories by their numbers.
type OrdinalEncoder struct {
	learn.TransformerBase
	vocabulary
	Given          [][]Category `param:"categories"`                // of each column; nil: those that occur
	HandleUnknown  string       `param:"handle_unknown=error"`      // or use_encoded_value
	UnknownValue   any          `param:"unknown_value=None"`        // number of unknown categories
	EncodedMissing any          `param:"encoded_missing_value=NaN"` // number of missing values
	MinFrequency   any          `param:"min_frequency=None"`
	MaxCategories  any          `param:"max_categories=None"`
}

// NewOrdinalEncoder returns one with scikit-learn's defaults.
func NewOrdinalEncoder() *OrdinalEncoder {
	s := &OrdinalEncoder{}
	learn.Init(s)
	return s
}

// Fit finds the categories.
func (s *OrdinalEncoder) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	rows, cols := x.Dims()
	s.BeginSize(rows, cols, nil)
	if rows == 0 || cols == 0 {
		s.Fail("X has %d rows and %d columns; want at least one of each", rows, cols)
	}
	s.OneOf("HandleUnknown", s.HandleUnknown, "error", "use_encoded_value")
	if _, ok := learn.OptFloat(s.UnknownValue); !ok && s.HandleUnknown == "use_encoded_value" {
		s.Fail("UnknownValue is %v; use_encoded_value wants a number", s.UnknownValue)
	}
	f := learn.ToFrame(x)
	mustCount(s.Fail, f)
	s.learnCategories(f, s.Given, s.Fail, s.HandleUnknown == "error")
	s.joinRare(rows, s.MinFrequency, s.MaxCategories)
	s.Done()
	return nil
}

// Transform returns the numbers.
func (s *OrdinalEncoder) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	s.MustFitted()
	f := learn.ToFrame(x)
	rows, cols := f.Dims()
	if cols != s.NFeatures {
		s.Fail("X has %d features, Fit saw %d; want the same columns", cols, s.NFeatures)
	}
	missing, _ := learn.OptFloat(s.EncodedMissing)
	unknown, _ := learn.OptFloat(s.UnknownValue)
	m := learn.NewMatrix(rows, cols)
	for j, c := range f.Columns {
		for i := range rows {
			v := value(c, i)
			k := s.find(j, v)
			switch {
			case k >= 0 && isMissing(v):
				m.Set(i, j, missing)
			case k >= 0:
				m.Set(i, j, float64(s.Place[j][k]))
			case s.HandleUnknown == "error":
				s.Fail("column %d has category %v, which Fit did not see; set HandleUnknown to "+
					"use_encoded_value", j, v)
			default:
				m.Set(i, j, unknown)
			}
		}
	}
	return m, nil
}

// InverseTransform returns a *learn.Frame of categories.
func (s *OrdinalEncoder) InverseTransform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	m := s.Ready(x, learn.AllowNaN)
	f := &learn.Frame{}
	for j := range m.Cols {
		var col []Category
		for _, v := range m.Col(j) {
			if p := int(v); v == v && p >= 0 && p < s.places(j) {
				col = append(col, s.name(j, p))
			} else {
				col = append(col, nil)
			}
		}
		f.Columns = append(f.Columns, toSeries(col))
	}
	return f, nil
}
