package caffe

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Solver trains a network by the rules of a solver file.
type Solver struct {
	Train *Net
	Tests []*Net
	// Log gets what Caffe prints: losses, rates, test results; nil: nothing.
	Log io.Writer

	param   *Message
	dir     string
	name    string // the solver's file without its ending; ""
	iter    int
	step    int // of the multistep policy
	history map[*eager.Tensor][]*eager.Tensor
	losses  []float64
}

// LoadSolver reads a solver file and the networks that it names, which are looked for beside it and in the working
// directory.
func LoadSolver(path string) (*Solver, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("caffe: %w", err)
	}
	m, err := ParseText(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s, err := NewSolver(m, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return s, nil
}

// NewSolver returns a solver with the parameters of a message SolverParameter; dir is where files are looked for first.
func NewSolver(m *Message, dir string) (s *Solver, err error) {
	s = &Solver{param: m, dir: dir, history: map[*eager.Tensor][]*eager.Tensor{}}
	if caught := engine.Catch(func() { err = s.init() }); caught != nil {
		err = caught
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Solver) find(name string) string { return find(s.dir, name) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *Solver) init() error {
	if seed := s.param.Int("random_seed", -1); seed >= 0 {
		eager.Seed(uint64(seed))
	}
	if _, err := s.kind(); err != nil {
		return err
	}
	read := func(message, file string, i int) (*Message, error) {
		if ms := s.param.Messages(message); i < len(ms) {
			c := ms[i].clone()
			return c, upgrade(c)
		}
		if files := s.param.Texts(file); i < len(files) {
			return ReadNet(s.find(files[i]))
		}
		return nil, nil
	}
	if s.param.Has("test_interval") && !s.param.Has("test_iter") {
		return fmt.Errorf("caffe: the solver has test_interval without test_iter")
	}
	shared, err := read("net_param", "net", 0)
	if err != nil {
		return err
	}
	train, err := read("train_net_param", "train_net", 0)
	if err != nil {
		return err
	}
	if train == nil {
		train = shared
	}
	if train == nil {
		return fmt.Errorf("caffe: the solver names no network: want net, train_net, net_param or train_net_param")
	}
	if s.Train, err = New(withState(train, s.param.Message("train_state")), Train); err != nil {
		return err
	}
	s.Train.Dir = s.dir
	states := s.param.Messages("test_state")
	for i := range max(len(s.param.Ints("test_iter")), 0) {
		test, err := read("test_net_param", "test_net", i)
		if err != nil {
			return err
		}
		if test == nil {
			test = shared
		}
		if test == nil {
			return fmt.Errorf("caffe: test_iter %d has no network", i)
		}
		var state *Message
		if i < len(states) {
			state = states[i]
		}
		n, err := New(withState(test, state), Test)
		if err != nil {
			return err
		}
		n.Dir = s.dir
		s.Tests = append(s.Tests, n)
	}
	for _, w := range s.param.Texts("weights") {
		if err := s.Train.LoadWeights(s.find(w)); err != nil {
			return err
		}
	}
	return nil
}

// withState returns a copy of a network whose state has what a solver adds to it.
func withState(net, add *Message) *Message {
	net = net.clone()
	if add == nil {
		return net
	}
	state := net.Message("state")
	if state == nil {
		state = newMessage()
		net.set("state", state)
	}
	for _, stage := range add.all("stage") {
		state.add("stage", stage)
	}
	if add.Has("level") {
		state.set("level", add.last("level"))
	}
	return net
}

// kind is the rule of the solver.
func (s *Solver) kind() (string, error) {
	old := map[string]string{"SGD": "SGD", "NESTEROV": "Nesterov", "ADAGRAD": "AdaGrad", "RMSPROP": "RMSProp", "ADADELTA": "AdaDelta", "ADAM": "Adam"}
	k := s.param.Text("type", old[s.param.Text("solver_type", "SGD")])
	if !slices.Contains([]string{"SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam"}, k) {
		return "", fmt.Errorf("caffe: solver type %q is unknown; known: SGD, Nesterov, AdaGrad, RMSProp, AdaDelta, Adam", k)
	}
	return k, nil
}

// Iter returns how many updates were made.
func (s *Solver) Iter() int { return s.iter }

// Rate returns the learning rate of the next update by the solver's policy.
func (s *Solver) Rate() float64 {
	p := s.param
	base, gamma, power := p.Float("base_lr", 0), p.Float("gamma", 0), p.Float("power", 0)
	it, size := float64(s.iter), p.Int("stepsize", 1)
	switch policy := p.Text("lr_policy", "fixed"); policy {
	case "fixed":
		return base
	case "step":
		if size < 1 {
			fail("stepsize is %d", size)
		}
		return base * math.Pow(gamma, float64(s.iter/size))
	case "exp":
		return base * math.Pow(gamma, it)
	case "inv":
		return base * math.Pow(1+gamma*it, -power)
	case "multistep":
		n := 0
		for _, v := range p.Ints("stepvalue") {
			if s.iter >= v {
				n++
			}
		}
		s.step = n
		return base * math.Pow(gamma, float64(n))
	case "poly":
		return base * math.Pow(1-it/float64(p.Int("max_iter", 1)), power)
	case "sigmoid":
		return base / (1 + math.Exp(-gamma*(it-float64(size))))
	default:
		fail("lr_policy %q is unknown; known: fixed, step, exp, inv, multistep, poly, sigmoid", policy)
	}
	return 0
}

func (s *Solver) logf(format string, args ...any) {
	if s.Log != nil {
		fmt.Fprintf(s.Log, format+"\n", args...)
	}
}

// Run trains up to max_iter, with tests and snapshots as the solver says. When ctx ends it writes a snapshot, if the
// solver makes any, and returns ctx's error.
func (s *Solver) Run(ctx context.Context) (err error) {
	if caught := engine.Catch(func() { err = s.run(ctx) }); caught != nil {
		return caught
	}
	return err
}

func (s *Solver) run(ctx context.Context) error {
	p := s.param
	most, every, shots := p.Int("max_iter", 0), p.Int("test_interval", 0), p.Int("snapshot", 0)
	first := s.iter
	for s.iter < most {
		if ctx.Err() != nil {
			if shots > 0 || s.last() {
				if err := s.Snapshot(); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
		if every > 0 && s.iter%every == 0 && (s.iter > first || s.iter > 0 || p.Bool("test_initialization", true)) {
			if err := s.test(); err != nil {
				return err
			}
		}
		loss, err := s.Step()
		if err != nil {
			return err
		}
		s.losses = append(s.losses, loss)
		if n := p.Int("average_loss", 1); len(s.losses) > n {
			s.losses = s.losses[len(s.losses)-n:]
		}
		if d := p.Int("display", 0); d > 0 && (s.iter-1)%d == 0 {
			sum := 0.0
			for _, l := range s.losses {
				sum += l
			}
			s.logf("Iteration %d, loss = %.6g, lr = %.6g", s.iter-1, sum/float64(len(s.losses)), s.rateAt(s.iter-1))
		}
		if shots > 0 && s.iter%shots == 0 {
			if err := s.Snapshot(); err != nil {
				return err
			}
		}
	}
	if s.last() && (shots == 0 || s.iter%shots != 0) {
		if err := s.Snapshot(); err != nil {
			return err
		}
	}
	if every > 0 && s.iter%every == 0 {
		return s.test()
	}
	return nil
}

// last reports whether training ends with a snapshot.
func (s *Solver) last() bool {
	return s.param.Bool("snapshot_after_train", true) && (s.param.Has("snapshot_prefix") || s.name != "")
}

func (s *Solver) rateAt(iter int) float64 {
	now := s.iter
	s.iter = iter
	defer func() { s.iter = now }()
	return s.Rate()
}

// test logs the outputs of all test networks, averaged over their batches.
func (s *Solver) test() error {
	for i := range s.Tests {
		mean, err := s.Test(i)
		if err != nil {
			return err
		}
		names := make([]string, 0, len(mean))
		for name := range mean {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			s.logf("Iteration %d, test net #%d: %s = %.6g", s.iter, i, name, mean[name])
		}
	}
	return nil
}

// Test runs test network i with the weights of training and returns its scalar outputs, averaged over test_iter batches.
func (s *Solver) Test(i int) (mean map[string]float64, err error) {
	net := s.Tests[i]
	if err := s.share(net); err != nil {
		return nil, err
	}
	mean = map[string]float64{}
	n := s.param.Ints("test_iter")[i]
	for range n {
		var out map[string]*eager.Tensor
		eager.NoGrad(func() { out, err = net.Forward(nil) })
		if err != nil {
			return nil, err
		}
		for name, y := range out {
			if y.Numel() == 1 {
				mean[name] += y.Item() / float64(n)
			}
		}
	}
	return mean, nil
}

// share gives the weights of training to a test network, layer by layer.
func (s *Solver) share(net *Net) error {
	if err := s.Train.Setup(); err != nil {
		return err
	}
	from := map[string]*layer{}
	for _, l := range s.Train.layers {
		from[l.name] = l
	}
	for _, l := range net.layers {
		if t := from[l.name]; t != nil && len(t.blobs) > 0 {
			l.blobs = slices.Clone(t.blobs)
		}
	}
	return nil
}

// Step makes one update and returns the loss: the sum of the loss layers' tops by their weights.
func (s *Solver) Step() (loss float64, err error) {
	if caught := engine.Catch(func() { loss, err = s.update() }); caught != nil {
		return 0, caught
	}
	return loss, err
}

func (s *Solver) update() (float64, error) {
	size := max(s.param.Int("iter_size", 1), 1)
	total := 0.0
	for range size {
		l, err := s.Train.loss()
		if err != nil {
			return 0, err
		}
		total += l.Item() / float64(size)
		l.Backward()
	}
	ps := s.Train.Parameters()
	rate := s.Rate()
	eager.NoGrad(func() {
		grads := make([]*eager.Tensor, len(ps))
		for i, p := range ps {
			if p.Value.RequiresGrad() {
				grads[i] = p.Value.Grad()
			}
		}
		scale := s.clip(grads) / float64(size)
		kind, _ := s.kind()
		for i, p := range ps {
			if grads[i] == nil {
				continue
			}
			g := grads[i]
			if scale != 1 {
				g = g.Mul(scale)
			}
			if d := s.param.Float("weight_decay", 0) * p.DecayMult; d != 0 {
				if s.param.Text("regularization_type", "L2") == "L1" {
					g = g.Add(p.Value.Sign().Mul(d))
				} else {
					g = g.Add(p.Value.Mul(d))
				}
			}
			p.Value.SetData(p.Value.Sub(s.change(kind, p.Value, g, rate*p.RateMult)))
			p.Value.ZeroGrad()
		}
	})
	s.iter++
	return total, nil
}

// clip returns the factor that brings the norm of all gradients to clip_gradients at most.
func (s *Solver) clip(grads []*eager.Tensor) float64 {
	most := s.param.Float("clip_gradients", -1)
	if most < 0 {
		return 1
	}
	sum := 0.0
	for _, g := range grads {
		if g != nil {
			sum += g.Mul(g).Sum().Item()
		}
	}
	if n := math.Sqrt(sum); n > most {
		return most / n
	}
	return 1
}

// loss runs the network and returns the weighted sum of its losses.
func (n *Net) loss() (*eager.Tensor, error) {
	keep := n.Keep
	n.Keep = true
	_, err := n.Forward(nil)
	n.Keep = keep
	if err != nil {
		return nil, err
	}
	var total *eager.Tensor
	for _, l := range n.layers {
		weights := l.Floats("loss_weight")
		for i, t := range l.top {
			w := 0.0
			switch {
			case i < len(weights):
				w = weights[i]
			case len(weights) == 0 && i == 0 && len(l.kind) > 4 && l.kind[len(l.kind)-4:] == "Loss":
				w = 1
			}
			if w == 0 {
				continue
			}
			x := n.blobs[t].Sum()
			if w != 1 {
				x = x.Mul(w)
			}
			if total == nil {
				total = x
			} else {
				total = total.Add(x)
			}
		}
	}
	if total == nil || !total.RequiresGrad() {
		return nil, fmt.Errorf("caffe: the network has no loss to train with")
	}
	return total, nil
}
