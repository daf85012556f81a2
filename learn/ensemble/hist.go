package ensemble

import (
	"math"
	"sort"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/tree"
)

// bins are the features as small numbers: value v of feature j is in the first bin whose edge is at least
// v; the last bin is for NaN.
type bins struct {
	Edges [][]float64
	codes [][]uint8
}

// missing is the bin of NaN.
const missing = 255

// newBins finds edges between at most most values of each feature: all where there are few, else quantiles.
func newBins(x *learn.Matrix, most int) *bins {
	b := &bins{Edges: make([][]float64, x.Cols), codes: make([][]uint8, x.Cols)}
	engine.Parallel(x.Cols, 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			b.Edges[j] = edges(x, j, most)
			b.codes[j] = make([]uint8, x.Rows)
			for i := range x.Rows {
				b.codes[j][i] = code(b.Edges[j], x.At(i, j))
			}
		}
	})
	return b
}

func edges(x *learn.Matrix, j, most int) []float64 {
	step := max(1, x.Rows/200000)
	var v []float64
	for i := 0; i < x.Rows; i += step {
		if a := x.At(i, j); a == a {
			v = append(v, a)
		}
	}
	sortFloats(v)
	var d []float64
	for i, a := range v {
		if i == 0 || a != v[i-1] {
			d = append(d, a)
		}
	}
	var out []float64
	if len(d) <= most {
		for i := 1; i < len(d); i++ {
			out = append(out, d[i-1]/2+d[i]/2)
		}
		return out
	}
	for k := 1; k < most; k++ {
		at := float64(k) / float64(most) * float64(len(v)-1)
		lo := int(at)
		e := v[lo]/2 + v[min(lo+1, len(v)-1)]/2
		if len(out) == 0 || e > out[len(out)-1] {
			out = append(out, e)
		}
	}
	return out
}

// sortFloats sorts by radix: eleven bits of the ordered representation at a time.
func sortFloats(v []float64) {
	if len(v) < 1024 {
		sort.Float64s(v)
		return
	}
	keys, spare := make([]uint64, len(v)), make([]uint64, len(v))
	for i, x := range v {
		k := math.Float64bits(x)
		keys[i] = k ^ (uint64(int64(k)>>63) | 1<<63)
	}
	for shift := 0; shift < 64; shift += 11 {
		var count [2048]int
		for _, k := range keys {
			count[k>>shift&2047]++
		}
		if count[keys[0]>>shift&2047] == len(keys) {
			continue
		}
		at := 0
		for d, n := range count {
			count[d] = at
			at += n
		}
		for _, k := range keys {
			d := k >> shift & 2047
			spare[count[d]] = k
			count[d]++
		}
		keys, spare = spare, keys
	}
	for i, k := range keys {
		v[i] = math.Float64frombits(k ^ (uint64(^int64(k)>>63) | 1<<63))
	}
}

