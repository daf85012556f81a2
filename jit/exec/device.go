package exec

import (
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// onDevice is how an instance does its calls on a device: numbers are converted by the CPU, the others are a Sequence
// where the device has such, from the second run on.
type onDevice struct {
	numbers  []int // calls that the CPU does
	calls    []int // the others
	runs     int
	sequence op.Sequence
}

// onDevice runs the calls of in on the device.
func (in *instance) onDevice(r *Run) {
	d := in.device
	if d == nil {
		d = &onDevice{}
		for i := range in.calls {
			if in.p.storages[in.p.steps[i].out[0].storage].kind == number {
				d.numbers = append(d.numbers, i)
			} else {
				d.calls = append(d.calls, i)
			}
		}
		in.device = d
	}
	d.runs++
	for _, i := range d.numbers {
		in.call(i, r)
	}
	if d.runs == 2 {
		d.sequence = in.record(r)
	}
	switch {
	case r.Took != nil:
		for _, i := range d.calls {
			in.timed(i, r)
		}
	case d.sequence != nil:
		d.sequence.Run(func(k int) op.Attrs { return in.attrs(&in.calls[d.calls[k]], r) })
		if d.runs < 5 {
			how := d.sequence.String()
			in.p.how.Store(&how)
		}
	default:
		for _, i := range d.calls {
			in.call(i, r)
		}
	}
}

// record makes a Sequence of the calls; nil where the device has none, or an operator decides by values what to do.
func (in *instance) record(r *Run) op.Sequence {
	dev, ok := in.p.dev.(op.Recorder)
	if !ok {
		return nil
	}
	var steps []op.Step
	for _, i := range in.device.calls {
		c := &in.calls[i]
		d := c.def
		if d == nil {
			d = op.Cast
		} else if d.OnDevice != nil {
			return nil
		}
		steps = append(steps, op.Step{Def: d, Attrs: in.attrs(c, r), Out: c.out, In: c.in})
	}
	return dev.Record(steps)
}

// Replay says how the device repeats the program; "" where there is no device, or nothing was repeated yet.
func (p *Program) Replay() string {
	if s := p.how.Load(); s != nil {
		return *s
	}
	return ""
}

// misplaced refuses argument i, which is not where the program runs.
func (p *Program) misplaced(i int, have engine.Array) {
	where := "the CPU"
	if d := have.Device(); d != nil {
		where = d.String()
	}
	want := "the CPU"
	if p.dev != nil && !p.hosted(i) {
		want = p.dev.String()
	}
	engine.Fail("graph", "argument %d (%v) is on %s, the graph was made for %s; move it with To", i, have, where, want)
}
