package caffe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/caffe/lmdb"
)

// net builds a network of a text.
func net(t *testing.T, text string, phase Phase) *Net {
	t.Helper()
	m, err := ParseNet([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(m, phase)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// layerOutput runs one layer on inputs a, b …
func layerOutput(t *testing.T, text string, in ...*eager.Tensor) []float64 {
	t.Helper()
	var b strings.Builder
	feed := map[string]*eager.Tensor{}
	bottoms := ""
	for i, x := range in {
		name := string(rune('a' + i))
		fmt.Fprintf(&b, "layer { name: %q type: \"Input\" top: %q }\n", name, name)
		bottoms += fmt.Sprintf("bottom: %q ", name)
		feed[name] = x
	}
	fmt.Fprintf(&b, "layer { name: \"l\" top: \"y\" %s %s }", bottoms, text)
	out, err := net(t, b.String(), Test).Forward(feed)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out["y"].Float64s()
}

// TestLayersComputeWhatCaffeDoes has small cases worked out by hand from Caffe's documentation.
func TestLayersComputeWhatCaffeDoes(t *testing.T) {
	x := eager.FromFloat32s([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 1, 3, 3)
	v := eager.FromFloat32s([]float32{-2, -1, 0, 1}, 1, 4)
	for _, c := range []struct {
		layer string
		in    []*eager.Tensor
		want  []float64
	}{
		{`type: "Pooling" pooling_param { pool: MAX kernel_size: 2 stride: 2 }`, []*eager.Tensor{x}, []float64{5, 6, 8, 9}},
		{`type: "Pooling" pooling_param { pool: AVE kernel_size: 2 stride: 2 }`, []*eager.Tensor{x}, []float64{3, 4.5, 7.5, 9}},
		{`type: "Pooling" pooling_param { pool: AVE kernel_size: 2 stride: 2 round_mode: FLOOR }`, []*eager.Tensor{x}, []float64{3}},
		{`type: "Pooling" pooling_param { pool: MAX kernel_size: 4 stride: 2 }`, []*eager.Tensor{x}, []float64{9}},
		{`type: "Pooling" pooling_param { pool: AVE kernel_size: 4 stride: 2 }`, []*eager.Tensor{x}, []float64{5}},
		{`type: "Pooling" pooling_param { pool: MAX global_pooling: true }`, []*eager.Tensor{x}, []float64{9}},
		{`type: "ReLU" relu_param { negative_slope: 0.5 }`, []*eager.Tensor{v}, []float64{-1, -0.5, 0, 1}},
		{`type: "PReLU"`, []*eager.Tensor{v}, []float64{-0.5, -0.25, 0, 1}},
		{`type: "Power" power_param { power: 2 scale: 2 shift: 1 }`, []*eager.Tensor{v}, []float64{9, 1, 1, 9}},
		{`type: "Exp" exp_param { base: 2 }`, []*eager.Tensor{v}, []float64{0.25, 0.5, 1, 2}},
		{`type: "Threshold" threshold_param { threshold: -1 }`, []*eager.Tensor{v}, []float64{0, 0, 1, 1}},
		{`type: "Eltwise" eltwise_param { operation: SUM coeff: 1 coeff: -1 }`, []*eager.Tensor{v, v}, []float64{0, 0, 0, 0}},
		{`type: "Eltwise" eltwise_param { operation: PROD }`, []*eager.Tensor{v, v}, []float64{4, 1, 0, 1}},
		{`type: "Reduction" reduction_param { operation: ASUM axis: 1 coeff: 2 }`, []*eager.Tensor{v}, []float64{8}},
		{`type: "ArgMax" argmax_param { top_k: 2 }`, []*eager.Tensor{v}, []float64{3, 2}},
		{`type: "Flatten"`, []*eager.Tensor{x}, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{`type: "Tile" tile_param { axis: 1 tiles: 2 }`, []*eager.Tensor{v}, []float64{-2, -1, 0, 1, -2, -1, 0, 1}},
		{`type: "MVN" mvn_param { normalize_variance: false across_channels: true }`, []*eager.Tensor{x}, []float64{-4, -3, -2, -1, 0, 1, 2, 3, 4}},
		{`type: "HingeLoss"`, []*eager.Tensor{v, eager.Of(3)}, []float64{0 + 0 + 1 + 0}},
		{`type: "EuclideanLoss"`, []*eager.Tensor{v, eager.Zeros(1, 4)}, []float64{3}},
		{`type: "Accuracy" accuracy_param { top_k: 2 }`, []*eager.Tensor{v, eager.Of(2)}, []float64{1}},
		{`type: "Permute" permute_param { order: 0 order: 1 order: 3 order: 2 }`, []*eager.Tensor{x}, []float64{1, 4, 7, 2, 5, 8, 3, 6, 9}},
		{`type: "Crop" crop_param { axis: 2 offset: 1 }`, []*eager.Tensor{x, eager.Zeros(1, 1, 2, 2)}, []float64{5, 6, 8, 9}},
		{`type: "LRN" lrn_param { local_size: 1 alpha: 1 beta: 1 }`, []*eager.Tensor{eager.Of(1, 2).Reshape(1, 2, 1, 1)}, []float64{0.5, 0.4}},
		{`type: "Bias" bias_param { filler { value: 2 } }`, []*eager.Tensor{v}, []float64{0, 1, 2, 3}},
		{`type: "Scale" scale_param { filler { value: 2 } bias_term: true bias_filler { value: 1 } }`, []*eager.Tensor{v}, []float64{-3, -1, 1, 3}},
		{`type: "InnerProduct" inner_product_param { num_output: 1 weight_filler { value: 1 } bias_filler { value: 1 } }`, []*eager.Tensor{v}, []float64{-1}},
		{
			`type: "Deconvolution" convolution_param { num_output: 1 kernel_size: 2 stride: 2 weight_filler { value: 1 } }`,
			[]*eager.Tensor{eager.Of(1, 2).Reshape(1, 1, 1, 2)},
			[]float64{1, 1, 2, 2, 1, 1, 2, 2},
		},
		{`type: "ROIPooling" roi_pooling_param { pooled_h: 1 pooled_w: 1 spatial_scale: 1 }`, []*eager.Tensor{x, eager.Of(0, 0, 0, 1, 1).Reshape(1, 5)}, []float64{5}},
	} {
		got := layerOutput(t, c.layer, c.in...)
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v, want %v", c.layer, got, c.want)
			continue
		}
		for i := range got {
			if d := got[i] - c.want[i]; d > 1e-5 || d < -1e-5 {
				t.Errorf("%s: got %v, want %v", c.layer, got, c.want)
				break
			}
		}
	}
}

// TestEarlierGenerationsAreUpgraded builds one network from the three forms of the format.
func TestEarlierGenerationsAreUpgraded(t *testing.T) {
	x := eager.FromFloat32s([]float32{1, -2, 3, 4}, 1, 1, 2, 2)
	var want []float64
	for i, text := range []string{
		`layer { name: "data" type: "Input" top: "data" }
		 layer { name: "c" type: "Convolution" bottom: "data" top: "c"
		   convolution_param { num_output: 1 kernel_size: 1 pad: 1 weight_filler { value: 2 } bias_filler { value: 1 } } }
		 layer { name: "r" type: "ReLU" bottom: "c" top: "c" }`,
		`input: "data" input_dim: 1 input_dim: 1 input_dim: 2 input_dim: 2
		 layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0
		   convolution_param { num_output: 1 kernel_size: 1 pad: 1 weight_filler { value: 2 } bias_filler { value: 1 } } }
		 layers { name: "r" type: RELU bottom: "c" top: "c" }`,
		`input: "data" input_dim: 1 input_dim: 1 input_dim: 2 input_dim: 2
		 layers { layer { name: "p" type: "padding" pad: 1 } bottom: "data" top: "p" }
		 layers { layer { name: "c" type: "conv" num_output: 1 kernelsize: 1 biasterm: true
		   weight_filler { value: 2 } bias_filler { value: 1 } } bottom: "p" top: "c" }
		 layers { layer { name: "r" type: "relu" } bottom: "c" top: "c" }`,
	} {
		out, err := net(t, text, Test).Forward(map[string]*eager.Tensor{"data": x})
		if err != nil {
			t.Fatalf("form %d: %v", i, err)
		}
		got := out["c"].Float64s()
		if want == nil {
			want = got
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(got) != 16 {
			t.Errorf("form %d: %v, want %v", i, got, want)
		}
	}
}

// TestMistakesNameTheirPlace feeds what users get wrong.
func TestMistakesNameTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"layer { name: \"a\"\n type \"ReLU\" }":                                            "line 2",
		`layer { name: "a" type: "NoSuch" top: "y" }`:                                      "NoSuch",
		`layer { name: "a" type: "ReLU" bottom: "x" top: "y" }`:                            `nothing computes bottom "x"`,
		`layer { name: "a" `:                                                               "line 1",
		`layers { type: RELU } layer { type: "ReLU" }`:                                     "both",
		`input: "x" layer { name: "a" type: "ReLU" bottom: "x" top: "y" }`:                 "1 inputs with 0 shapes",
		strings.Repeat("layer { ", 200) + strings.Repeat("}", 200):                         "nested",
		`layer { name: "a" type: "Input" top: "x" input_param { shape { dim: "many" } } }`: "",
	} {
		m, err := ParseNet([]byte(text))
		if err == nil {
			_, err = New(m, Test)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.60q: error is %v, want one that says %q", text, err, want)
		}
	}
	n := net(t, `layer { name: "x" type: "Input" top: "x" }
		layer { name: "fc" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 2 } }`, Test)
	if _, err := n.Forward(nil); err == nil || !strings.Contains(err.Error(), `input "x" is not given`) {
		t.Errorf("without its input: %v", err)
	}
	if _, err := n.Forward(map[string]*eager.Tensor{"z": eager.Zeros(1)}); err == nil || !strings.Contains(err.Error(), "it has x") {
		t.Errorf("with a wrong input: %v", err)
	}
	if err := n.SetWeights([]byte("\x00\x01\x02")); err == nil {
		t.Error("weights of three bytes are taken")
	}
}

// digits writes databases of squares and crosses for LeNet's solver.
func digits(t *testing.T, dir string) {
	for _, name := range []string{"mnist_train_lmdb", "mnist_test_lmdb"} {
		err := lmdb.Create(filepath.Join(dir, name), func(yield func(k, v []byte) bool) {
			for i := range 200 {
				px := make([]byte, 784)
				for j := range px {
					if y, x := j/28, j%28; i%2 == 0 && (y == x || y == 27-x) || i%2 == 1 && (y == 5+i%9 || x == 5+i%7) {
						px[j] = 255
					}
				}
				v, err := EncodeDatum(1, 28, 28, px, i%2)
				if err != nil || !yield(fmt.Appendf(nil, "%08d", i), v) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"lenet_solver.prototxt", "lenet_train_test.prototxt"} {
		b, err := os.ReadFile("testdata/lenet/" + f)
		if err != nil {
			t.Fatal(err)
		}
		b = []byte(strings.NewReplacer("batch_size: 64", "batch_size: 8", "test_iter: 20", "test_iter: 1").Replace(string(b)))
		if err := os.WriteFile(filepath.Join(dir, f), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestASolverTrainsAndGoesOnFromASnapshot compares a run with one that was cut in two.
func TestASolverTrainsAndGoesOnFromASnapshot(t *testing.T) {
	for _, kind := range []string{"SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam"} {
		dir := t.TempDir()
		digits(t, dir)
		path := filepath.Join(dir, "lenet_solver.prototxt")
		b, _ := os.ReadFile(path)
		rate := map[string]string{"SGD": "0.01", "Nesterov": "0.01", "AdaGrad": "0.01", "RMSProp": "0.001", "AdaDelta": "1", "Adam": "0.001"}[kind]
		text := strings.ReplaceAll(string(b), "base_lr: 0.01", "base_lr: "+rate) + "type: \"" + kind + "\"\n"
		if kind == "AdaGrad" || kind == "RMSProp" {
			text = strings.ReplaceAll(text, "momentum: 0.9", "momentum: 0")
		}
		if kind == "AdaDelta" {
			text = strings.ReplaceAll(text, "momentum: 0.9", "momentum: 0.95\ndelta: 1e-6")
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		load := func() *Solver {
			s, err := LoadSolver(path)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		steps := func(s *Solver, n int) (loss float64) {
			for range n {
				var err error
				if loss, err = s.Step(); err != nil {
					t.Fatal(err)
				}
			}
			return loss
		}
		s := load()
		first := steps(s, 1)
		steps(s, 19)
		if err := s.Snapshot(); err != nil {
			t.Fatal(err)
		}
		want := steps(s, 5)
		if !(want < first/2) {
			t.Errorf("%s: loss goes from %v to %v in 25 updates", kind, first, want)
		}
		again := load()
		if err := again.Restore(filepath.Join(dir, "lenet_iter_20.solverstate")); err != nil {
			t.Fatal(err)
		}
		for range 20 { // the data goes on where it was
			if _, err := again.Train.loss(); err != nil {
				t.Fatal(err)
			}
		}
		if got := steps(again, 5); got != want {
			t.Errorf("%s: after a snapshot the loss is %v, without one %v", kind, got, want)
		}
	}
}

// TestTrainingStopsWithItsContext ends a run early.
func TestTrainingStopsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	digits(t, dir)
	s, err := LoadSolver(filepath.Join(dir, "lenet_solver.prototxt"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run returns %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "lenet_iter_0.solverstate")); err != nil {
		t.Errorf("no snapshot: %v", err)
	}
}

// FuzzParse feeds damaged networks in both forms.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`layer { name: "a" type: "Input" top: "x" input_param { shape { dim: 1 dim: 4 } } }`))
	f.Add([]byte("name: \"\\x41\" layers { type: CONVOLUTION blobs { num: 1 data: [1, 2] } }"))
	f.Add([]byte("\xa2\x06\x10\x0a\x01a\x12\x05Input\x22\x04data"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseNet(b)
		if err != nil {
			return
		}
		n, err := New(m, Test)
		if err != nil {
			return
		}
		_, _ = n.Forward(map[string]*eager.Tensor{})
		_ = engine.Catch(func() { n.Inputs() })
	})
}