func code(edges []float64, v float64) uint8 {
	if v != v {
		return missing
	}
	lo, hi := 0, len(edges)
	for lo < hi {
		if m := (lo + hi) / 2; edges[m] < v {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return uint8(lo)
}

// cell sums gradients, curvatures and rows of a bin.
type cell struct{ g, h, n float64 }

// Node is a node of a histogram tree; Left is 0 in a leaf.
type Node struct {
	Feature     int
	Threshold   float64
	Bin         uint8
	MissingLeft bool
	Left, Right int
	Value       float64
}

// Histogram are the options and results of histogram gradient boosting.
type Histogram struct {
	LearningRate        float64 `param:"learning_rate=0.1"`
	MaxIter             int     `param:"max_iter=100"`
	MaxLeafNodes        int     `param:"max_leaf_nodes=31"` // 0: no limit
	MaxDepth            int     `param:"max_depth=0"`       // 0: no limit
	MinSamplesLeaf      int     `param:"min_samples_leaf=20"`
	L2Regularization    float64 `param:"l2_regularization=0.0"`
	MaxFeatures         float64 `param:"max_features=1.0"`
	MaxBins             int     `param:"max_bins=255"`
	CategoricalFeatures any     `param:"categorical_features=None"`
	MonotonicCst        []int   `param:"monotonic_cst"`
	InteractionCst      any     `param:"interaction_cst=None"`
	WarmStart           bool    `param:"warm_start=false"`
	EarlyStopping       any     `param:"early_stopping=auto"`
	Scoring             any     `param:"scoring=loss" fixed:"true"`
	ValidationFraction  float64 `param:"validation_fraction=0.1"`
	NIterNoChange       int     `param:"n_iter_no_change=10"`
	Tol                 float64 `param:"tol=1e-07"`
	RandomState         int64   `param:"random_state=0"`

	Baseline   []float64  `fit:"baseline_prediction_"`
	Rounds     [][][]Node `fit:"predictors_"` // [rounds][outputs]
	TrainScore []float64  `fit:"train_score_"`
	NIter      int        `fit:"n_iter_"`
}

// slopes writes gradient and curvature of output k for each row.
type slopes interface {
	outputs() int
	start(w []float64) []float64
	loss(raw *learn.Matrix, w []float64, index []int) float64
	slopes(raw *learn.Matrix, k int, w, g, h []float64)
}

// boost fits the rounds.
func (o *Histogram) boost(b *learn.Base, x *learn.Matrix, w []float64, obj slopes) {
	if o.CategoricalFeatures != nil || o.InteractionCst != nil || o.MonotonicCst != nil || o.MaxFeatures != 1 {
		b.Fail("CategoricalFeatures, InteractionCst, MonotonicCst and MaxFeatures are not supported; leave " +
			"them as they are")
	}
	if o.MaxBins < 2 || o.MaxBins > 255 || o.MaxIter < 1 || o.MinSamplesLeaf < 1 {
		b.Fail("MaxBins is %d, MaxIter %d, MinSamplesLeaf %d; want 2 … 255, at least 1, at least 1", o.MaxBins,
			o.MaxIter, o.MinSamplesLeaf)
	}
	bn := newBins(x, o.MaxBins)
	k := obj.outputs()
	o.Baseline, o.Rounds, o.TrainScore = obj.start(w), nil, nil
	raw := learn.NewMatrix(x.Rows, k)
	for i := range raw.Rows {
		copy(raw.Row(i), o.Baseline)
	}
	g, h := make([]float64, x.Rows), make([]float64, x.Rows)
	stops := o.EarlyStopping == true || o.EarlyStopping == "auto" && x.Rows > 10000
	all := allRows(x.Rows)
	best, idle := math.Inf(1), 0
	for range o.MaxIter {
		b.Poll()
		var round [][]Node
		before := raw
		if k > 1 {
			before = raw.Clone()
		}
		for c := range k {
			obj.slopes(before, c, w, g, h)
			t := &histTree{o: o, b: bn, g: g, h: h}
			round = append(round, t.grow(raw, c))
		}
		o.Rounds = append(o.Rounds, round)
		if stops {
			l := obj.loss(raw, w, all)
			o.TrainScore = append(o.TrainScore, -l)
			if l > best-o.Tol {
				idle++
			} else {
				idle = 0
			}
			best = min(best, l)
			if idle >= o.NIterNoChange {
				break
			}
		}
	}
	o.NIter = len(o.Rounds)
}

// histTree grows one tree.
type histTree struct {
	o     *Histogram
	b     *bins
	g, h  []float64
	rows  []int32
	spare []int32
	nodes []Node
}

// part is a leaf that could be split: rows lo … hi−1 with their histogram.
type part struct {
	node, lo, hi, depth int
	hist                []cell
	sum                 cell
	gain                float64
	feature             int
	bin                 uint8
	missingLeft         bool
	left                cell
}

// grow splits the leaf with the largest gain until the limits, and moves the raw predictions.
func (t *histTree) grow(raw *learn.Matrix, output int) []Node {
	n := raw.Rows
	t.rows, t.spare = make([]int32, n), make([]int32, n)
	for i := range t.rows {
		t.rows[i] = int32(i)
	}
	root := &part{hi: n}
	for i := range n {
		root.sum.g += t.g[i]
		root.sum.h += t.h[i]
	}
	root.sum.n = float64(n)
	t.nodes = []Node{{}}
	root.hist = t.histogram(root.lo, root.hi)
	t.find(root)
	open, done := []*part{root}, []*part(nil)
	for leaves := 1; len(open) > 0; {
		top := 0
		for i, p := range open {
			if p.gain > open[top].gain {
				top = i
			}
		}
		p := open[top]
		open = append(open[:top], open[top+1:]...)
		if p.gain <= 0 || t.o.MaxLeafNodes > 0 && leaves >= t.o.MaxLeafNodes ||
			t.o.MaxDepth > 0 && p.depth >= t.o.MaxDepth {
			p.hist = nil
			done = append(done, p)
			continue
		}
		l, r := t.split(p)
		leaves++
		open = append(open, l, r)
	}
	for _, p := range done {
		v := -t.o.LearningRate * p.sum.g / (p.sum.h + t.o.L2Regularization + 1e-15)
		t.nodes[p.node].Value = v
		for _, i := range t.rows[p.lo:p.hi] {
			raw.Data[int(i)*raw.Cols+output] += v
		}
	}
	return t.nodes
}

// histogram sums the rows lo … hi−1 by feature and bin.
func (t *histTree) histogram(lo, hi int) []cell {
	rows := t.rows[lo:hi]
	out := make([]cell, len(t.b.codes)*256)
	gh := make([][2]float64, len(rows))
	for k, i := range rows {
		gh[k] = [2]float64{t.g[i], t.h[i]}
	}
	engine.Parallel(len(t.b.codes), 1+16384/(len(rows)+1), func(from, to int) {
		j := from
		for ; j+2 <= to; j += 2 {
			addPair((*[256]cell)(out[j*256:]), (*[256]cell)(out[(j+1)*256:]), t.b.codes[j], t.b.codes[j+1], rows, gh)
		}
		if j < to {
			addRows((*[256]cell)(out[j*256:]), t.b.codes[j], rows, gh)
		}
	})
	return out
}

func addRows(cells *[256]cell, codes []uint8, rows []int32, gh [][2]float64) {
	for k, i := range rows {
		c, v := &cells[codes[i]], &gh[k]
		c.g += v[0]
		c.h += v[1]
		c.n++
	}
}

// addPair sums two features at a time: their additions do not wait for each other.
func addPair(p, q *[256]cell, a, b []uint8, rows []int32, gh [][2]float64) {
	gh = gh[:len(rows)]
	b = b[:len(a)]
	if len(rows) == len(a) { // all rows, in order
		for k, v := range gh {
			c, d := &p[a[k]], &q[b[k]]
			c.g += v[0]
			c.h += v[1]
			c.n++
			d.g += v[0]
			d.h += v[1]
			d.n++
		}
		return
	}
	for k, i := range rows {
		v := &gh[k]
		g, h := v[0], v[1]
		c, d := &p[a[i]], &q[b[i]]
		c.g += g
		c.h += h
		c.n++
		d.g += g
		d.h += h
		d.n++
	}
}

// find looks for the best split of a part.
func (t *histTree) find(p *part) {
	if p.sum.n < float64(2*t.o.MinSamplesLeaf) {
		return
	}
	best := make([]part, len(t.b.Edges))
	engine.Parallel(len(best), 8, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			best[j].gain = p.gain
			t.findIn(p, j, &best[j])
		}
	})
	for j := range best {
		if c := &best[j]; c.gain > p.gain {
			p.gain, p.feature, p.bin, p.missingLeft, p.left = c.gain, j, c.bin, c.missingLeft, c.left
		}
	}
}

