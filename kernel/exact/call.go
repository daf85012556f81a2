package exact

import (
	"go/types"
	"reflect"
	"sync/atomic"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/lathe-ml/lathe/kernel/exact/native"
	"github.com/lathe-ml/lathe/kernel/outcome"
)

// callSite is what a call, go or defer statement passes and takes.
type callSite struct {
	m       *machine
	args    []slot // in the caller's frame
	words   bool   // they are single words
	types   []reflect.Type
	results []slot
}

func (c *compiler) site(call *ssa.CallCommon, dst ssa.Value) *callSite {
	s := &callSite{m: c.m}
	for _, a := range call.Args {
		t := c.typeOf(a)
		s.args = append(s.args, c.slotOf(c.off(a), t))
		s.types = append(s.types, t)
	}
	s.words = true
	for _, a := range s.args {
		s.words = s.words && (a.kind == move8 || a.kind == movePointer)
	}
	results := call.Signature().Results()
	if dst == nil || results.Len() == 0 {
		return s
	}
	base, tuple := c.off(dst), c.typeOf(dst)
	for i := range results.Len() {
		off := base
		if results.Len() > 1 {
			off += tuple.Field(i).Offset
		}
		s.results = append(s.results, c.slotOf(off, c.m.types.of(results.At(i).Type())))
	}
	return s
}

// enter makes the frame for a call of code, with the arguments from skip on.
func (s *callSite) enter(code *code, fp P, g *gor, skip int) P {
	nf := code.get(g)
	params := code.params[skip:]
	if s.words {
		for i := range s.args {
			a, p := &s.args[i], &params[i]
			if a.kind == move8 {
				store(nf, p.off, load[uint64](fp, a.off))
			} else {
				store(nf, p.off, load[P](fp, a.off))
			}
		}
		return nf
	}
	for i := range s.args {
		a, p := &s.args[i], &params[i]
		a.kind.copy(a.typ, unsafe.Add(nf, p.off), unsafe.Add(fp, a.off))
	}
	return nf
}

// leave takes the results of a call and gives its frame back.
func (s *callSite) leave(code *code, fp, nf P) {
	for i := range s.results {
		r := &s.results[i]
		r.kind.copy(r.typ, unsafe.Add(fp, r.off), unsafe.Add(nf, code.results[i].off))
	}
	code.put((*frame)(fp).g, nf)
}

func (s *callSite) call(code *code, fp P) {
	f := (*frame)(fp)
	nf := s.enter(code, fp, f.g, 0)
	code.call(f, nf)
	s.leave(code, fp, nf)
}

func (s *callSite) callBound(code *code, fp, bound P) {
	f := (*frame)(fp)
	nf := s.enter(code, fp, f.g, 0)
	code.bind(nf, bound)
	code.call(f, nf)
	s.leave(code, fp, nf)
}

// callMethod calls with a receiver: data itself, or what it points to.
func (s *callSite) callMethod(code *code, fp P, t *callee, data P) {
	f := (*frame)(fp)
	nf := s.enter(code, fp, f.g, 1)
	p := &code.params[0]
	if t.direct {
		store(nf, p.off, data)
	} else {
		p.kind.copy(p.typ, unsafe.Add(nf, p.off), data)
	}
	code.call(f, nf)
	s.leave(code, fp, nf)
}

// plan returns how compiled functions are called here. first is the offset of a receiver's word, or 0.
func (s *callSite) plan(t reflect.Type, first uintptr) *native.Plan {
	var in, out []uintptr
	if first != 0 {
		in = append(in, first)
	}
	for _, a := range s.args {
		in = append(in, a.off)
	}
	for _, r := range s.results {
		out = append(out, r.off)
	}
	if len(out) < t.NumOut() { // the results are not used
		out = make([]uintptr, t.NumOut())
	}
	return native.NewPlan(t, first != 0, in, out)
}

// call compiles a call.
func (c *compiler) call(in *ssa.Call) op {
	call := &in.Call
	if b, ok := call.Value.(*ssa.Builtin); ok {
		return c.builtin(in, b, call.Args)
	}
	var dst ssa.Value
	if c.hasValue(in) {
		dst = in
	}
	if call.IsInvoke() {
		return c.invoke(call, dst)
	}
	if s := call.StaticCallee(); s != nil {
		if _, literal := call.Value.(*ssa.MakeClosure); !literal {
			return c.callStatic(c.m.fn(s), call, dst)
		}
	}
	return c.callValue(call, dst)
}

// hasValue reports whether a call has a slot for its results: always, unless it has none.
func (c *compiler) hasValue(in *ssa.Call) bool { return in.Call.Signature().Results().Len() > 0 }

