package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/graph"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// inferred is a model for inference: frozen graph here, the same weights as ONNX there.
type inferred struct {
	name  string
	make  func() nn.Module
	shape []int
	int8  bool // has a row with 8 bits, too
}

func inference() []inferred {
	return []inferred{
		{"mlp/b1", mlp, []int{1, 784}, true},
		{"mlp/b32", mlp, []int{32, 784}, true},
		{"lenet/b64", lenet, []int{64, 1, 28, 28}, true},
		{"cnn/b64", cnn, []int{64, 1, 28, 28}, true},
		{"transformer/b8", transformer, []int{8, 64, 128}, false},
		{"lstm/b32", lstm, []int{32, 32, 128}, false},
		{"resnet18/b1", resNet18, []int{1, 3, 224, 224}, true},
		{"resnet50/b1", resNet50, []int{1, 3, 224, 224}, true},
		{"efficientnet-lite0/b1", efficientNetLite0, []int{1, 3, 224, 224}, true},
		{"resnet50/b8", resNet50, []int{8, 3, 224, 224}, true},
	}
}

// reportInference compares frozen graphs with ONNX Runtime on the same models.
func reportInference(python string, threads int, match *regexp.Regexp, budget time.Duration, out string) error {
	dir, err := os.MkdirTemp("", "lathe-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := startPeer(threads, python, "bench/peer_onnxruntime.py", dir)
	if err != nil {
		return err
	}
	defer p.stop()
	r := report{Peer: p.name, Threads: threads, CPU: cpuName()}
	for _, m := range inference() {
		if !match.MatchString(m.name) {
			continue
		}
		rows, err := m.rows(dir, p, budget)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		r.Rows = append(r.Rows, rows...)
		if err := r.write(out); err != nil { // at once: a long run may be ended
			return err
		}
	}
	fmt.Print(r.markdown())
	return nil
}

// rows exports the model and measures it with f32 and with bytes.
func (m inferred) rows(dir string, p *peer, budget time.Duration) ([]row, error) {
	eager.Seed(0)
	net := m.make()
	net.Self().Eval()
	x := eager.Randn(m.shape...)
	base := filepath.Join(dir, strings.ReplaceAll(m.name, "/", "_"))
	if err := checkpoint.SaveNPY(base+".npy", x); err != nil {
		return nil, err
	}
	// Folded: the quantiser of the other side takes batch normalisation for layers of its own.
	if err := onnx.Save(base+".onnx", net, onnx.ExportOptions{Inputs: []string{"x"}, Fold: true}, x); err != nil {
		return nil, err
	}
	var g *jit.Graph
	var err error
	eager.NoGrad(func() { g, err = jit.Trace(net, x) })
	if err != nil {
		return nil, err
	}
	frozen, err := g.Freeze()
	if err != nil {
		return nil, err
	}
	graphs := map[string]*graph.Graph{m.name: frozen.Graph}
	names := []string{m.name}
	if m.int8 {
		q, _, err := g.Quantize([][]*eager.Tensor{{x}})
		if err != nil {
			return nil, err
		}
		graphs[m.name+"/int8"], names = q.Graph, append(names, m.name+"/int8")
	}
	var rows []row
	for _, name := range names {
		run, err := model.New(graphs[name])
		if err != nil {
			return nil, err
		}
		in := []engine.Array{x.Array()}
		c := benchCase{name, 0, func() func() {
			return func() {
				y, err := run.Run(in)
				must(err)
				y[0].Buf.Release()
			}
		}}
		r, err := pair(c, p, budget)
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(os.Stderr, r)
		rows = append(rows, r)
	}
	return rows, nil
}

// bottleneck is the residual block of ResNet-50 (He et al. 2016, the stride in the 3×3 convolution).
type bottleneck struct {
	nn.Base
	conv     [3]*nn.Conv2D
	norm     [3]*nn.BatchNorm2D
	shortcut nn.Module
}

func newBottleneck(in, width, stride int) *bottleneck {
	conv := func(in, out, kernel, stride int) *nn.Conv2D {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Stride: stride, Padding: kernel / 2, NoBias: true})
	}
	b := &bottleneck{}
	b.conv = [3]*nn.Conv2D{conv(in, width, 1, 1), conv(width, width, 3, stride), conv(width, 4*width, 1, 1)}
	for i, n := range []int{width, width, 4 * width} {
		b.norm[i] = nn.NewBatchNorm2D(n)
		b.Add(fmt.Sprint("conv", i+1), b.conv[i])
		b.Add(fmt.Sprint("bn", i+1), b.norm[i])
	}
	if stride != 1 || in != 4*width {
		b.shortcut = nn.NewSequential(conv(in, 4*width, 1, stride), nn.NewBatchNorm2D(4*width))
		b.Add("downsample", b.shortcut)
	}
	return b
}

func (b *bottleneck) Forward(x *eager.Tensor) *eager.Tensor {
	y := x
	for i := range b.conv {
		y = b.norm[i].Forward(b.conv[i].Forward(y))
		if i < 2 {
			y = y.ReLU()
		}
	}
	if b.shortcut != nil {
		x = b.shortcut.Forward(x)
	}
	return y.Add(x).ReLU()
}

// resNet50 is the ImageNet network with 1000 classes.
func resNet50() nn.Module {
	s := nn.NewSequential(nn.NewConv2D(3, 64, 7, nn.ConvOptions{Stride: 2, Padding: 3, NoBias: true}),
		nn.NewBatchNorm2D(64), nn.NewReLU(), nn.NewMaxPool2D(3, nn.PoolOptions{Stride: 2, Padding: 1}))
	in := 64
	for stage, blocks := range []int{3, 4, 6, 3} {
		width, stride := 64<<stage, min(stage+1, 2)
		for range blocks {
			s.Append(newBottleneck(in, width, stride))
			in, stride = 4*width, 1
		}
	}
	s.Append(nn.NewAdaptiveAvgPool2D(1, 1))
	s.Append(nn.NewFlatten())
	s.Append(nn.NewLinear(2048, 1000))
	return s
}
