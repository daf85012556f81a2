package eager_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// argument makes a value that most methods accept; tensors are what the test wants them to be.
func argument(p reflect.Type, tensor *eager.Tensor) reflect.Value {
	switch v := reflect.New(p).Elem(); {
	case p == reflect.TypeFor[*eager.Tensor]():
		return reflect.ValueOf(tensor)
	case p == reflect.TypeFor[any]():
		return reflect.ValueOf(tensor)
	case p == reflect.TypeFor[engine.DType]():
		return reflect.ValueOf(engine.F64)
	case p.Kind() == reflect.Func:
		return reflect.MakeFunc(p, func([]reflect.Value) []reflect.Value {
			out := make([]reflect.Value, p.NumOut())
			for i := range out {
				out[i] = reflect.Zero(p.Out(i))
			}
			return out
		})
	case p.Kind() == reflect.Slice:
		return reflect.MakeSlice(p, 1, 1)
	default:
		return v
	}
}

// outcome calls method m of x with t for every tensor parameter and returns its error. Any panic that is
// not an *engine.Error is a finding.
func outcome(x *eager.Tensor, m reflect.Method, t *eager.Tensor) (stray any, err error) {
	defer func() { stray = recover() }()
	args := []reflect.Value{reflect.ValueOf(x)}
	for i := 1; i < m.Type.NumIn(); i++ {
		if m.Type.IsVariadic() && i == m.Type.NumIn()-1 {
			break
		}
		args = append(args, argument(m.Type.In(i), t))
	}
	return nil, engine.Catch(func() { m.Func.Call(args) })
}

// holdsNothing are the methods that answer for an empty tensor, too.
var holdsNothing = map[string]bool{
	"Array": true, "Storage": true, "Shape": true, "DType": true, "Rank": true, "Numel": true, "Type": true,
	"IsContiguous": true, "RequiresGrad": true, "IsLeaf": true, "Grad": true, "String": true, "Format": true,
	"Display": true,
}

func TestEveryMethodNamesTheTensorThatIsMissing(t *testing.T) {
	good := eager.Ones(2, 2)
	typ := reflect.TypeFor[*eager.Tensor]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		if m.Name == "Format" || m.Name == "String" {
			continue
		}
		stray, err := outcome(nil, m, good)
		if stray != nil || err == nil || !strings.Contains(err.Error(), ": x is a nil *Tensor; make it with") {
			t.Errorf("nil.%s: error %v, panic %v", m.Name, err, stray)
		}
		stray, err = outcome(new(eager.Tensor), m, good)
		if stray != nil || !holdsNothing[m.Name] &&
			(err == nil || !strings.Contains(err.Error(), ": x is an empty Tensor; make it with")) {
			t.Errorf("empty.%s: error %v, panic %v", m.Name, err, stray)
		}
		for what, bad := range map[string]*eager.Tensor{"nil": nil, "empty": new(eager.Tensor)} {
			if stray, _ = outcome(good.Clone().SetRequiresGrad(true), m, bad); stray != nil {
				t.Errorf("%s(%s): panic %v", m.Name, what, stray)
			}
		}
	}
}

