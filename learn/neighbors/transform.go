package neighbors

import "github.com/lathe-ml/lathe/learn"

// KNeighborsTransformer changes rows to a sparse graph of their nearest rows of Fit.
type KNeighborsTransformer struct {
	learn.TransformerBase
	Mode       string `param:"mode=distance"` // or connectivity: ones
	NNeighbors int    `param:"n_neighbors=5"` // with distances, one more: the row itself
	Search
}

// NewKNeighborsTransformer returns one with scikit-learn's defaults.
func NewKNeighborsTransformer() *KNeighborsTransformer {
	m := &KNeighborsTransformer{}
	learn.Init(m)
	return m
}

// Fit keeps the rows.
func (m *KNeighborsTransformer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Mode", m.Mode, "distance", "connectivity")
	m.build(&m.Base, d)
	m.Done()
	return nil
}

// Transform returns a *learn.CSR [rows, rows of Fit].
func (m *KNeighborsTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	k := m.NNeighbors
	if m.Mode == "distance" {
		k++
	}
	dist, rows := m.nearest(&m.Base, m.Ready(x), k)
	b := learn.NewCSRBuilder(m.X.Rows)
	for i, r := range rows {
		for q, j := range r {
			v := 1.0
			if m.Mode == "distance" {
				v = dist.At(i, q)
			}
			b.Add(j, v)
		}
		b.EndRow()
	}
	return b.CSR(), nil
}

// RadiusNeighborsTransformer changes rows to a sparse graph of the rows of Fit within a radius.
type RadiusNeighborsTransformer struct {
	learn.TransformerBase
	Mode   string  `param:"mode=distance"` // or connectivity: ones
	Radius float64 `param:"radius=1.0"`
	Search
}

// NewRadiusNeighborsTransformer returns one with scikit-learn's defaults.
func NewRadiusNeighborsTransformer() *RadiusNeighborsTransformer {
	m := &RadiusNeighborsTransformer{}
	learn.Init(m)
	return m
}

// Fit keeps the rows.
func (m *RadiusNeighborsTransformer) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Mode", m.Mode, "distance", "connectivity")
	m.build(&m.Base, d)
	m.Done()
	return nil
}

// Transform returns a *learn.CSR [rows, rows of Fit].
func (m *RadiusNeighborsTransformer) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	dist, rows := m.within(&m.Base, m.Ready(x), m.Radius)
	b := learn.NewCSRBuilder(m.X.Rows)
	for i, r := range rows {
		for q, j := range r {
			v := 1.0
			if m.Mode == "distance" {
				v = dist[i][q]
			}
			b.Add(j, v)
		}
		b.EndRow()
	}
	return b.CSR(), nil
}
