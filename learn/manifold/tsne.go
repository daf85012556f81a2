package manifold

import (
	"math"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/random"
)

// TSNE keeps neighbourhoods: it minimizes the divergence of Student's t similarities in the embedding from
// normal similarities of the rows (van der Maaten and Hinton 2008), repulsion by the Barnes–Hut tree.
type TSNE struct {
	learn.TransformerBase
	NComponents       int     `param:"n_components=2"` // 2, or any number with Method exact
	Perplexity        float64 `param:"perplexity=30.0"`
	EarlyExaggeration float64 `param:"early_exaggeration=12.0"`
	LearningRate      any     `param:"learning_rate=auto"` // auto: rows / EarlyExaggeration / 4, at least 50
	MaxIter           int     `param:"max_iter=1000"`
	NIterNoProgress   int     `param:"n_iter_without_progress=300"`
	MinGradNorm       float64 `param:"min_grad_norm=1e-07"`
	Metric            string  `param:"metric=euclidean"`
	Init              any     `param:"init=pca"` // pca, random, or the places to start from
	RandomState       int64   `param:"random_state=0"`
	Method            string  `param:"method=barnes_hut"` // or exact
	Angle             float64 `param:"angle=0.5"`         // size of a cell over its distance that counts as a point

	Embedding    *learn.Matrix `fit:"embedding_"`
	KLDivergence float64       `fit:"kl_divergence_"`
	NIter        int           `fit:"n_iter_"`
	Rate         float64       `fit:"learning_rate_"`

	p similarities
}

// similarities is a symmetric sparse matrix that adds up to 1.
type similarities struct {
	start []int
	to    []int32
	v     []float64
}

// NewTSNE returns one with scikit-learn's defaults.
func NewTSNE() *TSNE { m := &TSNE{}; learn.Init(m); return m }

// Fit embeds the rows.
func (m *TSNE) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, nil)
	m.OneOf("Method", m.Method, "barnes_hut", "exact")
	if m.Perplexity >= float64(d.Rows) || m.Perplexity <= 0 {
		m.Fail("Perplexity is %g; want less than the %d rows", m.Perplexity, d.Rows)
	}
	if m.NComponents < 1 || m.Method == "barnes_hut" && m.NComponents != 2 {
		m.Fail("NComponents is %d; the Barnes–Hut tree has 2; set Method to exact for others", m.NComponents)
	}
	m.Rate = max(float64(d.Rows)/m.EarlyExaggeration/4, 50)
	if v, ok := learn.OptFloat(m.LearningRate); ok {
		m.Rate = v
	}
	m.p = m.affinities(d)
	y := m.begin(d)
	explore := min(250, m.MaxIter)
	m.NIter = 0
	m.descend(y, explore, 0.5, m.EarlyExaggeration)
	m.descend(y, m.MaxIter-explore, 0.8, 1)
	m.Embedding = y
	m.Done()
	return nil
}

// FitTransform returns the embedding of the rows of Fit.
func (m *TSNE) FitTransform(x learn.Data, y *learn.Matrix) (learn.Data, error) {
	if err := m.Fit(x, y); err != nil {
		return nil, err
	}
	return m.Embedding, nil
}

// begin returns the first places.
func (m *TSNE) begin(d *learn.Matrix) *learn.Matrix {
	if y, ok := m.Init.(*learn.Matrix); ok {
		if y.Rows != d.Rows || y.Cols != m.NComponents {
			m.Fail("Init is %d×%d; want %d×%d", y.Rows, y.Cols, d.Rows, m.NComponents)
		}
		return y.Clone()
	}
	if m.Init == "pca" {
		pca := decomposition.NewPCA()
		pca.NComponents = m.NComponents
		e, err := learn.FitTransform(pca, d, nil)
		learn.Must(err)
		y := e.(*learn.Matrix)
		sd := 0.0
		for i := range y.Rows {
			sd += y.At(i, 0) * y.At(i, 0) / float64(y.Rows)
		}
		for i := range y.Data {
			y.Data[i] *= 1e-4 / math.Sqrt(sd)
		}
		return y
	}
	if m.Init != "random" {
		m.Fail("Init is %v; want pca, random or a matrix", m.Init)
	}
	r := random.New(m.RandomState)
	y := learn.NewMatrix(d.Rows, m.NComponents)
	for i := range y.Data {
		y.Data[i] = 1e-4 * r.Gauss()
	}
	return y
}