// findIn looks for the best split of p by feature j and writes it to best.
func (t *histTree) findIn(p *part, j int, best *part) {
	l2, least := t.o.L2Regularization+1e-15, float64(t.o.MinSamplesLeaf)
	whole := p.sum.g * p.sum.g / (p.sum.h + l2)
	cells := (*[256]cell)(p.hist[j*256:])
	nan := cells[missing]
	for pass := range 2 {
		var l cell
		if pass == 1 {
			if nan.n == 0 {
				break
			}
			l = nan
		}
		for b := range t.b.Edges[j] {
			c := &cells[b&255]
			l.g += c.g
			l.h += c.h
			l.n += c.n
			r := cell{p.sum.g - l.g, p.sum.h - l.h, p.sum.n - l.n}
			if l.n < least || l.h < 1e-3 {
				continue
			}
			if r.n < least || r.h < 1e-3 {
				break
			}
			if gain := l.g*l.g/(l.h+l2) + r.g*r.g/(r.h+l2) - whole; gain > best.gain {
				best.gain, best.bin, best.missingLeft, best.left = gain, uint8(b), pass == 1, l
			}
		}
	}
	if nan.n == 0 && best.gain > p.gain { // unseen NaN go to the larger side
		best.missingLeft = 2*best.left.n > p.sum.n
	}
}