func (c *compiler) callStatic(f *Fn, call *ssa.CallCommon, dst ssa.Value) op {
	site := c.site(call, dst)
	if o := c.intrinsic(f.ssa, site); o != nil {
		return o
	}
	if fn, t := f.resolve(); fn != nil {
		plan := site.plan(t, 0)
		if plan.Direct() {
			return func(fp P) { plan.Call(fn, fp) }
		}
		return func(fp P) { plan.CallSlow(fn, fp) }
	}
	if o := site.wordCall(f); o != nil {
		return o
	}
	return func(fp P) {
		code := f.code.Load()
		if code == nil {
			code = f.ready()
		}
		site.call(code, fp)
	}
}

// wordCall is call for the commonest functions: those that take and give single words.
func (s *callSite) wordCall(f *Fn) op {
	for _, a := range s.args {
		if a.kind != move8 {
			return nil
		}
	}
	if len(s.results) != 1 || s.results[0].kind != move8 {
		return nil
	}
	r := s.results[0].off
	ready := func() *code {
		if code := f.code.Load(); code != nil {
			return code
		}
		return f.ready()
	}
	switch len(s.args) {
	case 1:
		a := s.args[0].off
		return func(fp P) {
			code := ready()
			up := (*frame)(fp)
			nf := code.get(up.g)
			store(nf, code.params[0].off, load[uint64](fp, a))
			code.call(up, nf)
			store(fp, r, load[uint64](nf, code.results[0].off))
			code.put(up.g, nf)
		}
	case 2:
		a, b := s.args[0].off, s.args[1].off
		return func(fp P) {
			code := ready()
			up := (*frame)(fp)
			nf := code.get(up.g)
			store(nf, code.params[0].off, load[uint64](fp, a))
			store(nf, code.params[1].off, load[uint64](fp, b))
			code.call(up, nf)
			store(fp, r, load[uint64](nf, code.results[0].off))
			code.put(up.g, nf)
		}
	}
	return nil
}

// callValue compiles the call of a function value.
func (c *compiler) callValue(call *ssa.CallCommon, dst ssa.Value) op {
	site := c.site(call, dst)
	x := c.off(call.Value)
	plan := site.plan(c.typeOf(call.Value), 0)
	return func(fp P) {
		p := load[P](fp, x)
		if p == nil {
			nilPanic()
		}
		if f := native.AsFunc(p); f != nil && f.Recv == nil {
			if fn, ok := f.Body.(*Fn); ok {
				code := fn.code.Load()
				if code == nil {
					code = fn.ready()
				}
				site.callBound(code, fp, f.Bound)
				return
			}
		}
		if plan.Direct() {
			plan.Call(p, fp)
		} else {
			plan.CallSlow(p, fp)
		}
	}
}

// callee is where a call of an interface method went the last time.
type callee struct {
	tab    *native.Itab
	fn     *Fn // session method, or nil
	direct bool
}

func (m *machine) method(tab *native.Itab, key string) *callee {
	t := &callee{tab: tab}
	if e := m.entries(tab.Type)[key]; e != nil {
		t.fn, t.direct = e.fn, e.direct
	}
	return t
}

// methodIndex returns the position of a method in the itabs of an interface type.
func methodIndex(t types.Type, f *types.Func) int {
	for i, m := range sortedMethods(t.Underlying().(*types.Interface)) {
		if m.Name() == f.Name() {
			return i
		}
	}
	return -1
}

// invoke compiles the call of an interface method.
func (c *compiler) invoke(call *ssa.CallCommon, dst ssa.Value) op {
	site := c.site(call, dst)
	x, key := c.off(call.Value), methodKey(call.Method)
	index := methodIndex(call.Value.Type(), call.Method)
	plan := site.plan(c.m.types.signature(call.Signature(), nil), x+8)
	m := c.m
	var cache atomic.Pointer[callee]
	return func(fp P) {
		i := (*native.Iface)(unsafe.Add(fp, x))
		if i.Tab == nil {
			nilPanic()
		}
		t := cache.Load()
		if t == nil || t.tab != i.Tab {
			t = m.method(i.Tab, key)
			cache.Store(t)
		}
		switch {
		case t.fn != nil:
			code := t.fn.code.Load()
			if code == nil {
				code = t.fn.ready()
			}
			site.callMethod(code, fp, t, i.Data)
		case plan.Direct():
			plan.Call(i.Tab.Method(index), fp)
		default:
			plan.CallValue(at(i.Tab.Inter.Reflect(), P(i)).Method(index), fp)
		}
	}
}

// prepared is a call whose function and arguments are known. It runs on behalf of frame up.
type prepared func(up *frame)

