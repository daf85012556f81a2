package vectorize

import (
	"fmt"
	"math/bits"
	"slices"
	"sort"

	"github.com/lathe-ml/lathe/learn"
)

// murmur3 is MurmurHash3 (32 bits, x86) by Austin Appleby, seed 0.
func murmur3(s string) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	h := uint32(0)
	n := len(s)
	for len(s) >= 4 {
		k := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
		h ^= bits.RotateLeft32(k*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
		s = s[4:]
	}
	k := uint32(0)
	for i := len(s) - 1; i >= 0; i-- {
		k = k<<8 | uint32(s[i])
	}
	if len(s) > 0 {
		h ^= bits.RotateLeft32(k*c1, 15) * c2
	}
	h ^= uint32(n)
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// place returns the column of a term and the sign of its values.
func place(term string, columns int, alternate bool) (j int, sign float64) {
	h := int32(murmur3(term))
	sign = 1
	if alternate && h < 0 {
		sign = -1
	}
	a := int64(h)
	if a < 0 {
		a = -a
	}
	return int(a % int64(columns)), sign
}

// FeatureHasher puts features named by texts into columns by a hash of their names.
type FeatureHasher struct {
	NFeatures     int
	AlternateSign bool
}

// NewFeatureHasher returns one with n columns.
func NewFeatureHasher(n int) *FeatureHasher { return &FeatureHasher{NFeatures: n, AlternateSign: true} }

// Transform returns one row for each map of names to values: numbers, or texts, which become "name=text".
func (h *FeatureHasher) Transform(rows []map[string]any) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	b := learn.NewCSRBuilder(h.NFeatures)
	for _, r := range rows {
		for name, v := range r {
			name, f := named(name, v)
			j, sign := place(name, h.NFeatures, h.AlternateSign)
			b.Add(j, sign*f)
		}
		b.EndRow()
	}
	return b.CSR(), nil
}

// named returns the column's name and number of a feature.
func named(name string, v any) (string, float64) {
	if t, ok := v.(string); ok {
		return name + "=" + t, 1
	}
	if b, ok := v.(bool); ok {
		if b {
			return name, 1
		}
		return name, 0
	}
	f, ok := learn.OptFloat(v)
	if !ok {
		learn.Fail("vectorize", "feature %s is %T; want a number or a text", name, v)
	}
	return name, f
}

// HashingVectorizer counts terms in columns chosen by a hash: it needs no Fit and no memory of terms.
type HashingVectorizer struct {
	learn.Base
	Analysis
	Columns       int    `param:"n_features=1048576"`
	Binary        bool   `param:"binary=false"`
	Norm          string `param:"norm=l2"`
	AlternateSign bool   `param:"alternate_sign=true"`
}

// NewHashingVectorizer returns one with scikit-learn's defaults.
func NewHashingVectorizer() *HashingVectorizer {
	v := &HashingVectorizer{}
	learn.Init(v)
	return v
}

// Fit has nothing to learn.
func (v *HashingVectorizer) Fit(learn.Data, *learn.Matrix) error { return nil }

// Transform counts the terms of a frame of documents.
func (v *HashingVectorizer) Transform(x learn.Data) (learn.Data, error) {
	return v.TransformDocs(Docs(x))
}

// TransformDocs counts the terms of documents.
func (v *HashingVectorizer) TransformDocs(docs []string) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	analyze := v.analyzer(v.Name())
	b := learn.NewCSRBuilder(v.Columns)
	for _, d := range docs {
		for _, t := range analyze(d) {
			j, sign := place(t, v.Columns, v.AlternateSign)
			b.Add(j, sign)
		}
		b.EndRow()
	}
	s = b.CSR()
	if v.Binary {
		for k := range s.Values {
			s.Values[k] = 1
		}
	}
	return (&Weighting{Norm: v.Norm}).apply(s), nil
}

// DictVectorizer gives each name of a feature, and each pair of a name and a text, a column.
type DictVectorizer struct {
	Sort bool // columns in the order of their names

	Names []string
	index map[string]int
}

// NewDictVectorizer returns an empty one with sorted columns.
func NewDictVectorizer() *DictVectorizer { return &DictVectorizer{Sort: true} }

// FitTransform learns the columns and returns the values.
func (d *DictVectorizer) FitTransform(rows []map[string]any) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	d.Names, d.index = nil, map[string]int{}
	for _, r := range rows {
		keys := make([]string, 0, len(r))
		for name, v := range r {
			k, _ := named(name, v)
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			if _, ok := d.index[k]; !ok {
				d.index[k] = len(d.Names)
				d.Names = append(d.Names, k)
			}
		}
	}
	if d.Sort {
		slices.Sort(d.Names)
		for i, k := range d.Names {
			d.index[k] = i
		}
	}
	return d.Transform(rows)
}

// Transform returns the values of known columns.
func (d *DictVectorizer) Transform(rows []map[string]any) (s *learn.CSR, err error) {
	defer learn.Catch(&err)
	if d.index == nil {
		learn.Fail("vectorize.DictVectorizer", "is not fitted yet; call FitTransform first")
	}
	b := learn.NewCSRBuilder(len(d.Names))
	for _, r := range rows {
		for name, v := range r {
			k, f := named(name, v)
			if j, ok := d.index[k]; ok {
				b.Add(j, f)
			}
		}
		b.EndRow()
	}
	return b.CSR(), nil
}

// String lists the first columns.
func (d *DictVectorizer) String() string {
	return fmt.Sprintf("DictVectorizer with %d columns", len(d.Names))
}