// split makes two parts; the histogram of the larger is the difference.
func (t *histTree) split(p *part) (l, r *part) {
	codes, rows := t.b.codes[p.feature], t.rows[p.lo:p.hi]
	a, b := 0, 0
	for _, i := range rows {
		c := codes[i]
		if c == missing && p.missingLeft || c != missing && c <= p.bin {
			rows[a] = i
			a++
		} else {
			t.spare[b] = i
			b++
		}
	}
	copy(rows[a:], t.spare[:b])
	mid := p.lo + a
	at := len(t.nodes)
	t.nodes = append(t.nodes, Node{}, Node{})
	n := &t.nodes[p.node]
	n.Feature, n.Threshold, n.Bin = p.feature, t.b.Edges[p.feature][p.bin], p.bin
	n.MissingLeft, n.Left, n.Right = p.missingLeft, at, at+1
	l = &part{node: at, lo: p.lo, hi: mid, depth: p.depth + 1, sum: p.left}
	r = &part{node: at + 1, lo: mid, hi: p.hi, depth: p.depth + 1}
	r.sum = cell{p.sum.g - p.left.g, p.sum.h - p.left.h, p.sum.n - p.left.n}
	small, large := l, r
	if l.hi-l.lo > r.hi-r.lo {
		small, large = r, l
	}
	small.hist = t.histogram(small.lo, small.hi)
	large.hist = p.hist
	for i, c := range small.hist {
		large.hist[i].g -= c.g
		large.hist[i].h -= c.h
		large.hist[i].n -= c.n
	}
	p.hist = nil
	t.find(l)
	t.find(r)
	return l, r
}

// raw returns the sums of all trees.
func (o *Histogram) raw(x *learn.Matrix) *learn.Matrix {
	out := learn.NewMatrix(x.Rows, len(o.Baseline))
	engine.Parallel(x.Rows, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, dst := x.Row(i), out.Row(i)
			copy(dst, o.Baseline)
			for _, round := range o.Rounds {
				for k, nodes := range round {
					n := &nodes[0]
					for n.Left != 0 {
						if v := row[n.Feature]; v <= n.Threshold || v != v && n.MissingLeft {
							n = &nodes[n.Left]
						} else {
							n = &nodes[n.Right]
						}
					}
					dst[k] += n.Value
				}
			}
		}
	})
	return out
}

// slopes of numbers are those of squared_error.
func (n *numbers) slopes(raw *learn.Matrix, _ int, w, g, h []float64) {
	for i, v := range n.y {
		g[i], h[i] = w[i]*(raw.Data[i]-v), w[i]
	}
}

