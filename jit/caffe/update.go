package caffe

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/lathe-ml/lathe/eager"
)

// change returns what an update takes from a weight, and moves the weight's history.
func (s *Solver) change(kind string, w, g *eager.Tensor, rate float64) *eager.Tensor {
	h := s.history[w]
	if h == nil {
		n := 1
		if kind == "Adam" || kind == "AdaDelta" {
			n = 2
		}
		for range n {
			h = append(h, eager.ZerosLike(w).Detach())
		}
		s.history[w] = h
	}
	m, delta := s.param.Float("momentum", 0), s.param.Float("delta", 1e-8)
	switch kind {
	case "Nesterov":
		old := h[0]
		h[0] = g.Mul(rate).Add(old.Mul(m))
		return h[0].Mul(1 + m).Sub(old.Mul(m))
	case "AdaGrad":
		h[0] = h[0].Add(g.Mul(g))
		return g.Mul(rate).Div(h[0].Sqrt().Add(delta))
	case "RMSProp":
		d := s.param.Float("rms_decay", 0.99)
		h[0] = h[0].Mul(d).Add(g.Mul(g).Mul(1 - d))
		return g.Mul(rate).Div(h[0].Sqrt().Add(delta))
	case "AdaDelta":
		h[0] = h[0].Mul(m).Add(g.Mul(g).Mul(1 - m))
		step := g.Mul(h[1].Add(delta).Div(h[0].Add(delta)).Sqrt())
		h[1] = h[1].Mul(m).Add(step.Mul(step).Mul(1 - m))
		return step.Mul(rate)
	case "Adam":
		b2, t := s.param.Float("momentum2", 0.999), float64(s.iter+1)
		h[0] = h[0].Mul(m).Add(g.Mul(1 - m))
		h[1] = h[1].Mul(b2).Add(g.Mul(g).Mul(1 - b2))
		rate *= math.Sqrt(1-math.Pow(b2, t)) / (1 - math.Pow(m, t))
		return h[0].Div(h[1].Sqrt().Add(delta)).Mul(rate)
	}
	h[0] = g.Mul(rate).Add(h[0].Mul(m))
	return h[0]
}

// Snapshot writes PREFIX_iter_N.caffemodel and .solverstate, from which Restore goes on.
func (s *Solver) Snapshot() error {
	prefix := s.param.Text("snapshot_prefix", "")
	if prefix == "" {
		return fmt.Errorf("caffe: the solver has no snapshot_prefix")
	}
	if !filepath.IsAbs(prefix) && exists(filepath.Join(s.dir, filepath.Dir(prefix))) {
		prefix = filepath.Join(s.dir, prefix)
	}
	name := fmt.Sprintf("%s_iter_%d", prefix, s.iter)
	if err := s.Train.Save(name + ".caffemodel"); err != nil {
		return err
	}
	state := newMessage()
	state.set("iter", int64(s.iter))
	state.set("learned_net", name+".caffemodel")
	state.set("current_step", int64(s.step))
	ps := s.Train.Parameters()
	for k := range 2 {
		for _, p := range ps {
			if h := s.history[p.Value]; k < len(h) {
				state.add("history", blobOf(h[k]))
			}
		}
	}
	b, err := state.Marshal("SolverState")
	if err != nil {
		return err
	}
	s.logf("Snapshotting to %s.caffemodel and .solverstate", name)
	return writeFile(name+".solverstate", b)
}

// Restore goes on where Snapshot was made: with its weights, history and count of updates.
func (s *Solver) Restore(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("caffe: %w", err)
	}
	m, err := ParseBinary(b, "SolverState")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	net := m.Text("learned_net", "")
	if beside := filepath.Join(filepath.Dir(path), filepath.Base(net)); exists(beside) {
		net = beside
	}
	if err := s.Train.LoadWeights(net); err != nil {
		return err
	}
	var trained []*eager.Tensor
	for _, p := range s.Train.Parameters() {
		if p.Value.RequiresGrad() {
			trained = append(trained, p.Value)
		}
	}
	blobs := m.Messages("history")
	if len(trained) == 0 || len(blobs)%len(trained) != 0 {
		return fmt.Errorf("%s: history of %d tensors for %d weights", path, len(blobs), len(trained))
	}
	for i, bm := range blobs {
		t, err := blobTensor(bm)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		w := trained[i%len(trained)]
		if t.Numel() != w.Numel() {
			return fmt.Errorf("%s: history of shape %v for a weight of %v", path, t.Shape(), w.Shape())
		}
		s.history[w] = append(s.history[w], t.Reshape(w.Shape()...))
	}
	s.iter, s.step = m.Int("iter", 0), m.Int("current_step", 0)
	return nil
}
