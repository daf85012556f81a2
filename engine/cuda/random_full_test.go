//go:build cuda && full

package cuda

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// pair is a tensor of the CPU and the same one on the device.
type pair struct{ cpu, gpu *eager.Tensor }

// program is a random program in eager mode, which runs on both sides statement by statement.
type program struct {
	t      *testing.T
	d      *Device
	r      *rand.Rand
	values []pair
	leaves []pair
	text   []string
	wrong  string
	ended  bool
	calls  int
	kinds  map[string]bool
}

var (
	shapesOfPrograms = []engine.Shape{{3, 4}, {3, 4}, {4}, {3, 1}, {}, {0, 4}, {2, 3, 4}, {1}, {3, 3}, {2, 0}, {1, 4}}
	typesOfPrograms  = []engine.DType{
		engine.F32, engine.F32, engine.F32, engine.F32, engine.F64, engine.F16, engine.BF16, engine.I64, engine.I32, engine.U8,
		engine.I8, engine.I16, engine.Bool, engine.C64, engine.C128,
	}
)

// leftOut are methods that have nothing to do with devices, that draw random numbers, or that devices refuse.
var leftOut = []string{
	"Backward", "BackwardFrom", "Release", "SetGrad", "SetData", "SetRequiresGrad", "OwnGrad", "ZeroGrad", "RetainGrad", "To", "Eig", "EigVals",
	"Bernoulli", "BernoulliInPlace", "UniformInPlace", "NormalInPlace", "Multinomial", "Grad", "ExponentialInPlace", "GeometricInPlace",
	"CauchyInPlace", "LogNormalInPlace", "RandomInPlace", "Dropout",
	// These turn a difference in the last bit, or in the sign of a zero, into one of 1, or share gradients among values that are equal.
	"Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Min", "Max", "MinKeep", "MaxKeep", "SignBit", "Sign", "SignInPlace", "Sgn", "Heaviside",
}

// methods are those of tensors whose arguments can be drawn, by name.
func methods() (list []reflect.Method) {
	tensor := reflect.TypeFor[*eager.Tensor]()
	for i := range tensor.NumMethod() {
		m := tensor.Method(i)
		ok := m.Type.NumOut() > 0 && m.Type.Out(0) == tensor && !slices.Contains(leftOut, m.Name)
		for k := 1; k < m.Type.NumIn(); k++ {
			switch a := m.Type.In(k); a {
			case tensor, reflect.TypeFor[any](), reflect.TypeFor[int](), reflect.TypeFor[float64](), reflect.TypeFor[bool](),
				reflect.TypeFor[[]int](), reflect.TypeFor[[]*eager.Tensor](), reflect.TypeFor[[]float64]():
			default:
				ok = false
			}
		}
		if ok {
			list = append(list, m)
		}
	}
	return list
}

func newProgram(t *testing.T, d *Device, seed uint64) *program {
	p := &program{t: t, d: d, r: rand.New(rand.NewPCG(seed, 3)), kinds: map[string]bool{}}
	eager.Seed(seed)
	for range 2 + p.r.IntN(3) {
		p.input()
	}
	return p
}

func (p *program) input() {
	dt, s := typesOfPrograms[p.r.IntN(len(typesOfPrograms))], shapesOfPrograms[p.r.IntN(len(shapesOfPrograms))]
	x := eager.Randn(s...).Mul(2).To(dt)
	if p.r.IntN(3) == 0 { // equal values, zeros and signs of zero
		x = eager.Randn(s...).Mul(2).Trunc().To(dt)
	}
	v := pair{x, x.To(p.d)}
	p.text = append(p.text, fmt.Sprintf("x%d := %v%v", len(p.values), dt, s))
	if dt.IsFloat() && p.r.IntN(2) == 0 {
		v.cpu.SetRequiresGrad(true)
		v.gpu.SetRequiresGrad(true)
		p.leaves = append(p.leaves, v)
	}
	p.values = append(p.values, v)
}

func (p *program) any() int {
	if n := len(p.values); n > 3 && p.r.IntN(2) > 0 {
		return n - 1 - p.r.IntN(3)
	}
	return p.r.IntN(len(p.values))
}

