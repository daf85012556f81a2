package main

import (
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/roofline"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/caffe"
)

// caffeNetText is Caffe's reference ImageNet network.
//
//go:embed caffenet.prototxt
var caffeNetText []byte

const (
	caffeNetBatch = 32
	caffeNetWork  = 1.449e9 // operations of one image in layers with weights
	bytesPerFloat = 4       // multiply-adds of bytes in the time of one of f32: VPDPBUSD beside VFMADD
)

// reportCaffeNet measures images a second of Caffe's reference network, which is read from its prototxt and has
// random weights, beside what the machine's multiply-adds allow.
func reportCaffeNet(threads int, budget time.Duration) error {
	m, err := caffe.ParseNet(caffeNetText)
	if err != nil {
		return err
	}
	net, err := caffe.New(m, caffe.Test)
	if err != nil {
		return err
	}
	forward := func(x *eager.Tensor) *eager.Tensor {
		out, err := net.Forward(map[string]*eager.Tensor{"data": x})
		if err != nil {
			engine.Fail("caffenet", "%v", err)
		}
		return out["prob"]
	}
	x := eager.Randn(caffeNetBatch, 3, 227, 227).Mul(60)
	forward(x) // fills the weights
	g, err := jit.Trace(forward, x)
	if err != nil {
		return err
	}
	frozen, err := g.Freeze()
	if err != nil {
		return err
	}
	small, _, err := g.Quantize([][]*eager.Tensor{{x}})
	if err != nil {
		return err
	}
	peak := roofline.Machine(threads).F32
	fmt.Printf("# CaffeNet from its prototxt, batch %d, %d threads\n\n%s, %.0f GFLOP/s of f32 in registers. An image "+
		"takes %.3f G operations.\n\n| numbers | images/s, median | best | Gop/s | images/s at the peak |\n|---|---|---|---|---|\n",
		caffeNetBatch, threads, cpuName(), peak, caffeNetWork/1e9)
	for _, c := range []struct {
		name string
		g    *jit.Graph
		peak float64
	}{{"f32", frozen, peak}, {"int8", small, bytesPerFloat * peak}} {
		rates := imagesPerSecond(c.g, x, budget)
		median := rates[len(rates)/2]
		fmt.Printf("| %s | %.0f | %.0f | %.0f | %.0f |\n", c.name, median, rates[len(rates)-1], median*caffeNetWork/1e9,
			c.peak*1e9/caffeNetWork)
	}
	return nil
}

// imagesPerSecond returns the rates of runs, in order.
func imagesPerSecond(g *jit.Graph, x *eager.Tensor, budget time.Duration) []float64 {
	var rates []float64
	for start := time.Now(); time.Since(start) < budget || len(rates) < 5; {
		t := time.Now()
		for _, y := range g.Run(x) {
			y.Release()
		}
		rates = append(rates, float64(x.Size(0))/time.Since(t).Seconds())
	}
	slices.Sort(rates)
	return rates
}