// prepare compiles what go and defer do at once: to evaluate the function and its arguments.
func (c *compiler) prepare(call *ssa.CallCommon) func(fp P, g *gor) prepared {
	if b, ok := call.Value.(*ssa.Builtin); ok {
		return c.prepareBuiltin(b, call.Args)
	}
	site := c.site(call, nil)
	if call.IsInvoke() {
		return c.prepareInvoke(call, site)
	}
	if s := call.StaticCallee(); s != nil {
		if _, literal := call.Value.(*ssa.MakeClosure); !literal {
			f := c.m.fn(s)
			return func(fp P, g *gor) prepared { return site.later(f.ready(), fp, g, nil, nil) }
		}
	}
	x := c.off(call.Value)
	later := site.laterCompiled(c.typeOf(call.Value))
	return func(fp P, g *gor) prepared {
		p := load[P](fp, x)
		if p == nil {
			return func(*frame) { nilPanic() }
		}
		if f := native.AsFunc(p); f != nil && f.Recv == nil {
			if fn, ok := f.Body.(*Fn); ok {
				return site.later(fn.ready(), fp, g, nil, f.Bound)
			}
		}
		return later(p, fp)
	}
}

func (c *compiler) prepareInvoke(call *ssa.CallCommon, site *callSite) func(fp P, g *gor) prepared {
	x, key := c.off(call.Value), methodKey(call.Method)
	index := methodIndex(call.Value.Type(), call.Method)
	bound := site.laterCompiled(c.m.types.signature(call.Signature(), nil))
	t := c.typeOf(call.Value)
	m := c.m
	return func(fp P, g *gor) prepared {
		i := (*native.Iface)(unsafe.Add(fp, x))
		if i.Tab == nil {
			nilPanic()
		}
		e := m.method(i.Tab, key)
		switch {
		case e.fn != nil && e.direct:
			word := i.Data
			return site.later(e.fn.ready(), fp, g, P(&word), nil)
		case e.fn != nil:
			return site.later(e.fn.ready(), fp, g, i.Data, nil)
		}
		f := at(t, P(i)).Method(index)
		v := reflect.New(f.Type())
		v.Elem().Set(f)
		return bound(*(*P)(v.UnsafePointer()), fp)
	}
}

// later enters the arguments of a call of session code into its frame.
func (s *callSite) later(code *code, fp P, g *gor, recv, bound P) prepared {
	skip := 0
	if recv != nil {
		skip = 1
	}
	nf := s.enter(code, fp, g, skip)
	if recv != nil {
		p := &code.params[0]
		p.kind.copy(p.typ, unsafe.Add(nf, p.off), recv)
	}
	if bound != nil {
		code.bind(nf, bound)
	}
	return func(up *frame) {
		f := (*frame)(nf)
		f.isDefer = up != nil
		code.call(up, nf)
		f.isDefer = false
		code.put(g, nf)
	}
}

// laterCompiled is later for compiled functions of type t.
func (s *callSite) laterCompiled(t reflect.Type) func(fn, fp P) prepared {
	var l frameLayout
	var in, out []uintptr
	for _, a := range s.types {
		in = append(in, l.add(native.Of(a)))
	}
	for i := range t.NumOut() {
		out = append(out, l.add(native.Of(t.Out(i))))
	}
	layout := native.NewFrame(l.types, l.offs, l.size+8)
	plan := native.NewPlan(t, false, in, out)
	return func(fn, fp P) prepared {
		args := native.New(layout)
		for i := range s.args {
			a := &s.args[i]
			a.kind.copy(a.typ, unsafe.Add(args, in[i]), unsafe.Add(fp, a.off))
		}
		return func(*frame) {
			if plan.Direct() {
				plan.Call(fn, args)
			} else {
				plan.CallSlow(fn, args)
			}
		}
	}
}

// goStatement compiles go f(x).
func (c *compiler) goStatement(in *ssa.Go) op {
	prepare := c.prepare(&in.Call)
	m := c.m
	return func(fp P) {
		r := m.live.runOf((*frame)(fp).g.in)
		to := &goroutine{run: r}
		g := newGor(to)
		to.main = g
		f := prepare(fp, g)
		m.live.start(to, func() { f(nil) }, func(f *outcome.Failure) {
			if f != nil && !f.Interrupted {
				m.live.report(f)
			}
		})
	}
}

// deferStatement compiles defer f(x).
func (c *compiler) deferStatement(in *ssa.Defer) op {
	prepare := c.prepare(&in.Call)
	stack := uintptr(0)
	if in.DeferStack != nil {
		stack = c.off(in.DeferStack)
	}
	return func(fp P) {
		f := (*frame)(fp)
		if stack != 0 {
			f = load[*frame](fp, stack)
		}
		f.deferred = &deferred{prepare(fp, f.g), f.deferred}
	}
}

// prepareBuiltin is prepare for builtin functions: they run later over a copy of the frame.
func (c *compiler) prepareBuiltin(b *ssa.Builtin, args []ssa.Value) func(fp P, g *gor) prepared {
	if b.Name() == "recover" {
		return func(P, *gor) prepared {
			return func(up *frame) {
				if up != nil && up.panicked == nil {
					recovers(up)
				}
			}
		}
	}
	o := c.builtin(nil, b, args)
	code := c.code
	return func(fp P, _ *gor) prepared {
		image := native.New(code.layout)
		native.Move(code.layout, image, fp)
		return func(*frame) { o(image) }
	}
}
