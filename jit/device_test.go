package jit

import (
	"encoding/binary"
	"strings"
	"sync"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/graph"
)

// How many random programs are tried; what stands in for a GPU is slower.
var randomGraphs, randomMachines = 500, 60

// openDevice returns the device that tests of this package use: memory apart and the CPU's kernels, or, with the tag
// cuda, a GPU or what stands in for one.
var openDevice = func(*testing.T) op.Device { return shelves }

var shelves = &shelf{blocks: map[uint64][]byte{}}

// shelf is a device whose memory the CPU does not see as its own, and which begins as NaN.
type shelf struct {
	mu     sync.Mutex
	blocks map[uint64][]byte
	next   uint64
}

func (s *shelf) String() string { return "shelf:0" }

func (s *shelf) New(n int) *engine.Buffer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next += 1 << 32 // an address is a block and a place in it
	addr, p := s.next, make([]byte, n)
	for i := 0; i+4 <= n; i += 4 {
		binary.LittleEndian.PutUint32(p[i:], 0x7fc00000)
	}
	s.blocks[addr] = p
	return engine.NewRemote(s, addr, n, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.blocks, addr)
	})
}

// at returns the memory of b.
func (s *shelf) at(b *engine.Buffer) []byte {
	addr, n := b.Addr(), b.Len()
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.blocks[addr&^(1<<32-1)]
	if !ok {
		engine.Fail("shelf", "address %#x was given back", addr)
	}
	return p[addr&(1<<32-1):][:n]
}

func (s *shelf) Upload(b *engine.Buffer, at int, p []byte)   { copy(s.at(b)[at:], p) }
func (s *shelf) Download(p []byte, b *engine.Buffer, at int) { copy(p, s.at(b)[at:]) }
func (s *shelf) Synchronize()                                {}

// near returns arrays with their memory as the CPU's.
func (s *shelf) near(arrays []engine.Array) []engine.Array {
	r := append([]engine.Array(nil), arrays...)
	for i, a := range r {
		switch {
		case a.Device() != nil:
			r[i].Buf = engine.WrapBytes(s.at(a.Buf))
		case a.Buf != nil && !oneElement(a):
			engine.Fail("shelf", "operand %d (%v) is in the memory of the CPU", i, a)
		}
	}
	return r
}

func (s *shelf) Run(d *op.Def, a op.Attrs, out, in []engine.Array) {
	for _, y := range out {
		if y.Device() == nil {
			engine.Fail("shelf", "result %v of %s is in the memory of the CPU", y, d.Name)
		}
	}
	d.CPU(a, s.near(out), s.near(in))
}

// placed is make with arguments and state on dev.
func placed(dev op.Device, make func() world) func() world {
	return func() world {
		w := make()
		args := w.args
		w.args = func(call int) []tensor {
			x := args(call)
			for i := range x {
				grad := x[i].RequiresGrad()
				if x[i] = x[i].Detach().To(dev); grad {
					x[i].SetRequiresGrad(true)
				}
			}
			return x
		}
		for _, s := range w.state() {
			if s.IsLeaf() {
				s.SetData(s.Detach().To(dev))
			}
		}
		return w
	}
}

// moved is a drawn program whose inputs are on dev.
func (d *drawn) moved(dev op.Device) []tensor {
	x := make([]tensor, len(d.inputs))
	for i, a := range d.inputs {
		x[i] = a.To(dev)
	}
	return x
}

func TestRandomGraphsOnADeviceAreEqual(t *testing.T) {
	dev, n := openDevice(t), randomGraphs
	fused := 0
	for seed := range uint64(n) {
		d := draw(seed, 4+int(seed%20))
		g, err := FromGraph(d.b.Graph())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		x := d.moved(dev)
		for run := range 3 { // one by one, recorded, repeated
			if have, why := g.Run(x...), ""; !d.same(g, have, &why) {
				t.Fatalf("seed %d, run %d: %s\n%s\n%s\n%s", seed, run, why, d.text, g, g.best)
			}
		}
		for i := range g.best.Nodes {
			if g.best.Nodes[i].Def == graph.Fused {
				fused++
			}
		}
	}
	t.Logf("%d graphs on %v, %d fused loops", n, dev, fused)
	if fused < n/4 {
		t.Errorf("%d loops in %d graphs: the fuzzer tests little", fused, n)
	}
}

// same compares what g gave with the values of d.
func (d *drawn) same(g *Graph, have []tensor, why *string) bool {
	for i, o := range g.Outputs {
		k := 0
		for d.ids[k] != o.Value {
			k++
		}
		if *why = differ(d.values[k].Storage(), have[i].To(eager.CPU).Storage()); *why != "" {
			*why = o.Name + ": " + *why
			return false
		}
	}
	return true
}

