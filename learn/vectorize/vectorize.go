package vectorize

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

// CountVectorizer counts the terms of documents.
type CountVectorizer struct {
	learn.Base
	Analysis
	MaxDF       any      `param:"max_df=1.0"` // drop terms in more documents: count (int) or fraction
	MinDF       any      `param:"min_df=1"`   // drop terms in fewer documents
	MaxFeatures any      `param:"max_features=None"`
	Given       []string `param:"vocabulary"` // terms to count, in this order
	Binary      bool     `param:"binary=false"`

	Vocabulary map[string]int `fit:"vocabulary_"`
}

// NewCountVectorizer returns one with scikit-learn's defaults.
func NewCountVectorizer() *CountVectorizer {
	v := &CountVectorizer{}
	learn.Init(v)
	return v
}

// Fit makes CountVectorizer an Estimator; documents are the texts of a frame of one column.
func (v *CountVectorizer) Fit(x learn.Data, _ *learn.Matrix) error {
	_, err := v.FitTransformDocs(Docs(x))
	return err
}

// Docs returns the texts of a frame's first column.
func Docs(x learn.Data) []string {
	f, ok := x.(*learn.Frame)
	if !ok || len(f.Columns) == 0 {
		return nil
	}
	return f.Columns[0].Texts
}

// Frame returns documents as data for pipelines.
func Frame(docs []string) *learn.Frame {
	return &learn.Frame{Names: []string{"text"}, Columns: []learn.Series{{Texts: docs}}}
}

// Transform counts the terms of a frame of documents.
func (v *CountVectorizer) Transform(x learn.Data) (learn.Data, error) {
	return v.TransformDocs(Docs(x))
}

// FitDocs learns the vocabulary.
func (v *CountVectorizer) FitDocs(docs []string) error {
	_, err := v.FitTransformDocs(docs)
	return err
}

// terms holds each document's terms by number, and the terms in the order of their first use.
type terms struct {
	docs  [][]int
	names []string
}

// read analyses documents on all workers.
func (v *CountVectorizer) read(docs []string) terms {
	analyze := v.analyzer(v.Name())
	lists := make([][]string, len(docs))
	engine.Parallel(len(docs), 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			lists[i] = analyze(docs[i])
		}
	})
	t := terms{docs: make([][]int, len(docs))}
	index := map[string]int{}
	for i, list := range lists {
		row := make([]int, len(list))
		for k, w := range list {
			n, ok := index[w]
			if !ok {
				n = len(t.names)
				index[w] = n
				t.names = append(t.names, w)
			}
			row[k] = n
		}
		t.docs[i] = row
	}
	return t
}

// FitTransformDocs learns the vocabulary and returns the counts.
func (v *CountVectorizer) FitTransformDocs(docs []string) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	if len(docs) == 0 {
		v.Fail("there are no documents; want texts")
	}
	v.BeginSize(len(docs), 1, nil)
	if v.Given != nil {
		v.Vocabulary = map[string]int{}
		for i, w := range v.Given {
			v.Vocabulary[w] = i
		}
		v.Done()
		return v.TransformDocs(docs)
	}
	t := v.read(docs)
	if len(t.names) == 0 {
		v.Fail("documents have no terms: they are empty or hold only stop words")
	}
	v.choose(t, len(docs))
	v.Done()
	return v.count(t), nil
}

// choose keeps the terms within MinDF … MaxDF and the MaxFeatures most frequent, and numbers them sorted.
func (v *CountVectorizer) choose(t terms, n int) {
	df, tf, seen := make([]int, len(t.names)), make([]int, len(t.names)), make([]int, len(t.names))
	for i, doc := range t.docs {
		for _, w := range doc {
			if !v.Binary {
				tf[w]++
			}
			if seen[w] != i+1 {
				seen[w] = i + 1
				df[w]++
				if v.Binary {
					tf[w]++
				}
			}
		}
	}
	most, least := limit(v.MaxDF, n, math.Inf(1)), limit(v.MinDF, n, 0)
	if most < least {
		v.Fail("MaxDF %v allows fewer documents than MinDF %v", v.MaxDF, v.MinDF)
	}
	var kept []int
	for w := range t.names {
		if float64(df[w]) <= most && float64(df[w]) >= least {
			kept = append(kept, w)
		}
	}
	slices.SortFunc(kept, func(a, b int) int { return cmp.Compare(t.names[a], t.names[b]) })
	if k, ok := learn.OptInt(v.MaxFeatures); ok && k < len(kept) {
		sort.SliceStable(kept, func(a, b int) bool { return tf[kept[a]] > tf[kept[b]] })
		kept = kept[:k]
		slices.SortFunc(kept, func(a, b int) int { return cmp.Compare(t.names[a], t.names[b]) })
	}
	if len(kept) == 0 {
		v.Fail("MinDF and MaxDF leave no terms; try a lower MinDF or a higher MaxDF")
	}
	v.Vocabulary = make(map[string]int, len(kept))
	for i, w := range kept {
		v.Vocabulary[t.names[w]] = i
	}
}

// limit reads a count (int) or a fraction of n.
func limit(o any, n int, none float64) float64 {
	switch o := o.(type) {
	case int:
		return float64(o)
	case float64:
		return o * float64(n)
	}
	return none
}

