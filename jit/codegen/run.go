package codegen

import (
	"sync"

	"github.com/lathe-ml/lathe/engine"
)

// compiled is what a Loop keeps between runs.
type compiled struct {
	once sync.Once
	code *code // machine code; nil: the interpreter runs the loop
	pool sync.Pool
}

// Run computes the outputs from the inputs, which broadcast to their shape. An output may be an input, if
// they have the same layout. It is safe for several goroutines at once.
func (l *Loop) Run(out, in []engine.Array) {
	if out[0].Numel() == 0 {
		return
	}
	shape := out[0].Shape
	wide := make([]engine.Array, len(in))
	for i, x := range in {
		wide[i] = x.Expand(shape)
	}
	g := plan(out, wide)
	defer g.release()
	l.compiled.once.Do(func() { l.compiled.code = compile(l) })
	switch {
	case l.compiled.code != nil:
		l.compiled.code.run(l, g)
	case l.DType == engine.F64:
		interpret[float64](l, g, &l.compiled.pool)
	default:
		interpret[float32](l, g, &l.compiled.pool)
	}
}
