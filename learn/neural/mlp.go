// Package neural has scikit-learn's multi-layer perceptrons and the restricted Boltzmann machine.
//
//	m := neural.NewMLPClassifier()
//	m.HiddenLayerSizes = []int{50, 20}
//	err := m.Fit(x, y)
//	p, err := m.PredictProba(xTest)
//	fmt.Println(m.LossCurve)
//
// Networks of other shapes are built with eager/nn.
package neural

import (
	"math"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/minimize"
	"github.com/lathe-ml/lathe/learn/random"
)

// Network are the options and results of perceptrons.
type Network struct {
	HiddenLayerSizes   []int   `param:"hidden_layer_sizes=[100]"`
	Activation         string  `param:"activation=relu"` // identity, logistic, tanh or relu
	Solver             string  `param:"solver=adam"`     // lbfgs, sgd or adam
	Alpha              float64 `param:"alpha=0.0001"`    // of the squared coefficients
	BatchSize          any     `param:"batch_size=auto"` // auto is min(200, rows)
	LearningRate       string  `param:"learning_rate=constant"`
	LearningRateInit   float64 `param:"learning_rate_init=0.001"`
	PowerT             float64 `param:"power_t=0.5"`
	MaxIter            int     `param:"max_iter=200"`
	Shuffle            bool    `param:"shuffle=true"`
	RandomState        int64   `param:"random_state=0"`
	Tol                float64 `param:"tol=0.0001"`
	WarmStart          bool    `param:"warm_start=false"`
	Momentum           float64 `param:"momentum=0.9"`
	NesterovsMomentum  bool    `param:"nesterovs_momentum=true"`
	EarlyStopping      bool    `param:"early_stopping=false"`
	ValidationFraction float64 `param:"validation_fraction=0.1"`
	Beta1              float64 `param:"beta_1=0.9"`
	Beta2              float64 `param:"beta_2=0.999"`
	Epsilon            float64 `param:"epsilon=1e-08"`
	NIterNoChange      int     `param:"n_iter_no_change=10"`
	MaxFun             int     `param:"max_fun=15000"`

	Coefs      []*learn.Matrix `fit:"coefs_"` // of each layer, [inputs outputs]
	Intercepts [][]float64     `fit:"intercepts_"`
	LossCurve  []float64       `fit:"loss_curve_"`
	Loss       float64         `fit:"loss_"`
	NIter      int             `fit:"n_iter_"`
	NLayers    int             `fit:"n_layers_"`
	Output     string          `fit:"out_activation_"`
}

// start draws the coefficients (Glorot and Bengio 2010).
func (n *Network) start(inputs, outputs int, r *random.State) {
	sizes := append(append([]int{inputs}, n.HiddenLayerSizes...), outputs)
	n.NLayers = len(sizes)
	n.Coefs, n.Intercepts = nil, nil
	factor := 6.0
	if n.Activation == "logistic" {
		factor = 2
	}
	for l := range len(sizes) - 1 {
		bound := math.Sqrt(factor / float64(sizes[l]+sizes[l+1]))
		w := learn.NewMatrix(sizes[l], sizes[l+1])
		for i := range w.Data {
			w.Data[i] = r.Uniform(-bound, bound)
		}
		b := make([]float64, sizes[l+1])
		for i := range b {
			b[i] = r.Uniform(-bound, bound)
		}
		n.Coefs, n.Intercepts = append(n.Coefs, w), append(n.Intercepts, b)
	}
}

// forward returns the activations of all layers.
func (n *Network) forward(x *learn.Matrix) []*learn.Matrix {
	acts := []*learn.Matrix{x}
	for l, w := range n.Coefs {
		z := learn.Mul(acts[l], w)
		for i := range z.Rows {
			row := z.Row(i)
			for j := range row {
				row[j] += n.Intercepts[l][j]
			}
		}
		kind := n.Activation
		if l == len(n.Coefs)-1 {
			kind = n.Output
		}
		activate(z, kind)
		acts = append(acts, z)
	}
	return acts
}

