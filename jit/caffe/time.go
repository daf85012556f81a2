package caffe

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// LayerTime is the mean time of one layer's passes.
type LayerTime struct {
	Name, Kind        string
	Forward, Backward time.Duration
}

// Time runs the network forward and backward, each layer by itself, and returns mean times in the order of layers. Inputs
// are uniform random numbers of the stated shapes. Layers that neither learn nor read what learns have no backward
// pass. A first run, which makes weights and is not counted, goes before; after each other one it calls each.
func (n *Net) Time(ctx context.Context, iterations int, each func(i int, total time.Duration)) (times []LayerTime, err error) {
	if err := n.Setup(); err != nil {
		return nil, err
	}
	feed := map[string]*eager.Tensor{}
	for name, shape := range n.Inputs() {
		feed[name] = eager.Rand(shape...)
	}
	times = make([]LayerTime, len(n.layers))
	for i, l := range n.layers {
		times[i] = LayerTime{Name: l.name, Kind: l.kind}
	}
	for k := range iterations + 1 {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		start := time.Now()
		if caught := engine.Catch(func() { err = n.timeOnce(feed, times, k > 0) }); caught != nil || err != nil {
			return nil, cmp.Or(caught, err)
		}
		if k > 0 && each != nil {
			each(k-1, time.Since(start))
		}
	}
	for i := range times {
		times[i].Forward /= time.Duration(max(iterations, 1))
		times[i].Backward /= time.Duration(max(iterations, 1))
	}
	return times, nil
}

// timeOnce runs all layers on blobs that are cut from the tape, then back.
func (n *Net) timeOnce(feed map[string]*eager.Tensor, times []LayerTime, count bool) error {
	n.blobs, n.feed = map[string]*eager.Tensor{}, feed
	defer func() { n.blobs, n.feed = nil, nil }()
	learns := map[string]bool{}
	bottoms, tops := make([][]*eager.Tensor, len(n.layers)), make([][]*eager.Tensor, len(n.layers))
	for i, l := range n.layers {
		needs := slices.ContainsFunc(l.blobs, func(b *eager.Tensor) bool { return b.RequiresGrad() })
		for _, b := range l.bottom {
			x := n.blobs[b].Detach()
			if learns[b] && x.DType().IsFloat() {
				x.SetRequiresGrad(true)
				needs = true
			}
			n.blobs[b] = x
			bottoms[i] = append(bottoms[i], x)
		}
		start := time.Now()
		if err := n.runLayer(l); err != nil {
			return err
		}
		if count {
			times[i].Forward += time.Since(start)
		}
		for _, t := range l.top {
			learns[t] = needs
			tops[i] = append(tops[i], n.blobs[t])
		}
	}
	grads := map[string]*eager.Tensor{}
	for i := len(n.layers) - 1; i >= 0; i-- {
		l := n.layers[i]
		start := time.Now()
		for k, y := range tops[i] {
			dy := grads[l.top[k]]
			delete(grads, l.top[k])
			if !y.RequiresGrad() {
				continue
			}
			if dy == nil {
				dy = eager.OnesLike(y)
			}
			y.BackwardFrom(dy)
		}
		if count {
			times[i].Backward += time.Since(start)
		}
		for k, b := range l.bottom {
			if g := bottoms[i][k].Grad(); g != nil && grads[b] == nil {
				grads[b] = g
			} else if g != nil {
				grads[b] = grads[b].Add(g)
			}
		}
		for _, b := range l.blobs {
			b.ZeroGrad()
		}
	}
	return nil
}
