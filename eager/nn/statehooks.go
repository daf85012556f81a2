package nn

import (
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// stateHook is a function that runs when the state of a module is read or loaded. Those of a module below
// get its part of the state, with names from there on.
type stateHook struct {
	saving  func()
	saved   func(state []NamedTensor) []NamedTensor
	loading func(state []NamedTensor) []NamedTensor
	loaded  func()
}

func (b *Base) addStateHook(h *stateHook, where string, missing bool) (remove func()) {
	if missing {
		engine.Fail(where, "f is a nil func")
	}
	b.stateHooks = append(b.stateHooks, h)
	return func() {
		b.stateHooks = slices.DeleteFunc(slices.Clone(b.stateHooks), func(o *stateHook) bool { return o == h })
	}
}

// OnSaving calls f before StateDict of the module, or of one above it, reads its tensors. The returned
// function removes the hook.
func (b *Base) OnSaving(f func()) (remove func()) {
	return b.addStateHook(&stateHook{saving: f}, "nn.OnSaving", f == nil)
}

// OnSaved calls f with the state of the module that StateDict has read; what f returns replaces it.
func (b *Base) OnSaved(f func(state []NamedTensor) []NamedTensor) (remove func()) {
	return b.addStateHook(&stateHook{saved: f}, "nn.OnSaved", f == nil)
}

// OnLoading calls f with the state of the module that LoadStateDict is given, before names and shapes are
// compared; what f returns replaces it.
func (b *Base) OnLoading(f func(state []NamedTensor) []NamedTensor) (remove func()) {
	return b.addStateHook(&stateHook{loading: f}, "nn.OnLoading", f == nil)
}

// OnLoaded calls f after LoadStateDict has changed the module.
func (b *Base) OnLoaded(f func()) (remove func()) {
	return b.addStateHook(&stateHook{loaded: f}, "nn.OnLoaded", f == nil)
}

// eachStateHook calls f for the hooks of the module and of everything below it; children first if up.
func (b *Base) eachStateHook(up bool, f func(path string, h *stateHook)) {
	type place struct {
		path string
		h    *stateHook
	}
	var all []place
	b.walk(func(path string, _ Module, b *Base) {
		for _, h := range b.stateHooks {
			all = append(all, place{path, h})
		}
	})
	if up {
		slices.Reverse(all)
	}
	for _, p := range all {
		f(p.path, p.h)
	}
}

// changed replaces the part of state below path by what f makes of it.
func changed(state []NamedTensor, path string, f func([]NamedTensor) []NamedTensor) []NamedTensor {
	if path == "" {
		return f(state)
	}
	var part, out []NamedTensor
	at := -1
	for _, t := range state {
		name, below := strings.CutPrefix(t.Name, path+".")
		if !below {
			out = append(out, t)
			continue
		}
		if at < 0 {
			at = len(out)
		}
		part = append(part, NamedTensor{name, t.Tensor})
	}
	if at < 0 {
		at = len(out)
	}
	part = slices.Clone(f(part))
	for i := range part {
		part[i].Name = join(path, part[i].Name)
	}
	return slices.Insert(out, at, part...)
}