func activate(z *learn.Matrix, kind string) {
	switch kind {
	case "relu":
		for i, v := range z.Data {
			z.Data[i] = max(v, 0)
		}
	case "tanh":
		for i, v := range z.Data {
			z.Data[i] = math.Tanh(v)
		}
	case "logistic":
		for i, v := range z.Data {
			z.Data[i] = 1 / (1 + math.Exp(-v))
		}
	case "softmax":
		for i := range z.Rows {
			row := z.Row(i)
			top, sum := row[learn.ArgMax(row)], 0.0
			for j, v := range row {
				row[j] = math.Exp(v - top)
				sum += row[j]
			}
			for j := range row {
				row[j] /= sum
			}
		}
	}
}

// lossOf returns the mean loss of outputs p for targets y.
func (n *Network) lossOf(y, p *learn.Matrix) float64 {
	s := 0.0
	clip := func(v float64) float64 { return min(max(v, 2.2e-16), 1-2.2e-16) }
	for i, t := range y.Data {
		v := p.Data[i]
		switch n.Output {
		case "softmax":
			if t > 0 {
				s -= t * math.Log(clip(v))
			}
		case "logistic":
			s -= t*math.Log(clip(v)) + (1-t)*math.Log(clip(1-v))
		default:
			s += (v - t) * (v - t) / 2
		}
	}
	if n.Output == "identity" {
		return s / float64(len(y.Data))
	}
	return s / float64(y.Rows)
}

// gradient returns the loss with the penalty, and the gradients of coefficients and intercepts.
func (n *Network) gradient(x, y *learn.Matrix) (loss float64, dw []*learn.Matrix, db [][]float64) {
	acts := n.forward(x)
	last := len(n.Coefs) - 1
	rows := float64(x.Rows)
	loss = n.lossOf(y, acts[last+1])
	delta := acts[last+1].Clone()
	for i := range delta.Data {
		delta.Data[i] -= y.Data[i]
	}
	if n.Output == "identity" { // the mean over outputs too
		rows *= float64(y.Cols)
	}
	dw, db = make([]*learn.Matrix, last+1), make([][]float64, last+1)
	for l := last; l >= 0; l-- {
		g := learn.TMul(acts[l], delta)
		b := make([]float64, delta.Cols)
		for i := range delta.Rows {
			for j, v := range delta.Row(i) {
				b[j] += v / rows
			}
		}
		for i, w := range n.Coefs[l].Data {
			g.Data[i] = g.Data[i]/rows + n.Alpha*w/float64(x.Rows)
			loss += 0.5 * n.Alpha * w * w / float64(x.Rows)
		}
		dw[l], db[l] = g, b
		if l > 0 {
			delta = learn.MulT(delta, n.Coefs[l])
			derive(delta, acts[l], n.Activation)
		}
	}
	return loss, dw, db
}

func derive(d, a *learn.Matrix, kind string) {
	for i, v := range a.Data {
		switch kind {
		case "relu":
			if v <= 0 {
				d.Data[i] = 0
			}
		case "tanh":
			d.Data[i] *= 1 - v*v
		case "logistic":
			d.Data[i] *= v * (1 - v)
		}
	}
}

// flat lists all variables.
func flat(w []*learn.Matrix, b [][]float64) []float64 {
	var v []float64
	for l := range w {
		v = append(append(v, w[l].Data...), b[l]...)
	}
	return v
}

// fill is the inverse of flat.
func (n *Network) fill(v []float64) {
	for l, w := range n.Coefs {
		copy(w.Data, v)
		v = v[len(w.Data):]
		copy(n.Intercepts[l], v)
		v = v[len(n.Intercepts[l]):]
	}
}

