package torch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// runOp compares result, gradients and second-order gradients of one call of an operator.
func runOp(r record) error {
	if r.str("compare") == "gauge" {
		return runGauge(r)
	}
	if r.has("compare") {
		panic(unsupported("comparison " + r.str("compare")))
	}
	e, ok := operators[r.str("op")]
	if !ok {
		panic(unsupported("operator"))
	}
	root := map[string]any{}
	for _, f := range []string{
		"input", "args", "kwargs", "output", "cotangents", "grads", "second",
		"requires_grad",
	} {
		v, err := r.value(f)
		if err != nil {
			return err
		}
		if hasForeign(v) {
			panic(unsupported("complex numbers"))
		}
		root[f] = v
	}
	var note error
	if adjust := adjustments[r.str("op")]; adjust != nil {
		note = adjust(root)
	}
	inputs := map[string]*eager.Tensor{}
	if root["grads"] != nil {
		for _, p := range list(root["requires_grad"]) {
			x, ok := at(root, p.(string)).(*eager.Tensor)
			if !ok {
				return fmt.Errorf("requires_grad names %v, which is not a tensor", p)
			}
			inputs[p.(string)] = x.SetRequiresGrad(true)
		}
	}
	got := e.call(root["input"], list(root["args"]), root["kwargs"])
	if err := equal("result", got, root["output"], opsTolerance); err != nil {
		return err
	}
	if root["grads"] == nil {
		return note
	}
	return cmp.Or(checkGrads(root, inputs, got), note)
}

// checkGrads compares gradients, and gradients of gradients, of got.
func checkGrads(root map[string]any, inputs map[string]*eager.Tensor, got any) error {
	outs, seeds := outputs(got, root["cotangents"].(map[string]any))
	second, _ := root["second"].(map[string]any)
	want := root["grads"].(map[string]any)
	paths := keys(want)
	first, err := gradients(outs, seeds, inputs, paths, second != nil)
	if err != nil {
		return err
	}
	for i, p := range paths {
		if err := equalGradient("gradient of "+p, first[i], want[p]); err != nil {
			return err
		}
	}
	if second == nil {
		return nil
	}
	var gs, hs []*eager.Tensor
	for i, p := range list(second["of"]) {
		k := slices.Index(paths, p.(string))
		if k < 0 {
			return fmt.Errorf("second names %v, which has no gradient", p)
		}
		if g := first[k]; g != nil && g.RequiresGrad() {
			h, _ := list(second["cotangents"])[i].(*eager.Tensor)
			gs, hs = append(gs, g), append(hs, h)
		}
	}
	want = second["grads"].(map[string]any)
	paths = keys(want)
	twice := make([]*eager.Tensor, len(paths))
	if len(gs) > 0 {
		if twice, err = gradients(gs, hs, inputs, paths, false); err != nil {
			return err
		}
	}
	for i, p := range paths {
		if err := equalGradient("second gradient of "+p, twice[i], want[p]); err != nil {
			return err
		}
	}
	return nil
}

// gradients returns the gradient of each named input, nil where the outputs do not depend on it.
func gradients(
	outs, seeds []*eager.Tensor, inputs map[string]*eager.Tensor, paths []string, again bool,
) ([]*eager.Tensor, error) {
	xs := make([]*eager.Tensor, len(paths))
	for i, p := range paths {
		if xs[i] = inputs[p]; xs[i] == nil {
			return nil, fmt.Errorf("a gradient of %s is recorded, but it does not require one", p)
		}
	}
	var ys, dys []*eager.Tensor
	for i, y := range outs {
		if y.RequiresGrad() {
			ys, dys = append(ys, y), append(dys, seeds[i])
		}
	}
	if len(ys) == 0 {
		return make([]*eager.Tensor, len(paths)), nil
	}
	return eager.Grad(ys, xs, eager.GradOptions{
		GradOutputs: dys, CreateGraph: again, RetainGraph: again, AllowUnused: true,
	}), nil
}

// equalGradient is equal for gradients, where none is the same as zeros.
func equalGradient(what string, got *eager.Tensor, want any) error {
	w, ok := want.(*eager.Tensor)
	if !ok && got == nil {
		return nil
	}
	if got == nil {
		got = eager.ZerosLike(w)
	}
	if !ok {
		w = eager.ZerosLike(got)
	}
	if err := equal(what, got, w, opsTolerance); err != nil && !roundedZero(got, w) {
		return err
	}
	return nil
}

// roundedZero reports whether two gradients differ by no more than a few roundings of 1: terms of that
// size have cancelled.
func roundedZero(got, want *eager.Tensor) bool {
	if got.DType() != want.DType() || !got.Shape().Equal(want.Shape()) || want.Numel() == 0 {
		return false
	}
	few := map[engine.DType]float64{engine.F64: 0x1p-50, engine.F32: 0x1p-21}[want.DType()]
	return got.Detach().Sub(want).Abs().Max().Item() <= few
}

// outputs picks the results that cotangents name, by paths like "" and "/0".
func outputs(got any, cotangents map[string]any) (outs, seeds []*eager.Tensor) {
	for _, p := range keys(cotangents) {
		y := got
		if p != "" {
			for _, s := range strings.Split(p[1:], "/") {
				y = list(y)[index(s)]
			}
		}
		outs, seeds = append(outs, y.(*eager.Tensor)), append(seeds, cotangents[p].(*eager.Tensor))
	}
	return outs, seeds
}

// at follows a path like "/args/0" or "/kwargs/weight".
func at(root map[string]any, path string) any {
	var v any = root
	for _, s := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[s]
		case []any:
			v = x[index(s)]
		default:
			return nil
		}
	}
	return v
}

func index(s string) int {
	i, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("path element %q is not an index", s))
	}
	return i
}

func keys(m map[string]any) []string {
	k := make([]string, 0, len(m))
	for n := range m {
		k = append(k, n)
	}
	slices.Sort(k)
	return k
}

func hasForeign(v any) bool {
	switch v := v.(type) {
	case foreign:
		return true
	case []any:
		return slices.ContainsFunc(v, hasForeign)
	case map[string]any:
		for _, x := range v {
			if hasForeign(x) {
				return true
			}
		}
	}
	return false
}
