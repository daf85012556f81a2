package parallel

import (
	"fmt"
	"sync"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Member is one of several goroutines of a process, each with a device of its own, that train together. It is a
// Group: NewDataParallelOver(m, model) gives every device the same model and averages gradients.
type Member struct {
	Rank, Size int
	Device     op.Device
	meeting    *meeting
}

// RunOn calls f in a goroutine for each device and returns the first error. Gradients go from device to device by the
// devices' own means: NCCL where it is installed, else copies between GPUs.
//
//	err := parallel.RunOn([]op.Device{t.CUDA(0), t.CUDA(1)}, func(m *parallel.Member) error {
//		model := newModel()
//		model.To(m.Device)
//		d, err := parallel.NewDataParallelOver(m, model)
//		…
//	})
//
// A goroutine that ends before the others, or with an error, makes their collective calls fail.
func RunOn(devices []op.Device, f func(m *Member) error) error {
	for i, d := range devices {
		for _, other := range devices[:i] {
			if d == other {
				return fmt.Errorf("parallel.RunOn: device %v is there twice", d)
			}
		}
	}
	if len(devices) == 0 || f == nil {
		return fmt.Errorf("parallel.RunOn: %d devices, function nil: %t; want at least one and a function", len(devices), f == nil)
	}
	g := &meeting{devices: devices, given: make([][]*eager.Tensor, len(devices))}
	g.changed.L = &g.mu
	var all sync.WaitGroup
	for rank, d := range devices {
		all.Go(func() {
			err := fmt.Errorf("parallel.RunOn: the goroutine of rank %d ended by itself", rank)
			defer func() { g.leave(rank, err) }()
			m := &Member{rank, len(devices), d, g}
			var own error
			if err = engine.Catch(func() { own = f(m) }); err == nil {
				err = own
			}
		})
	}
	all.Wait()
	return g.first
}

// AllMean replaces each tensor by the mean over all members, in place; all have as many, of the same types and shapes.
func (m *Member) AllMean(xs ...*eager.Tensor) error { return m.meeting.call(m.Rank, "AllMean", xs) }

// AllReduce replaces each tensor by the sum over all members.
func (m *Member) AllReduce(xs ...*eager.Tensor) error { return m.meeting.call(m.Rank, "AllReduce", xs) }

// Broadcast replaces each tensor by that of the first member.
func (m *Member) Broadcast(xs ...*eager.Tensor) error { return m.meeting.call(m.Rank, "Broadcast", xs) }

var collected = map[string]op.Collected{
	"AllReduce": op.CollectSum, "AllMean": op.CollectMean, "Broadcast": op.CollectFirst,
}

// meeting is where members make their calls: the last one to arrive does the work of all. mu guards the rest.
type meeting struct {
	devices []op.Device

	mu      sync.Mutex
	changed sync.Cond
	name    string            // of the call that is being made
	given   [][]*eager.Tensor // by rank
	here    int               // members that have arrived
	calls   int               // that are done
	result  error             // of the last one
	gone    int               // members that have ended
	first   error             // of a member
}

// leave ends a member's part.
func (g *meeting) leave(rank int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone++
	if err != nil && g.first == nil {
		g.first = fmt.Errorf("rank %d (%v): %w", rank, g.devices[rank], err)
	}
	g.changed.Broadcast()
}

func (g *meeting) call(rank int, name string, xs []*eager.Tensor) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.here == 0 {
		g.name = name
	} else if g.name != name {
		name = fmt.Sprintf("%s here, %s there", name, g.name)
		g.name = name
	}
	g.given[rank] = xs
	if g.here++; g.here == len(g.devices) {
		if err := engine.Catch(func() { g.result = g.work() }); err != nil {
			g.result = err
		}
		g.here, g.calls = 0, g.calls+1
		clear(g.given)
		g.changed.Broadcast()
		return g.result
	}
	for mine := g.calls; g.calls == mine; g.changed.Wait() {
		if g.gone > 0 {
			g.here--
			return fmt.Errorf("parallel.%s: %d of %d goroutines have ended", name, g.gone, len(g.devices))
		}
	}
	return g.result
}

// work is a call of all members.
func (g *meeting) work() error {
	how, ok := collected[g.name]
	if !ok {
		return fmt.Errorf("parallel: members make different calls: %s", g.name)
	}
	for rank, xs := range g.given {
		if len(xs) != len(g.given[0]) {
			return fmt.Errorf("parallel.%s: %d tensors of rank %d, %d of rank 0", g.name, len(xs), rank, len(g.given[0]))
		}
	}
	for i := range g.given[0] {
		if err := g.one(i, how); err != nil {
			return fmt.Errorf("parallel.%s: tensor %d: %w", g.name, i, err)
		}
	}
	return nil
}

// one collects tensor i of all members.
func (g *meeting) one(i int, how op.Collected) error {
	flat := make([]*eager.Tensor, len(g.given))
	arrays := make([]engine.Array, len(g.given))
	for rank, xs := range g.given {
		x := xs[i]
		if x == nil || x.Device() != g.devices[rank] {
			return fmt.Errorf("of rank %d is not on its device %v", rank, g.devices[rank])
		}
		eager.NoGrad(func() { flat[rank] = x.Detach().Contiguous() })
		arrays[rank] = flat[rank].Storage()
		if a, b := arrays[rank], arrays[0]; a.DType != b.DType || !a.Shape.Equal(b.Shape) {
			return fmt.Errorf("is %v of rank %d, %v of rank 0", a, rank, b)
		}
	}
	if arrays[0].Numel() == 0 {
		return nil
	}
	c, ok := g.devices[0].(op.Collective)
	if !ok {
		return fmt.Errorf("is on %v, which knows no ways to other devices", g.devices[0])
	}
	if err := c.Collect(g.devices, arrays, how); err != nil {
		return err
	}
	for rank, xs := range g.given {
		if x := xs[i].Storage(); x.Buf != arrays[rank].Buf {
			eager.NoGrad(func() { xs[i].Detach().Assign(flat[rank]) })
		}
	}
	return nil
}
