package jit

import (
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

func TestAModuleComputesWithBytesAfterQuantize(t *testing.T) {
	eager.Seed(1)
	net := nn.NewSequential(
		nn.NewConv2D(1, 8, 3, nn.ConvOptions{Padding: 1}), nn.NewBatchNorm2D(8), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(8*4*4, 10),
	)
	net.Eval()
	var batches [][]*eager.Tensor
	for range 5 {
		batches = append(batches, []*eager.Tensor{eager.Randn(16, 1, 8, 8)})
	}
	g, err := Trace(net.Forward, batches[0]...)
	if err != nil {
		t.Fatal(err)
	}
	q, report, err := g.Quantize(batches)
	if err != nil {
		t.Fatal(err)
	}
	if report.Quantised != 2 || report.Outputs[0].SQNR < 30 {
		t.Error(report)
	}
	x := eager.Randn(16, 1, 8, 8)
	want, have := g.Run(x)[0], q.Run(x)[0]
	if d := want.Sub(have).Norm().Item() / want.Norm().Item(); d > 0.04 {
		t.Errorf("relative error %v", d)
	}
	file := filepath.Join(t.TempDir(), "net.lathe")
	if err := q.Save(file); err != nil {
		t.Fatal(err)
	}
	again, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if !eager.AllClose(again.Run(x)[0], have, 0, 0) {
		t.Error("the saved graph gives other results")
	}
}