// train fits the network; score judges the validation rows for early stopping.
func (n *Network) train(b *learn.Base, x, y *learn.Matrix, warm bool, score func(x, y *learn.Matrix) float64) {
	b.OneOf("Activation", n.Activation, "identity", "logistic", "tanh", "relu")
	b.OneOf("Solver", n.Solver, "lbfgs", "sgd", "adam")
	for _, h := range n.HiddenLayerSizes {
		if h < 1 {
			b.Fail("HiddenLayerSizes is %v; want positive sizes", n.HiddenLayerSizes)
		}
	}
	r := random.New(n.RandomState)
	if !warm {
		n.start(x.Cols, y.Cols, r)
	}
	n.LossCurve = nil
	if n.Solver == "lbfgs" {
		f := func(v, g []float64) float64 {
			b.Poll()
			n.fill(v)
			loss, dw, db := n.gradient(x, y)
			copy(g, flat(dw, db))
			return loss
		}
		res := minimize.LBFGS(f, flat(n.Coefs, n.Intercepts), minimize.Options{
			MaxIter: n.MaxIter, GradTol: n.Tol, ValueTol: 64 * 2.2e-16,
		})
		n.fill(res.X)
		n.Loss, n.NIter = res.Value, res.Iterations
		return
	}
	n.stochastic(b, x, y, r, score)
}

func (n *Network) stochastic(b *learn.Base, x, y *learn.Matrix, r *random.State,
	score func(x, y *learn.Matrix) float64,
) {
	var xv, yv *learn.Matrix
	if n.EarlyStopping {
		p := r.Permutation(x.Rows)
		k := max(1, int(n.ValidationFraction*float64(x.Rows)))
		xv, yv = x.Take(p[:k]), y.Take(p[:k])
		x, y = x.Take(p[k:]), y.Take(p[k:])
	}
	size, ok := learn.OptInt(n.BatchSize)
	if !ok {
		size = 200
	}
	size = min(max(size, 1), x.Rows)
	step := newStepper(n)
	order := make([]int, x.Rows)
	for i := range order {
		order[i] = i
	}
	best, idle := math.Inf(1), 0
	var kept []float64
	for n.NIter = 1; n.NIter <= n.MaxIter; n.NIter++ {
		b.Poll()
		if n.Shuffle {
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		sum := 0.0
		for from := 0; from < len(order); from += size {
			batch := order[from:min(from+size, len(order))]
			loss, dw, db := n.gradient(x.Take(batch), y.Take(batch))
			sum += loss * float64(len(batch))
			step.move(flat(dw, db))
		}
		n.Loss = sum / float64(x.Rows)
		n.LossCurve = append(n.LossCurve, n.Loss)
		if math.IsNaN(n.Loss) || math.IsInf(n.Loss, 0) {
			b.Fail("loss is %g; scale X or lower LearningRateInit", n.Loss)
		}
		value := n.Loss
		if xv != nil {
			value = -score(xv, yv)
		}
		if value > best-n.Tol {
			idle++
		} else {
			idle = 0
		}
		if value < best {
			best = value
			if xv != nil {
				kept = flat(n.Coefs, n.Intercepts)
			}
		}
		if idle > n.NIterNoChange {
			if n.Solver == "sgd" && n.LearningRate == "adaptive" && step.rate > 1e-6 {
				step.rate /= 5
				idle = 0
				continue
			}
			break
		}
		if n.LearningRate == "invscaling" {
			step.rate = n.LearningRateInit / math.Pow(float64(n.NIter*x.Rows+1), n.PowerT)
		}
	}
	n.NIter = min(n.NIter, n.MaxIter)
	if kept != nil {
		n.fill(kept)
	}
}

// stepper is Adam, or gradient descent with momentum.
type stepper struct {
	n    *Network
	v    []float64
	m, s []float64
	t    float64
	rate float64
}

func newStepper(n *Network) *stepper {
	v := flat(n.Coefs, n.Intercepts)
	return &stepper{n: n, v: v, m: make([]float64, len(v)), s: make([]float64, len(v)), rate: n.LearningRateInit}
}

func (o *stepper) move(g []float64) {
	o.t++
	n := o.n
	if n.Solver == "adam" {
		rate := o.rate * math.Sqrt(1-math.Pow(n.Beta2, o.t)) / (1 - math.Pow(n.Beta1, o.t))
		for i, d := range g {
			o.m[i] = n.Beta1*o.m[i] + (1-n.Beta1)*d
			o.s[i] = n.Beta2*o.s[i] + (1-n.Beta2)*d*d
			o.v[i] -= rate * o.m[i] / (math.Sqrt(o.s[i]) + n.Epsilon)
		}
	} else {
		for i, d := range g {
			o.m[i] = n.Momentum*o.m[i] - o.rate*d
			if n.NesterovsMomentum {
				o.v[i] += n.Momentum*o.m[i] - o.rate*d
			} else {
				o.v[i] += o.m[i]
			}
		}
	}
	n.fill(o.v)
}

// MLPClassifier is a perceptron of classes, or of labels in several columns.
type MLPClassifier struct {
	learn.ClassifierBase
	Network
	labels int // columns of a multilabel target
}

// NewMLPClassifier returns one with scikit-learn's defaults.
func NewMLPClassifier() *MLPClassifier { m := &MLPClassifier{}; learn.Init(m); return m }

// Fit trains the network.
func (m *MLPClassifier) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	warm := m.WarmStart && m.Fitted()
	d := m.Begin(x, y)
	if y == nil {
		m.Fail("y is nil; want a label for each row")
	}
	t := y
	m.Output, m.labels = "logistic", 0
	if y.Cols > 1 {
		m.labels = y.Cols
		m.Classes = nil
		for j := range y.Cols {
			m.Classes = append(m.Classes, float64(j))
		}
	} else {
		codes := m.Labels(y)
		cols := len(m.Classes)
		if cols > 2 {
			m.Output = "softmax"
		} else {
			cols = 1
		}
		t = learn.NewMatrix(len(codes), cols)
		for i, c := range codes {
			if cols > 1 {
				t.Set(i, c, 1)
			} else {
				t.Data[i] = float64(c)
			}
		}
	}
	m.train(&m.Base, d, t, warm, func(x, y *learn.Matrix) float64 { return -m.lossOf(y, m.out(x)) })
	m.Done()
	return nil
}