// slopes of labels are those of the logistic loss.
func (l *labels) slopes(raw *learn.Matrix, k int, w, g, h []float64) {
	engine.Parallel(len(l.codes), 4096, func(lo, hi int) {
		p := make([]float64, l.k)
		for i := lo; i < hi; i++ {
			l.probabilities(raw.Row(i), p)
			class := k
			if l.k == 2 {
				class = 1
			}
			q := p[class]
			g[i], h[i] = q, q*(1-q)
			if l.codes[i] == class {
				g[i]--
			}
			g[i] *= w[i]
			h[i] *= w[i]
		}
	})
}

// HistGradientBoostingRegressor is gradient boosting on binned features; NaN are allowed.
type HistGradientBoostingRegressor struct {
	learn.RegressorBase
	Loss     string `param:"loss=squared_error"`
	Quantile any    `param:"quantile=None" fixed:"true"`
	Histogram
}

// NewHistGradientBoostingRegressor returns one with scikit-learn's defaults.
func NewHistGradientBoostingRegressor() *HistGradientBoostingRegressor {
	m := &HistGradientBoostingRegressor{}
	learn.Init(m)
	return m
}

// Fit adds the trees.
func (m *HistGradientBoostingRegressor) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *HistGradientBoostingRegressor) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y, learn.AllowNaN)
	m.OneOf("Loss", m.Loss, "squared_error")
	t := learn.Target(m.Name(), y)
	m.boost(&m.Base, d, learn.Weights(m.Name(), w, d.Rows), &numbers{y: t, kind: m.Loss})
	m.Done()
	return nil
}

// Predict returns the sums of the trees.
func (m *HistGradientBoostingRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.raw(m.Ready(x, learn.AllowNaN)), nil
}

// HistGradientBoostingClassifier is gradient boosting on binned features; NaN are allowed.
type HistGradientBoostingClassifier struct {
	learn.ClassifierBase
	Loss        string `param:"loss=log_loss"`
	ClassWeight any    `param:"class_weight=None"`
	Histogram
}

// NewHistGradientBoostingClassifier returns one with scikit-learn's defaults.
func NewHistGradientBoostingClassifier() *HistGradientBoostingClassifier {
	m := &HistGradientBoostingClassifier{}
	learn.Init(m)
	return m
}

// Fit adds the trees.
func (m *HistGradientBoostingClassifier) Fit(x learn.Data, y *learn.Matrix) error {
	return m.FitWeighted(x, y, nil)
}

// FitWeighted is Fit with a weight for each row.
func (m *HistGradientBoostingClassifier) FitWeighted(x learn.Data, y *learn.Matrix, w []float64) (err error) {
	defer learn.Catch(&err)
	d := m.Begin(x, y, learn.AllowNaN)
	codes := m.Labels(y)
	m.OneOf("Loss", m.Loss, "log_loss")
	if len(m.Classes) < 2 {
		m.Fail("y has one class, %v; want at least 2", m.Classes)
	}
	w = learn.Weights(m.Name(), w, d.Rows)
	if m.ClassWeight != nil {
		list := make([]int32, len(codes))
		for i, c := range codes {
			list[i] = int32(c)
		}
		w = tree.Balance(&m.Base, m.ClassWeight, [][]int32{list}, [][]float64{m.Classes}, w)
	}
	m.boost(&m.Base, d, w, &labels{codes: codes, k: len(m.Classes)})
	m.Done()
	return nil
}

// DecisionFunction returns the sums of the trees: one column for two classes.
func (m *HistGradientBoostingClassifier) DecisionFunction(x learn.Data) (d *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.raw(m.Ready(x, learn.AllowNaN)), nil
}

// PredictProba returns the probabilities of the classes.
func (m *HistGradientBoostingClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	raw, l := m.raw(m.Ready(x, learn.AllowNaN)), &labels{k: len(m.Classes)}
	p = learn.NewMatrix(raw.Rows, len(m.Classes))
	for i := range p.Rows {
		l.probabilities(raw.Row(i), p.Row(i))
	}
	return p, nil
}

// Predict returns the most probable class.
func (m *HistGradientBoostingClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	return m.ArgMaxRows(p), nil
}
