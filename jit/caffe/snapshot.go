package caffe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/caffe/hdf5"
)

// prefix returns what the names of snapshots begin with: parameter snapshot_prefix, with the solver's name when
// that is a folder, or the solver's file without its ending.
func (s *Solver) prefix() (string, error) {
	prefix := s.param.Text("snapshot_prefix", "")
	if prefix == "" {
		if s.name == "" {
			return "", fmt.Errorf("caffe: the solver has no snapshot_prefix")
		}
		return filepath.Join(s.dir, s.name), nil
	}
	if !filepath.IsAbs(prefix) {
		if folder := find(s.dir, filepath.Dir(prefix)); exists(folder) {
			prefix = filepath.Join(folder, filepath.Base(prefix))
		}
	}
	if info, err := os.Stat(prefix); err == nil && info.IsDir() && s.name != "" {
		prefix = filepath.Join(prefix, s.name)
	}
	return prefix, nil
}

// histories is the number of tensors that a rule keeps for each weight.
func histories(kind string) int {
	if kind == "Adam" || kind == "AdaDelta" {
		return 2
	}
	return 1
}

// state returns what a rule remembers, in the order of Caffe's files: of all weights first tensors, then second ones.
func (s *Solver) state() []*eager.Tensor {
	var out []*eager.Tensor
	kind, _ := s.kind()
	for k := range histories(kind) {
		for _, p := range s.Train.Parameters() {
			if h := s.history[p.Value]; k < len(h) {
				out = append(out, h[k])
			} else {
				out = append(out, eager.ZerosLike(p.Value).Detach())
			}
		}
	}
	return out
}

// Snapshot writes PREFIX_iter_N.caffemodel and .solverstate, from which Restore goes on; with snapshot_format HDF5
// their names end in .h5.
func (s *Solver) Snapshot() error {
	prefix, err := s.prefix()
	if err != nil {
		return err
	}
	if err := s.Train.Setup(); err != nil {
		return err
	}
	name := fmt.Sprintf("%s_iter_%d", prefix, s.iter)
	if s.param.Text("snapshot_format", "BINARYPROTO") == "HDF5" {
		if err := s.Train.Save(name + ".caffemodel.h5"); err != nil {
			return err
		}
		items := []hdf5.Item{
			{Path: "iter", Shape: []int{1}, Value: []int32{int32(s.iter)}},
			{Path: "learned_net", Value: name + ".caffemodel.h5"},
			{Path: "current_step", Shape: []int{1}, Value: []int32{int32(s.step)}},
		}
		for i, h := range s.state() {
			items = append(items, item(fmt.Sprintf("history/%d", i), h))
		}
		s.logf("Snapshotting to %s.caffemodel.h5 and .solverstate.h5", name)
		return hdf5.Create(name+".solverstate.h5", items)
	}
	if err := s.Train.Save(name + ".caffemodel"); err != nil {
		return err
	}
	state := newMessage()
	state.set("iter", int64(s.iter))
	state.set("learned_net", name+".caffemodel")
	state.set("current_step", int64(s.step))
	for _, h := range s.state() {
		state.add("history", blobOf(h))
	}
	b, err := state.Marshal("SolverState")
	if err != nil {
		return err
	}
	s.logf("Snapshotting to %s.caffemodel and .solverstate", name)
	return writeFile(name+".solverstate", b)
}

func item(path string, t *eager.Tensor) hdf5.Item {
	return hdf5.Item{Path: path, Shape: t.Shape(), Value: t.Float32s()}
}

// isHDF5 reports whether a file begins with HDF5's signature.
func isHDF5(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, 8)
	n, _ := f.Read(b)
	return string(b[:n]) == "\x89HDF\r\n\x1a\n"
}

// readState reads a .solverstate of either form as a message.
func readState(path string) (*Message, error) {
	if !isHDF5(path) {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("caffe: %w", err)
		}
		return ParseBinary(b, "SolverState")
	}
	f, err := hdf5.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := newMessage()
	for _, name := range []string{"iter", "current_step"} {
		d, err := f.Read(name)
		if err != nil {
			return nil, err
		}
		if v := d.Float64s(); len(v) == 1 {
			m.set(name, int64(v[0]))
		}
	}
	if f.Has("learned_net") {
		d, err := f.Read("learned_net")
		if err != nil {
			return nil, err
		}
		m.set("learned_net", d.Text())
	}
	for i := 0; f.Has(fmt.Sprintf("history/%d", i)); i++ {
		b, err := readBlob(f, fmt.Sprintf("history/%d", i))
		if err != nil {
			return nil, err
		}
		m.add("history", b)
	}
	return m, nil
}