// argument draws a value of a type for both sides.
func (p *program) argument(a reflect.Type, x *eager.Tensor) (cpu, gpu reflect.Value, text string) {
	same := func(v any) (reflect.Value, reflect.Value, string) {
		return reflect.ValueOf(v), reflect.ValueOf(v), fmt.Sprint(v)
	}
	switch a {
	case reflect.TypeFor[any]():
		if p.r.IntN(3) == 0 {
			return same([]any{2, -1, 0.5, 0, 1.5, 3}[p.r.IntN(6)])
		}
		fallthrough
	case reflect.TypeFor[*eager.Tensor]():
		i := p.any()
		return reflect.ValueOf(p.values[i].cpu), reflect.ValueOf(p.values[i].gpu), fmt.Sprint("x", i)
	case reflect.TypeFor[int]():
		return same(p.r.IntN(6) - 2)
	case reflect.TypeFor[float64]():
		return same([]float64{0, 1, -1, 0.5, 2, 3}[p.r.IntN(6)])
	case reflect.TypeFor[bool]():
		return same(p.r.IntN(2) == 0)
	case reflect.TypeFor[[]float64]():
		return same([]float64{p.r.Float64()})
	case reflect.TypeFor[[]int]():
		switch p.r.IntN(4) {
		case 0:
			return same([]int{})
		case 1:
			return same([]int{-1})
		case 2:
			return same(p.r.Perm(x.Rank()))
		}
		s := []int{}
		for _, n := range x.Shape() {
			s = append(s, n)
		}
		if p.r.IntN(2) == 0 {
			s = append([]int{1 + p.r.IntN(2)}, s...)
		}
		return same(s)
	}
	i, j := p.any(), p.any()
	return reflect.ValueOf([]*eager.Tensor{p.values[i].cpu, p.values[j].cpu}),
		reflect.ValueOf([]*eager.Tensor{p.values[i].gpu, p.values[j].gpu}), fmt.Sprintf("x%d, x%d", i, j)
}

// statement calls a method on both sides and compares what comes back, and the receiver.
func (p *program) statement(m reflect.Method) {
	i := p.any()
	x := p.values[i]
	cpu, gpu := []reflect.Value{reflect.ValueOf(x.cpu)}, []reflect.Value{reflect.ValueOf(x.gpu)}
	texts := make([]string, 0, 3)
	for k := 1; k < m.Type.NumIn(); k++ {
		a, b, text := p.argument(m.Type.In(k), x.cpu)
		cpu, gpu, texts = append(cpu, a), append(gpu, b), append(texts, text)
	}
	text := fmt.Sprintf("x%d := x%d.%s(%s)", len(p.values), i, m.Name, strings.Join(texts, ", "))
	want, err := call(m, cpu)
	got, errGPU := call(m, gpu)
	if late := try(p.d.Synchronize); errGPU == nil {
		errGPU = late
	}
	switch {
	case errGPU != nil && strings.Contains(errGPU.Error(), "has no CUDA form"):
		p.ended = true // the CPU may have written in place
		return
	case (err == nil) != (errGPU == nil):
		p.text = append(p.text, text)
		p.wrong = fmt.Sprintf("CPU: %v; device: %v", err, errGPU)
		return
	case err != nil:
		p.text = append(p.text, text+" // "+err.Error())
		p.ended = strings.HasSuffix(m.Name, "InPlace") // some elements may have been written
		return
	}
	p.calls++
	p.kinds[m.Name] = true
	p.text = append(p.text, text)
	for k := range want {
		y := pair{want[k], got[k]}
		p.compare(fmt.Sprint("result ", k), y)
		if y.cpu.Numel() <= 200 {
			p.values = append(p.values, y)
		}
	}
	for k, v := range p.values {
		if p.wrong == "" {
			p.compare(fmt.Sprint("x", k), v) // what was written in place is seen in views
		}
	}
}

