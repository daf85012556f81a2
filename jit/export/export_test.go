package export_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/jit/export"
	"github.com/lathe-ml/lathe/jit/view"
)

func network() (nn.Module, *eager.Tensor) {
	eager.Seed(1)
	net := nn.NewSequential(
		nn.NewConv2D(1, 4, 3), nn.NewBatchNorm2D(4), nn.NewReLU(), nn.NewMaxPool2D(2), nn.NewFlatten(),
		nn.NewDropout(0.5), nn.NewLinear(4*3*3, 5), nn.NewGELU(),
	)
	x := eager.Randn(2, 1, 8, 8)
	net.Forward(x) // batch statistics
	return net, x
}

func TestModuleWritesEveryFormatAndChecksIt(t *testing.T) {
	net, x := network()
	for _, fold := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "models", "digits-1")
		r, err := export.Module(net, path, export.Options{ONNX: true, Go: true, Fold: fold}, x)
		if err != nil {
			t.Fatal(err)
		}
		var formats []string
		for _, f := range r.Files {
			formats = append(formats, f.Format)
			if info, err := os.Stat(f.Path); err != nil || f.Bytes < info.Size() || f.Differs > 1e-4 {
				t.Errorf("%+v: %v", f, err)
			}
		}
		if strings.Join(formats, " ") != "lathe onnx go" {
			t.Errorf("formats %v", formats)
		}
		source, err := os.ReadFile(filepath.Join(path, "digits1.go"))
		if err != nil || !strings.Contains(string(source), "func Run(x0 []float32) (y0 []float32, err error)") {
			t.Errorf("the Go package: %v\n%s", err, source)
		}
		if _, ok := r.Display().MIME[view.Mime]; !ok || !strings.Contains(r.String(), "digits-1.onnx") {
			t.Errorf("the report shows %v", r)
		}
	}
	if !net.Self().Training() || !net.Self().Children()[5].Self().Training() {
		t.Error("the module is not in training mode any more")
	}
}

func TestPartsKeepTheirModes(t *testing.T) {
	net, x := network()
	net.Self().Children()[1].Self().Eval()
	if _, err := export.Module(net, filepath.Join(t.TempDir(), "net"), export.Options{}, x); err != nil {
		t.Fatal(err)
	}
	for i, m := range net.Self().Children() {
		if m.Self().Training() != (i != 1) {
			t.Errorf("layer %d: training is %v", i, m.Self().Training())
		}
	}
}

func TestWhatCannotBeAGraphIsRefused(t *testing.T) {
	net, x := network()
	dir := t.TempDir()
	for _, c := range []struct {
		name, says string
		f          any
		o          export.Options
		examples   []*eager.Tensor
	}{
		{"no examples", "no examples", net, export.Options{}, nil},
		{"reads", "reads a value", func(x *eager.Tensor) *eager.Tensor { return x.Mul(x.Sum().Item()) }, export.Options{}, []*eager.Tensor{x}},
		{"training", "evaluation mode", net, export.Options{Training: true}, []*eager.Tensor{x}},
		{"random", "differs", func(x *eager.Tensor) *eager.Tensor { return x.Add(eager.Randn(8)) }, export.Options{}, []*eager.Tensor{x}},
		{"shapes", "", net, export.Options{}, []*eager.Tensor{eager.Randn(3)}},
		{"type", "want an nn.Module", 3, export.Options{}, []*eager.Tensor{x}},
	} {
		_, err := export.Module(c.f, filepath.Join(dir, "x"), c.o, c.examples...)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
}
