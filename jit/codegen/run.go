package codegen

import (
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// compiled is what a Loop keeps between runs.
type compiled struct {
	once sync.Once
	code *code // machine code; nil: the interpreter runs the loop
	why  error // for that
	off  bool  // for tests: the interpreter runs it anyway
	pool sync.Pool
	// plans holds geometries of earlier runs: layouts are mostly the same.
	plans sync.Pool
}

// Run computes the outputs from the inputs, which broadcast to their shape. An output may be an input, if
// they have the same layout. It is safe for several goroutines at once.
func (l *Loop) Run(out, in []engine.Array) {
	if out[0].Numel() == 0 {
		return
	}
	g := l.geometry(out, in)
	defer g.release(&l.compiled.plans)
	l.prepare()
	if l.DType == engine.F64 {
		run[float64](l, g, &l.compiled.pool)
	} else {
		run[float32](l, g, &l.compiled.pool)
	}
}

// prepare makes the machine code, once.
func (l *Loop) prepare() {
	l.compiled.once.Do(func() { l.compiled.code, l.compiled.why = compile(l) })
}

// Interpreted says why the interpreter runs the loop; "" where machine code does.
func (l *Loop) Interpreted() string {
	if l.prepare(); l.compiled.code == nil {
		return l.compiled.why.Error()
	}
	return ""
}

// geometry plans a run, or finds the plan of an earlier one with the same layouts.
func (l *Loop) geometry(out, in []engine.Array) *geometry {
	if g, ok := l.compiled.plans.Get().(*geometry); ok && g.fits(out, in) {
		return g
	}
	wide := make([]engine.Array, len(in))
	for i, x := range in {
		wide[i] = x.Expand(out[0].Shape)
	}
	g := plan(out, wide)
	if len(g.temporary) == 0 {
		g.made = append(append(make([]engine.Array, 0, len(out)+len(in)), out...), in...)
	}
	return g
}