func try(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *engine.Error:
			err = e
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

func call(m reflect.Method, args []reflect.Value) (out []*eager.Tensor, err error) {
	err = try(func() {
		f := m.Func.Call
		if m.Type.IsVariadic() {
			f = m.Func.CallSlice
		}
		for _, y := range f(args) {
			if y, ok := y.Interface().(*eager.Tensor); ok {
				out = append(out, y)
			}
		}
	})
	return out, err
}

// tolerances are for programs of some operators: functions differ in the last bits, and sums in their order.
var tolerances = map[engine.DType]float64{engine.F64: 1e-9, engine.C128: 1e-9, engine.F16: 2e-2, engine.BF16: 1e-1}

func (p *program) compare(what string, v pair) {
	x, y := v.cpu, v.gpu
	if (x == nil) != (y == nil) {
		p.wrong = fmt.Sprintf("%s: CPU %v, device %v", what, x, y)
	}
	if x == nil || y == nil || p.wrong != "" {
		return
	}
	if x.DType() != y.DType() || !slices.Equal(x.Shape(), y.Shape()) || x.RequiresGrad() != y.RequiresGrad() || y.Device() == nil {
		p.wrong = fmt.Sprintf("%s: CPU %v%v, requires gradient: %v; device %v%v, %v on %v", what, x.DType(), x.Shape(), x.RequiresGrad(),
			y.DType(), y.Shape(), y.RequiresGrad(), y.Device())
		return
	}
	tolerance := tolerances[x.DType()]
	if tolerance == 0 {
		tolerance = 1e-4
	}
	var a, b []complex128
	if err := try(func() {
		a, b = x.Detach().To(engine.C128).Complex128s(), y.Detach().To(eager.CPU).To(engine.C128).Complex128s()
	}); err != nil {
		p.wrong = fmt.Sprintf("%s: %v", what, err)
		return
	}
	for i := range a {
		if !closeTo(real(a[i]), real(b[i]), cmplx.Abs(a[i]), tolerance) || !closeTo(imag(a[i]), imag(b[i]), cmplx.Abs(a[i]), tolerance) {
			p.wrong = fmt.Sprintf("%s, %v%v: element %d is %v on the CPU, %v on the device", what, x.DType(), x.Shape(), i, a[i], b[i])
			return
		}
	}
}

func closeTo(a, b, size, tolerance float64) bool {
	if a == b {
		return true
	}
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b || a != a && b != b || size > 1e30 || math.IsNaN(size) && (a != a || b != b)
	}
	return math.Abs(a-b) <= tolerance*(1+size)
}

// backward differentiates the sum of all results and compares the gradients.
func (p *program) backward() {
	var sum pair
	for _, v := range p.values {
		if !v.cpu.RequiresGrad() || !v.cpu.DType().IsFloat() {
			continue
		}
		a, b := v.cpu.To(engine.F64).Sum(), v.gpu.To(engine.F64).Sum()
		if sum.cpu == nil {
			sum = pair{a, b}
		} else {
			sum = pair{sum.cpu.Add(a), sum.gpu.Add(b)}
		}
	}
	if sum.cpu == nil {
		return
	}
	p.text = append(p.text, "backward")
	err, errGPU := try(sum.cpu.Backward), try(func() { sum.gpu.Backward(); p.d.Synchronize() })
	if errGPU != nil && strings.Contains(errGPU.Error(), "has no CUDA form") {
		return
	}
	if (err == nil) != (errGPU == nil) {
		p.wrong = fmt.Sprintf("CPU: %v; device: %v", err, errGPU)
		return
	}
	for k, v := range p.leaves {
		p.compare(fmt.Sprint("gradient of leaf ", k), pair{v.cpu.Grad(), v.gpu.Grad()})
	}
}

// Random programs of all methods of tensors, with views, writes in place, types that differ and arrays without elements,
// do on the device what they do on the CPU. LATHE_SEED runs one of them, LATHE_PROGRAMS another number.
func TestRandomProgramsDoWhatTheyDoOnTheCPU(t *testing.T) {
	d := open(t)
	first, n := 0, 200
	if s := os.Getenv("LATHE_PROGRAMS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("LATHE_SEED"); s != "" {
		first, _ = strconv.Atoi(s)
		n = first + 1
	}
	all := methods()
	calls, failed := 0, 0
	kinds := map[string]bool{}
	for seed := first; seed < n; seed++ {
		p := newProgram(t, d, uint64(seed))
		for tries := 0; tries < 40 && p.calls < 8 && p.wrong == "" && !p.ended; tries++ {
			p.statement(all[p.r.IntN(len(all))])
		}
		if p.wrong == "" && !p.ended {
			p.backward()
		}
		if p.wrong != "" {
			t.Errorf("seed %d: %s\n\t%s", seed, p.wrong, strings.Join(p.text, "\n\t"))
			if failed++; failed == 20 {
				t.FailNow()
			}
		}
		calls += p.calls
		for k := range p.kinds {
			kinds[k] = true
		}
	}
	t.Logf("%d programs: %d calls of %d of %d methods", n-first, calls, len(kinds), len(all))
}