func TestFunctionsNameTheTensorThatIsMissing(t *testing.T) {
	x, zero := eager.Ones(2), new(eager.Tensor)
	for want, f := range map[string]func(){
		"Add: operand is a nil *Tensor; make it":  func() { x.Add((*eager.Tensor)(nil)) },
		"Add: y is an empty Tensor; make it":      func() { x.Add(zero) },
		"MatMul: y is a nil *Tensor":              func() { x.MatMul(nil) },
		"Concat: xs[1] is a nil *Tensor":          func() { eager.Concat(0, x, nil) },
		"Concat: xs[0] is a nil *Tensor":          func() { eager.Concat(0, nil, x) },
		"Stack: xs[1] is a nil *Tensor":           func() { eager.Stack(0, x, nil) },
		"Where: cond is a nil *Tensor":            func() { eager.Where(nil, x, 1) },
		"Grad: output 0 is a nil *Tensor":         func() { eager.Grad([]*eager.Tensor{nil}, nil, eager.GradOptions{}) },
		"ZerosLike: x is a nil *Tensor":           func() { eager.ZerosLike(nil) },
		"OneHot: labels is a nil *Tensor":         func() { eager.OneHot(nil, 2) },
		"AllClose: y is an empty Tensor":          func() { eager.AllClose(x, zero, 0, 0) },
		"Conv: x is a nil *Tensor; make it with ": func() { eager.Conv(nil, x, op.ConvAttrs{}) },
		"NoGrad: f is a nil func":                 func() { eager.NoGrad(nil) },
		"OnGrad: f is a nil func":                 func() { eager.Ones(1).SetRequiresGrad(true).OnGrad(nil) },
		"Grad: input 1 is a nil *Tensor": func() {
			w := eager.Ones(1).SetRequiresGrad(true)
			eager.Grad([]*eager.Tensor{w.Sum()}, []*eager.Tensor{w, nil}, eager.GradOptions{})
		},
	} {
		wantError(t, want, f)
	}
	if got := fmt.Sprint(zero, (*eager.Tensor)(nil)); got != "empty tensor nil tensor" {
		t.Errorf("shown as %q", got)
	}
}

func TestNonsenseSizesAreRefusedByTheFunctionThatWasCalled(t *testing.T) {
	nan := math.NaN()
	for want, f := range map[string]func(){
		"Zeros: shape [-1] has a negative extent":           func() { eager.Zeros(-1) },
		"Ones: shape [2 -1] has a negative extent":          func() { eager.Ones(2, -1) },
		"Randn: shape [-1] has a negative extent":           func() { eager.Randn(-1) },
		"Uniform: shape [-1] has a negative extent":         func() { eager.Uniform(0, 1, -1) },
		"FromInts: 2 values for shape [3], which needs 3":   func() { eager.FromInts([]int{1, 2}, 3) },
		"FromInts: shape [-1 -2] has a negative extent":     func() { eager.FromInts([]int{1, 2}, -1, -2) },
		"Linspace: n is -1; want 0…":                        func() { eager.Linspace(0, 1, -1) },
		"Arange: start 0, stop NaN; want finite numbers":    func() { eager.Arange(0, nan, 1) },
		"Arange: start 0, stop 1e+15, step 1 give 1e+15 va": func() { eager.Arange(0, 1e15, 1) },
		"Arange: step is 0; want a number other than 0":     func() { eager.Arange(0, 1, 0) },
		"Normal: mean 0, std -1; want finite numbers with ": func() { eager.Normal(0, -1, 3) },
		"Uniform: bounds 2 and 1; want finite numbers with": func() { eager.Uniform(2, 1, 3) },
		"Bernoulli: the probability is 1.5; want 0…1":       func() { eager.Bernoulli(1.5, 3) },
		"Perm: n is -1; want ≥ 0":                           func() { eager.Perm(-1) },
		"Eye: n is -1; want ≥ 0":                            func() { eager.Eye(-1) },
		"OneHot: classes is -1; want ≥ 1":                   func() { eager.OneHot(eager.New([]int{0}), -1) },
		"OneHot: labels are f32[2]; want integers":          func() { eager.OneHot(eager.Of(-2, 1), 2) },
		"Stack: no tensors to join":                         func() { eager.Stack(0) },
		"Stack: position 3 is outside f32[2]; want -2…1":    func() { eager.Stack(3, eager.Ones(2)) },
		"Stack: tensor 1 is f32[3] and tensor 0 is f32[2]":  func() { eager.Stack(0, eager.Ones(2), eager.Ones(3)) },
	} {
		wantError(t, want, f)
	}
	if eager.Linspace(0, 1, 0).Numel() != 0 || eager.Perm(0).Numel() != 0 || eager.Arange(1, 0, 1).Numel() != 0 {
		t.Error("no values are a fair result")
	}
}