func readBlob(f *hdf5.File, path string) (*Message, error) {
	d, err := f.Read(path)
	if err != nil {
		return nil, err
	}
	if d.IsText() {
		return nil, fmt.Errorf("%q holds texts, want numbers", path)
	}
	b, shape := newMessage(), newMessage()
	for _, n := range d.Shape {
		shape.add("dim", int64(n))
	}
	b.set("shape", shape)
	b.set("data", d.Float32s())
	return b, nil
}

// Restore goes on where Snapshot, or Caffe, wrote a .solverstate: with its weights, history and count of updates. The
// weights are looked for beside it, then where it says.
func (s *Solver) Restore(path string) error {
	m, err := readState(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	net := m.Text("learned_net", "")
	if beside := filepath.Join(filepath.Dir(path), filepath.Base(net)); net != "" && exists(beside) {
		net = beside
	}
	if net == "" {
		return fmt.Errorf("%s: the state names no weights", path)
	}
	if err := s.Train.Setup(); err != nil {
		return err
	}
	if err := s.Train.LoadWeights(net); err != nil {
		return err
	}
	var all, trained []*eager.Tensor
	for _, p := range s.Train.Parameters() {
		all = append(all, p.Value)
		if p.Value.RequiresGrad() {
			trained = append(trained, p.Value)
		}
	}
	kind, err := s.kind()
	if err != nil {
		return err
	}
	blobs, n := m.Messages("history"), histories(kind)
	if len(blobs) == n*len(trained) { // of a solver that counts only what learns
		all = trained
	}
	if len(all) == 0 || len(blobs) != n*len(all) {
		return fmt.Errorf("%s: history of %d tensors; %s wants %d for %d weights", path, len(blobs), kind, n*len(all), len(all))
	}
	s.history = map[*eager.Tensor][]*eager.Tensor{}
	for i, bm := range blobs {
		t, err := blobTensor(bm)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		w := all[i%len(all)]
		if t.Numel() != w.Numel() {
			return fmt.Errorf("%s: history of shape %v for a weight of %v", path, t.Shape(), w.Shape())
		}
		s.history[w] = append(s.history[w], t.Reshape(w.Shape()...))
	}
	s.iter, s.step = m.Int("iter", 0), m.Int("current_step", 0)
	return nil
}

// hdf5Weights reads a .caffemodel.h5 as a message NetParameter: groups data/LAYER of blobs 0, 1 …
func hdf5Weights(path string) (m *Message, err error) {
	f, err := hdf5.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Names()
	if err != nil {
		return nil, err
	}
	m = newMessage()
	byName := map[string]*Message{}
	for _, name := range names {
		rest, ours := strings.CutPrefix(name, "data/")
		at := strings.LastIndexByte(rest, '/')
		if !ours || at < 0 {
			continue
		}
		l := byName[rest[:at]]
		if l != nil {
			continue
		}
		l = newMessage()
		l.set("name", rest[:at])
		byName[rest[:at]] = l
		for i := 0; f.Has(fmt.Sprintf("data/%s/%d", rest[:at], i)); i++ {
			b, err := readBlob(f, fmt.Sprintf("data/%s/%d", rest[:at], i))
			if err != nil {
				return nil, err
			}
			l.add("blobs", b)
		}
		m.add("layer", l)
	}
	return m, nil
}

// saveHDF5 writes weights as Caffe does with snapshot_format HDF5.
func (n *Net) saveHDF5(path string) error {
	var items []hdf5.Item
	for _, l := range n.layers {
		for i, b := range l.blobs {
			items = append(items, item(fmt.Sprintf("data/%s/%d", l.name, i), b))
		}
	}
	if len(items) == 0 {
		return errors.New("caffe: the network has no weights to write")
	}
	return hdf5.Create(path, items)
}