func (n *Network) out(x *learn.Matrix) *learn.Matrix {
	acts := n.forward(x)
	return acts[len(acts)-1]
}

// PredictProba returns the probabilities of classes or labels.
func (m *MLPClassifier) PredictProba(x learn.Data) (p *learn.Matrix, err error) {
	defer learn.Catch(&err)
	o := m.out(m.Ready(x))
	if o.Cols > 1 || m.labels > 0 {
		return o, nil
	}
	if len(m.Classes) == 1 { // it is certain
		for i := range o.Data {
			o.Data[i] = 1
		}
		return o, nil
	}
	p = learn.NewMatrix(o.Rows, 2)
	for i, v := range o.Data {
		p.Data[2*i], p.Data[2*i+1] = 1-v, v
	}
	return p, nil
}

// Predict returns the most probable class, or all probable labels.
func (m *MLPClassifier) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	p, err := m.PredictProba(x)
	if err != nil {
		return nil, err
	}
	if m.labels == 0 {
		return m.ArgMaxRows(p), nil
	}
	for i, v := range p.Data {
		p.Data[i] = 0
		if v > 0.5 {
			p.Data[i] = 1
		}
	}
	return p, nil
}

// MLPRegressor is a perceptron of numbers.
type MLPRegressor struct {
	learn.RegressorBase
	LossName string `param:"loss=squared_error"`
	Network
}

// NewMLPRegressor returns one with scikit-learn's defaults.
func NewMLPRegressor() *MLPRegressor { m := &MLPRegressor{}; learn.Init(m); return m }

// Fit trains the network; y may have several columns.
func (m *MLPRegressor) Fit(x learn.Data, y *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	warm := m.WarmStart && m.Fitted()
	d := m.Begin(x, y)
	if y == nil {
		m.Fail("y is nil; want a target for each row")
	}
	m.OneOf("LossName", m.LossName, "squared_error")
	m.Output = "identity"
	m.train(&m.Base, d, y, warm, func(x, y *learn.Matrix) float64 { return -m.lossOf(y, m.out(x)) })
	m.Done()
	return nil
}

// Predict returns the outputs.
func (m *MLPRegressor) Predict(x learn.Data) (y *learn.Matrix, err error) {
	defer learn.Catch(&err)
	return m.out(m.Ready(x)), nil
}