// affinities finds for each row the normal distribution of the wanted perplexity over its neighbours.
func (m *TSNE) affinities(d *learn.Matrix) similarities {
	k := d.Rows - 1
	if m.Method == "barnes_hut" {
		k = min(k, int(3*m.Perplexity+1))
	}
	dist, near := neighbors.NewIndex(d, "auto", m.Metric, 2, 30).Nearest(d, k, true)
	engine.Parallel(d.Rows, 32, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := dist.Row(i)
			for j, v := range row {
				row[j] = v * v
			}
			conditional(row, math.Log(m.Perplexity))
		}
	})
	sums := make([]map[int32]float64, d.Rows)
	for i := range sums {
		sums[i] = make(map[int32]float64, 2*k)
	}
	total := 0.0
	for i, rows := range near {
		for q, j := range rows {
			v := dist.At(i, q)
			sums[i][int32(j)] += v
			sums[j][int32(i)] += v
			total += 2 * v
		}
	}
	p := similarities{start: []int{0}}
	for _, row := range sums {
		for j, v := range row {
			p.to, p.v = append(p.to, j), append(p.v, max(v/total, 2.220446049250313e-16))
		}
		p.start = append(p.start, len(p.to))
	}
	return p
}

// conditional turns squared distances into probabilities of the wanted entropy.
func conditional(row []float64, want float64) {
	beta, lo, hi := 1.0, math.Inf(-1), math.Inf(1)
	out := make([]float64, len(row))
	for range 100 {
		sum, dot := 0.0, 0.0
		for j, d := range row {
			out[j] = math.Exp(-d * beta)
			sum += out[j]
		}
		if sum == 0 {
			sum = 1e-8
		}
		for j, d := range row {
			out[j] /= sum
			dot += d * out[j]
		}
		diff := math.Log(sum) + beta*dot - want
		if math.Abs(diff) <= 1e-5 {
			break
		}
		if diff > 0 {
			lo = beta
			if math.IsInf(hi, 1) {
				beta *= 2
			} else {
				beta = (beta + hi) / 2
			}
		} else {
			hi = beta
			if math.IsInf(lo, -1) {
				beta /= 2
			} else {
				beta = (beta + lo) / 2
			}
		}
	}
	copy(row, out)
}

// descend is gradient descent with momentum and a gain for each coordinate.
func (m *TSNE) descend(y *learn.Matrix, rounds int, momentum, exaggeration float64) {
	grad := learn.NewMatrix(y.Rows, y.Cols)
	update, gains := make([]float64, len(y.Data)), make([]float64, len(y.Data))
	for i := range gains {
		gains[i] = 1
	}
	best, since := math.Inf(1), 0
	for it := range rounds {
		m.Poll()
		check := (it+1)%50 == 0 || it == rounds-1
		kl := m.gradient(y, grad, exaggeration, check)
		norm := 0.0
		for i, g := range grad.Data {
			if update[i]*g < 0 {
				gains[i] += 0.2
			} else {
				gains[i] = max(gains[i]*0.8, 0.01)
			}
			update[i] = momentum*update[i] - m.Rate*gains[i]*g
			y.Data[i] += update[i]
			norm += g * g
		}
		m.NIter++
		if !check {
			continue
		}
		m.KLDivergence = kl
		if since++; kl < best {
			best, since = kl, 0
		}
		if since*50 > m.NIterNoProgress || math.Sqrt(norm) <= m.MinGradNorm {
			return
		}
	}
}

// gradient writes 4·Σ(p−q)(1+d²)⁻¹(yᵢ−yⱼ) and returns the divergence when it is wanted.
func (m *TSNE) gradient(y, grad *learn.Matrix, exaggeration float64, want bool) float64 {
	n := y.Rows
	repulse := learn.NewMatrix(n, y.Cols)
	sums := make([]float64, n)
	if m.Method == "exact" {
		exactRepulsion(y, repulse, sums)
	} else {
		t := newQuad(y)
		engine.Parallel(n, 64, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				sums[i] = t.repulsion(y.Data[2*i], y.Data[2*i+1], m.Angle*m.Angle, repulse.Row(i))
			}
		})
	}
	z := 0.0
	for _, v := range sums {
		z += v
	}
	kls := make([]float64, n)
	engine.Parallel(n, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, g := y.Row(i), grad.Row(i)
			for c := range g {
				g[c] = -repulse.At(i, c) / z
			}
			for k := m.p.start[i]; k < m.p.start[i+1]; k++ {
				b := y.Row(int(m.p.to[k]))
				d := 1.0
				for c, v := range a {
					d += (v - b[c]) * (v - b[c])
				}
				f := exaggeration * m.p.v[k] / d
				for c, v := range a {
					g[c] += f * (v - b[c])
				}
				if want {
					p := exaggeration * m.p.v[k]
					kls[i] += p * math.Log(p*z*d)
				}
			}
			for c := range g {
				g[c] *= 4
			}
		}
	})
	kl := 0.0
	for _, v := range kls {
		kl += v
	}
	return kl
}

func exactRepulsion(y, repulse *learn.Matrix, sums []float64) {
	engine.Parallel(y.Rows, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, r := y.Row(i), repulse.Row(i)
			for j := range y.Rows {
				if i == j {
					continue
				}
				b := y.Row(j)
				d := 1.0
				for c, v := range a {
					d += (v - b[c]) * (v - b[c])
				}
				q := 1 / d
				sums[i] += q
				for c, v := range a {
					r[c] += q * q * (v - b[c])
				}
			}
		}
	})
}
