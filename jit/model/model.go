package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/internal/atomicfile"
	"github.com/lathe-ml/lathe/jit/exec"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/pass"
)

// Save writes g to path: beside it first, then renamed, so that an interruption leaves the old file.
func Save(path string, g *graph.Graph) error {
	if err := atomicfile.Write(path, func(w io.Writer) error { return Write(w, g) }); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

// Write writes g as a file.
func Write(w io.Writer, g *graph.Graph) error {
	h, data, err := encode(g, nil)
	if err != nil {
		return err
	}
	dense := make([]engine.Array, len(data))
	at := int64(0)
	for i, a := range data {
		dense[i] = contiguous(a)
		mem := contents(dense[i])
		t := tensorAt(h, i)
		t.At, t.CRC = at, crc32.Checksum(mem, castagnoli)
		at += int64(len(mem)+alignment-1) / alignment * alignment
	}
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	head := make([]byte, headerAt, headerAt+len(text)+alignment)
	copy(head, magic)
	binary.LittleEndian.PutUint64(head[8:], uint64(len(text)))
	binary.LittleEndian.PutUint32(head[16:], crc32.Checksum(text, castagnoli))
	head = padded(append(head, text...))
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	for _, a := range dense {
		mem := contents(a)
		if _, err := w.Write(mem); err != nil {
			return fmt.Errorf("model: %w", err)
		}
		if _, err := w.Write(make([]byte, -len(mem)&(alignment-1))); err != nil {
			return fmt.Errorf("model: %w", err)
		}
	}
	return nil
}

func padded(b []byte) []byte { return append(b, make([]byte, -len(b)&(alignment-1))...) }

func tensorAt(h *header, i int) *tensor {
	if i < len(h.Consts) {
		return &h.Consts[i]
	}
	return &h.States[i-len(h.Consts)]
}

func contiguous(a engine.Array) engine.Array {
	if a.IsContiguous() {
		return a
	}
	c := engine.NewArray(a.DType, a.Shape)
	if err := cpu.Copy(c, a); err != nil {
		panic(&engine.Error{Where: "model", What: err.Error()})
	}
	return c
}

// contents returns the bytes of a contiguous array.
func contents(a engine.Array) []byte {
	n, s := a.Numel(), a.DType.Size()
	if n == 0 {
		return nil
	}
	return a.Buf.Bytes()[a.Offset*s : (a.Offset+n)*s]
}

// Model is a graph that runs. It may run in several goroutines at once if its graph has no states.
type Model struct {
	g     *graph.Graph
	best  *graph.Graph
	p     *exec.Program
	bytes int
	unmap func() error

	mu     sync.Mutex
	random engine.Generator // for graphs that draw random numbers
	runs   int
}

// Open maps the file at path. Close the Model when it is not used any more.
func Open(path string) (*Model, error) {
	b, unmap, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m, err := Read(b)
	if err != nil {
		_ = unmap()
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	m.unmap = unmap
	return m, nil
}

// Read makes a Model of the bytes of a file, which it keeps.
func Read(b []byte) (*Model, error) {
	g, _, err := decode(b)
	if err != nil {
		return nil, err
	}
	m, err := New(g)
	if err != nil {
		return nil, err
	}
	m.bytes = len(b)
	return m, nil
}

// New makes a Model of a graph, whose constants must not change afterwards.
func New(g *graph.Graph) (*Model, error) {
	m := &Model{g: g, unmap: func() error { return nil }}
	if err := verify(g); err != nil {
		return nil, err
	}
	m.best = pass.RunConstant(g)
	layout := map[graph.Value][]int{}
	for _, c := range m.best.Consts {
		layout[c.Value] = c.Data.Strides
	}
	for _, s := range m.best.States {
		layout[s.In] = s.Data.Strides
	}
	var err error
	m.p, err = exec.New(m.best, func(v graph.Value) []int { return layout[v] })
	return m, err
}

// Graph returns the graph as it was saved.
func (m *Model) Graph() *graph.Graph { return m.g }

// Close gives the file back; the Model and what it returned must not be used afterwards.
func (m *Model) Close() error { return m.unmap() }

// Seed sets where a graph that draws random numbers begins.
func (m *Model) Seed(seed uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.random = engine.Generator{Seed: seed}
}

// Run computes the outputs for inputs of the types that the graph has. Inputs are not changed.
func (m *Model) Run(in []engine.Array) (out []engine.Array, err error) { return m.run(in, nil) }

// run is Run; took, when given, is told the time of each kernel call.
func (m *Model) run(in []engine.Array, took func(node int, d time.Duration)) (out []engine.Array, err error) {
	if len(in) != len(m.g.Inputs) {
		return nil, fmt.Errorf("model: the graph takes %d inputs, got %d", len(m.g.Inputs), len(in))
	}
	r := &exec.Run{Inputs: make([]engine.Array, len(in)), Took: took}
	for i, a := range in {
		if t := m.g.Type(m.g.Inputs[i].Value); a.DType != t.DType || !a.Shape.Equal(t.Shape) {
			return nil, fmt.Errorf("model: input %d (%s) is %v, the graph wants %v", i, m.g.Inputs[i].Name, a, t)
		}
		r.Inputs[i] = contiguous(a)
	}
	if m.g.Words > 0 || len(m.g.States) > 0 {
		m.mu.Lock()
		from, runs := m.random, m.runs
		m.random.Offset += (m.g.Words + 3) / 4 * 4
		m.runs++
		m.mu.Unlock()
		r.Attrs = func(i int) op.Attrs { return m.best.Nodes[i].At(runs, from.Seed, from.Offset) }
	}
	err = engine.Catch(func() { out = m.p.Run(r) })
	return out, err
}

// Info describes the model: what goes in and comes out, how large it is, and which operators it applies.
func (m *Model) Info() string {
	var b strings.Builder
	for _, x := range m.g.Inputs {
		fmt.Fprintf(&b, "input   %-12s %v\n", x.Name, m.g.Type(x.Value))
	}
	for _, o := range m.g.Outputs {
		fmt.Fprintf(&b, "output  %-12s %v\n", o.Name, m.g.Type(o.Value))
	}
	weights, elements := 0, 0
	for _, c := range m.g.Consts {
		if n := c.Data.Numel(); n > 1 {
			weights, elements = weights+1, elements+n
		}
	}
	fmt.Fprintf(&b, "weights %d tensors with %d values\n", weights, elements)
	if len(m.g.States) > 0 {
		fmt.Fprintf(&b, "states  %d tensors change with each run\n", len(m.g.States))
	}
	if m.bytes > 0 {
		fmt.Fprintf(&b, "file    %d bytes\n", m.bytes)
	}
	fmt.Fprintf(&b, "plan    %d operators in %d kernel calls, %d bytes of scratch memory\n", len(m.g.Nodes),
		m.p.Steps(), m.p.ArenaBytes())
	count := map[string]int{}
	for i := range m.g.Nodes {
		count[m.g.Nodes[i].Def.Name]++
	}
	names := make([]string, 0, len(count))
	for n := range count {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(&b, "  %4d %s\n", count[n], n)
	}
	return b.String()
}