func TestRandomStatefulFunctionsOnADeviceAreEqual(t *testing.T) {
	dev, programs := openDevice(t), 0
	for seed := range uint64(randomMachines) {
		f := same(t, 7, 1e-5, placed(dev, func() world {
			m := newMachine(seed)
			m.place = func(x tensor) tensor { return x.To(dev) }
			m.kept = m.place(m.kept)
			return world{
				m.call, func(int) []tensor { return []tensor{eager.Randn(3, 4)} },
				func() []tensor { return append([]tensor{m.kept}, m.state...) },
			}
		}))
		programs += f.stats.programs
		if f.stats.differed > 0 || t.Failed() {
			t.Fatalf("seed %d\n%s", seed, Explain(f))
		}
	}
	t.Logf("%d functions on %v, %d segments by programs", randomMachines, dev, programs)
	if programs < randomMachines {
		t.Errorf("%d segments ran by programs in %d functions", programs, randomMachines)
	}
}

func TestAFunctionMayMoveTensorsBetweenDevices(t *testing.T) {
	dev := openDevice(t)
	make := func() world {
		w := eager.Randn(4, 4).To(dev).SetRequiresGrad(true)
		return world{func(x tensor) tensor {
			y := x.Mul(2).Add(1).To(dev) // computed on the CPU, then moved
			z := y.MatMul(w).Tanh().Sum()
			z.Backward()
			return z.To(eager.CPU).Mul(3).Exp()
		}, func(int) []tensor { return []tensor{eager.Randn(3, 4)} }, func() []tensor { return []tensor{w} }}
	}
	if f := same(t, 8, 1e-5, make); f.stats.programs < 8 || f.stats.differed > 0 {
		t.Errorf("stats %+v\n%s", f.stats, Explain(f))
	}
	_, err := Trace(func(x tensor) tensor { return x.Mul(2).To(dev) }, eager.Ones(3))
	if err == nil || !strings.Contains(err.Error(), "move it outside") {
		t.Errorf("error %v", err)
	}
}

func TestATracedGraphRunsWhereItsWeightsAre(t *testing.T) {
	dev := openDevice(t)
	net := nn.NewSequential(nn.NewLinear(6, 8), nn.NewGELU(), nn.NewLinear(8, 3))
	net.To(dev)
	x := eager.Randn(4, 6).To(dev)
	g, err := Trace(net, x)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		x = eager.Randn(4, 6).To(dev)
		if why := g.Diff(x); why != "" {
			t.Fatal(why)
		}
	}
	if y := g.Run(x)[0]; y.Device() != dev {
		t.Errorf("the result is on %v", y.Device())
	}
	err = engine.Catch(func() { g.Run(eager.Ones(4, 6)) })
	if err == nil || !strings.Contains(err.Error(), "move it with To") {
		t.Errorf("error %v", err)
	}
	if _, err := g.Freeze(); err == nil || !strings.Contains(err.Error(), "freezing prepares kernels of the CPU") {
		t.Errorf("error %v", err)
	}
	path := t.TempDir() + "/g.lathe"
	if err := g.Save(path); err != nil {
		t.Fatal(err)
	}
	if saved, err := Load(path); err != nil || !eager.AllClose(saved.Run(x.To(eager.CPU))[0], g.Run(x)[0].To(eager.CPU), 1e-4, 1e-5) {
		t.Errorf("the saved graph, on the CPU, differs: error %v", err)
	}
	if p := g.Profile(2, x); p.Total <= 0 || len(p.Nodes) != len(g.best.Nodes) {
		t.Errorf("profile %v", p)
	}
}

func TestTracedControlFlowOnADeviceFollowsValues(t *testing.T) {
	dev := openDevice(t)
	w := eager.Rand(4).Add(0.1).To(dev)
	f := branching(w)
	for range 3 {
		g, err := Trace(f, eager.Ones(4).To(dev))
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			if why := g.Diff(eager.Randn(4).To(dev)); why != "" {
				t.Fatal(why)
			}
		}
	}
}

// fits reports whether a world can be on a device: that nothing in it stays in the memory of the CPU.
func fits(make func() world) (why string) {
	eager.Seed(7)
	all, _ := play(make(), 3, false, false)
	for _, o := range all {
		if o.err != nil && (strings.Contains(o.err.Error(), "on the CPU") || strings.Contains(o.err.Error(), "the CPU cannot") ||
			strings.Contains(o.err.Error(), "has no CUDA form")) {
			return o.err.Error()
		}
	}
	return ""
}

func TestCompiledFunctionsOnADeviceDoWhatGoSays(t *testing.T) {
	dev := openDevice(t)
	ran, programs := 0, 0
	for _, c := range traps() {
		make := placed(dev, c.make)
		if why := fits(make); why != "" {
			t.Logf("%s: %s", c.name, why)
			continue
		}
		ran++
		t.Run(c.name, func(t *testing.T) { programs += same(t, 12, 1e-5, make).stats.programs })
	}
	t.Logf("%d functions on %v, %d segments by programs", ran, dev, programs)
	if ran < 60 || programs < 100 {
		t.Errorf("%d functions ran on the device, %d segments by programs; want at least 60 and 100", ran, programs)
	}
}