func (v *CountVectorizer) count(t terms) *learn.CSR {
	to := make([]int, len(t.names))
	for i, w := range t.names {
		k, ok := v.Vocabulary[w]
		if !ok {
			k = -1
		}
		to[i] = k
	}
	s := &learn.CSR{Rows: len(t.docs), Cols: len(v.Vocabulary), Start: []int{0}}
	var row []int
	for _, doc := range t.docs {
		row = row[:0]
		for _, w := range doc {
			if k := to[w]; k >= 0 {
				row = append(row, k)
			}
		}
		slices.Sort(row)
		for i, k := range row {
			if i > 0 && k == row[i-1] {
				if !v.Binary {
					s.Values[len(s.Values)-1]++
				}
				continue
			}
			s.Index, s.Values = append(s.Index, k), append(s.Values, 1)
		}
		s.Start = append(s.Start, len(s.Index))
	}
	return s
}

// TransformDocs counts the terms that Fit kept.
func (v *CountVectorizer) TransformDocs(docs []string) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	v.MustFitted()
	return v.count(v.read(docs)), nil
}

// FeatureNames returns the terms in the order of columns.
func (v *CountVectorizer) FeatureNames() []string {
	names := make([]string, len(v.Vocabulary))
	for w, k := range v.Vocabulary {
		names[k] = w
	}
	return names
}

// Weighting says how counts become TF-IDF weights.
type Weighting struct {
	Norm        string `param:"norm=l2"` // l2, l1 or ""
	UseIDF      bool   `param:"use_idf=true"`
	SmoothIDF   bool   `param:"smooth_idf=true"`    // as if one more document had every term
	SublinearTF bool   `param:"sublinear_tf=false"` // 1 + log of counts

	IDF []float64 `fit:"idf_"`
}

// learnIDF computes log(n / documents with the term) + 1.
func (w *Weighting) learnIDF(s *learn.CSR) {
	n, df := float64(s.Rows), make([]float64, s.Cols)
	for k, j := range s.Index {
		if s.Values[k] != 0 {
			df[j]++
		}
	}
	if w.SmoothIDF {
		n++
	}
	w.IDF = make([]float64, s.Cols)
	for j, d := range df {
		if w.SmoothIDF {
			d++
		}
		w.IDF[j] = math.Log(n/d) + 1
	}
}

func (w *Weighting) apply(s *learn.CSR) *learn.CSR {
	t := *s
	t.Values = slices.Clone(s.Values)
	for i := range t.Rows {
		index, row := t.Row(i)
		norm := 0.0
		for k, j := range index {
			if w.SublinearTF {
				row[k] = math.Log(row[k]) + 1
			}
			if w.UseIDF {
				row[k] *= w.IDF[j]
			}
			if w.Norm == "l1" {
				norm += math.Abs(row[k])
			} else {
				norm += row[k] * row[k]
			}
		}
		if w.Norm == "l2" {
			norm = math.Sqrt(norm)
		}
		if w.Norm != "" && norm > 0 {
			for k := range row {
				row[k] /= norm
			}
		}
	}
	return &t
}

// TfidfTransformer weighs counts by how few documents have the term.
type TfidfTransformer struct {
	learn.TransformerBase
	Weighting
}

// NewTfidfTransformer returns one with scikit-learn's defaults.
func NewTfidfTransformer() *TfidfTransformer {
	v := &TfidfTransformer{}
	learn.Init(v)
	return v
}

func sparse(x learn.Data) *learn.CSR {
	if s, ok := x.(*learn.CSR); ok {
		return s
	}
	return learn.ToCSR(learn.Dense("vectorize.TfidfTransformer", x))
}

// Fit learns how many documents have each term.
func (v *TfidfTransformer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	s := sparse(x)
	v.BeginSize(s.Rows, s.Cols, nil)
	v.learnIDF(s)
	v.Done()
	return nil
}

// Transform returns the weights, a *learn.CSR.
func (v *TfidfTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v.MustFitted()
	s := sparse(x)
	if s.Cols != v.NFeatures {
		v.Fail("X has %d features, Fit saw %d; want the same columns", s.Cols, v.NFeatures)
	}
	return v.apply(s), nil
}

// TfidfVectorizer is CountVectorizer followed by TfidfTransformer.
type TfidfVectorizer struct {
	CountVectorizer
	Weighting
}

// NewTfidfVectorizer returns one with scikit-learn's defaults.
func NewTfidfVectorizer() *TfidfVectorizer {
	v := &TfidfVectorizer{}
	learn.Init(v)
	return v
}

// Fit learns vocabulary and weights from a frame of documents.
func (v *TfidfVectorizer) Fit(x learn.Data, _ *learn.Matrix) error { return v.FitDocs(Docs(x)) }

// FitDocs learns vocabulary and weights.
func (v *TfidfVectorizer) FitDocs(docs []string) error {
	_, err := v.FitTransformDocs(docs)
	return err
}

// FitTransformDocs learns vocabulary and weights and returns the weights.
func (v *TfidfVectorizer) FitTransformDocs(docs []string) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	s, err = v.CountVectorizer.FitTransformDocs(docs)
	if err != nil {
		return nil, err
	}
	v.learnIDF(s)
	return v.apply(s), nil
}

// TransformDocs returns the weights of documents.
func (v *TfidfVectorizer) TransformDocs(docs []string) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	s, err = v.CountVectorizer.TransformDocs(docs)
	if err != nil {
		return nil, err
	}
	return v.apply(s), nil
}

// Transform returns the weights of a frame of documents.
func (v *TfidfVectorizer) Transform(x learn.Data) (learn.Data, error) {
	return v.TransformDocs(Docs(x))
}
