package caffe2

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/caffe"
)

func parse(t *testing.T, text string) *caffe.Message {
	t.Helper()
	m, err := ParseNet([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// output runs one operator on inputs a, b … and returns its first result.
func output(t *testing.T, kind, args string, in ...*eager.Tensor) *eager.Tensor {
	t.Helper()
	text, feed := "op { type: \""+kind+"\" output: \"y\" ", map[string]*eager.Tensor{}
	for i, x := range in {
		name := string(rune('a' + i))
		text += fmt.Sprintf("input: %q ", name)
		feed[name] = x
	}
	n, err := New(parse(t, text+args+" }"), nil)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	out, err := n.Run(feed)
	if err != nil {
		t.Fatalf("%s %s: %v", kind, args, err)
	}
	return out["y"]
}

func arg(name, value string) string { return fmt.Sprintf(" arg { name: %q %s }", name, value) }

func of(shape []int, v ...float64) *eager.Tensor {
	return eager.FromFloat64s(v, shape...).To(engine.F32)
}

// TestOperatorsComputeWhatCaffe2Does has small cases worked out by hand from Caffe2's operator catalogue.
func TestOperatorsComputeWhatCaffe2Does(t *testing.T) {
	v := of([]int{1, 4}, -2, -1, 0, 1)
	x := of([]int{1, 1, 3, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	m := of([]int{2, 3}, 1, 2, 3, 4, 5, 6)
	ints := func(v ...int) *eager.Tensor { return eager.FromInts(v, len(v)) }
	two := arg("kernel", "i: 2") + arg("stride", "i: 2")
	for _, c := range []struct {
		kind, args string
		in         []*eager.Tensor
		shape      string
		want       []float64
	}{
		{"Relu", "", []*eager.Tensor{v}, "[1 4]", []float64{0, 0, 0, 1}},
		{"LeakyRelu", arg("alpha", "f: 0.5"), []*eager.Tensor{v}, "[1 4]", []float64{-1, -0.5, 0, 1}},
		{"Clip", arg("min", "f: -1.5") + arg("max", "f: 0.5"), []*eager.Tensor{v}, "[1 4]", []float64{-1.5, -1, 0, 0.5}},
		{"PRelu", "", []*eager.Tensor{v, of([]int{4}, 1, 2, 3, 4)}, "[1 4]", []float64{-2, -2, 0, 1}},
		{"MaxPool", two, []*eager.Tensor{x}, "[1 1 1 1]", []float64{5}},
		{"MaxPool", two + arg("legacy_pad", "i: 3"), []*eager.Tensor{x}, "[1 1 2 2]", []float64{5, 6, 8, 9}},
		{"MaxPool", two + arg("pad_t", "i: 1") + arg("pad_l", "i: 1"), []*eager.Tensor{x}, "[1 1 2 2]", []float64{1, 3, 7, 9}},
		{"AveragePool", two + arg("pad", "i: 1"), []*eager.Tensor{x}, "[1 1 2 2]", []float64{1, 2.5, 5.5, 7}},
		{"AveragePool", two + arg("pad_t", "i: 1") + arg("pad_l", "i: 1"), []*eager.Tensor{x}, "[1 1 2 2]", []float64{1, 2.5, 5.5, 7}},
		{"AveragePool", arg("global_pooling", "i: 1"), []*eager.Tensor{x}, "[1 1 1 1]", []float64{5}},
		{"Conv", arg("kernel", "i: 2"), []*eager.Tensor{x, of([]int{1, 1, 2, 2}, 1, 0, 0, 1), of([]int{1}, 10)}, "[1 1 2 2]", []float64{16, 18, 22, 24}},
		{"Conv", arg("kernel", "i: 2") + arg("pad_b", "i: 1") + arg("pad_r", "i: 1"), []*eager.Tensor{x, of([]int{1, 1, 2, 2}, 1, 0, 0, 1)}, "[1 1 3 3]", []float64{6, 8, 3, 12, 14, 6, 7, 8, 9}},
		{"Conv", arg("kernels", "ints: 1 ints: 1") + arg("order", `s: "NHWC"`), []*eager.Tensor{x.Reshape(1, 3, 1, 3), of([]int{1, 1, 1, 3}, 1, 1, 1)}, "[1 3 1 1]", []float64{6, 15, 24}},
		{"ConvTranspose", two, []*eager.Tensor{of([]int{1, 1, 1, 2}, 1, 2), of([]int{1, 1, 2, 2}, 1, 1, 1, 1)}, "[1 1 2 4]", []float64{1, 1, 2, 2, 1, 1, 2, 2}},
		{"FC", "", []*eager.Tensor{m.Reshape(2, 1, 3), of([]int{2, 3}, 1, 0, 0, 0, 0, 1), of([]int{2}, 1, -1)}, "[2 2]", []float64{2, 2, 5, 5}},
		{"FC", arg("axis", "i: 2"), []*eager.Tensor{m.Reshape(2, 1, 3), of([]int{2, 3}, 1, 0, 0, 0, 0, 1), of([]int{2}, 1, -1)}, "[2 1 2]", []float64{2, 2, 5, 5}},
		{"SpatialBN", arg("is_test", "i: 1") + arg("epsilon", "f: 0"), []*eager.Tensor{of([]int{1, 2, 1, 1}, 3, 5), of([]int{2}, 2, 1), of([]int{2}, 1, 0), of([]int{2}, 1, 1), of([]int{2}, 4, 16)}, "[1 2 1 1]", []float64{3, 1}},
		{"LRN", arg("size", "i: 1") + arg("alpha", "f: 1") + arg("beta", "f: 1") + arg("bias", "f: 1"), []*eager.Tensor{of([]int{1, 2, 1, 1}, 1, 2)}, "[1 2 1 1]", []float64{0.5, 0.4}},
		{"Softmax", "", []*eager.Tensor{of([]int{2, 2}, 0, 0, 1, 1)}, "[2 2]", []float64{0.5, 0.5, 0.5, 0.5}},
		{"Dropout", arg("is_test", "i: 1"), []*eager.Tensor{v}, "[1 4]", []float64{-2, -1, 0, 1}},
		{"Concat", "", []*eager.Tensor{m, m}, "[2 6]", []float64{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}},
		{"Concat", arg("axis", "i: 0") + arg("add_axis", "i: 1"), []*eager.Tensor{v, v}, "[2 1 4]", []float64{-2, -1, 0, 1, -2, -1, 0, 1}},
		{"Sum", "", []*eager.Tensor{m, m, m}, "[2 3]", []float64{3, 6, 9, 12, 15, 18}},
		{"Mean", "", []*eager.Tensor{m, m}, "[2 3]", []float64{1, 2, 3, 4, 5, 6}},
		{"Add", arg("broadcast", "i: 1") + arg("axis", "i: 0"), []*eager.Tensor{m, of([]int{2}, 10, 20)}, "[2 3]", []float64{11, 12, 13, 24, 25, 26}},
		{"Mul", "", []*eager.Tensor{m, of([]int{3}, 1, 0, 2)}, "[2 3]", []float64{1, 0, 6, 4, 0, 12}},
		{"Reshape", arg("shape", "ints: 0 ints: -1 ints: 1"), []*eager.Tensor{m}, "[2 3 1]", []float64{1, 2, 3, 4, 5, 6}},
		{"Transpose", "", []*eager.Tensor{m}, "[3 2]", []float64{1, 4, 2, 5, 3, 6}},
		{"Slice", arg("starts", "ints: 0 ints: 1") + arg("ends", "ints: -1 ints: -2"), []*eager.Tensor{m}, "[2 1]", []float64{2, 5}},
		{"ExpandDims", arg("dims", "ints: 0 ints: 2"), []*eager.Tensor{of([]int{2}, 1, 2)}, "[1 2 1]", []float64{1, 2}},
		{"Squeeze", arg("dims", "ints: 0"), []*eager.Tensor{v}, "[4]", []float64{-2, -1, 0, 1}},
		{"Tile", arg("tiles", "i: 2") + arg("axis", "i: 1"), []*eager.Tensor{v}, "[1 8]", []float64{-2, -1, 0, 1, -2, -1, 0, 1}},
		{"ArgMax", arg("keepdims", "i: 0"), []*eager.Tensor{m}, "[2]", []float64{2, 2}},
		{"TopK", arg("k", "i: 2"), []*eager.Tensor{m}, "[2 2]", []float64{3, 2, 6, 5}},
		{"Gather", "", []*eager.Tensor{m, ints(1, 1, 0)}, "[3 3]", []float64{4, 5, 6, 4, 5, 6, 1, 2, 3}},
		{"ReduceMean", arg("axes", "ints: 1") + arg("keepdims", "i: 0"), []*eager.Tensor{m}, "[2]", []float64{2, 5}},
		{"ReduceBackSum", "", []*eager.Tensor{m}, "[2]", []float64{6, 15}},
		{"ReduceFrontMax", "", []*eager.Tensor{m}, "[3]", []float64{4, 5, 6}},
		{"MatMul", arg("trans_b", "i: 1"), []*eager.Tensor{m, m}, "[2 2]", []float64{14, 32, 32, 77}},
		{"BatchMatMul", "", []*eager.Tensor{m.Reshape(1, 2, 3), m.Reshape(1, 3, 2)}, "[1 2 2]", []float64{22, 28, 49, 64}},
		{"DotProduct", "", []*eager.Tensor{m, m}, "[2]", []float64{14, 77}},
		{"ResizeNearest", arg("width_scale", "f: 2") + arg("height_scale", "f: 1"), []*eager.Tensor{of([]int{1, 1, 1, 2}, 1, 2)}, "[1 1 1 4]", []float64{1, 1, 2, 2}},
		{"ChannelShuffle", arg("group", "i: 2"), []*eager.Tensor{of([]int{1, 4, 1, 1}, 1, 2, 3, 4)}, "[1 4 1 1]", []float64{1, 3, 2, 4}},
		{"PadImage", arg("pad", "i: 1") + arg("value", "f: 7"), []*eager.Tensor{of([]int{1, 1, 1, 1}, 1)}, "[1 1 3 3]", []float64{7, 7, 7, 7, 1, 7, 7, 7, 7}},
		{"NCHW2NHWC", "", []*eager.Tensor{of([]int{1, 2, 1, 2}, 1, 2, 3, 4)}, "[1 1 2 2]", []float64{1, 3, 2, 4}},
		{"SparseLengthsSum", "", []*eager.Tensor{m, ints(0, 1, 1), ints(1, 0, 2)}, "[3 3]", []float64{1, 2, 3, 0, 0, 0, 8, 10, 12}},
		{"InstanceNorm", arg("epsilon", "f: 0"), []*eager.Tensor{of([]int{1, 1, 1, 2}, 1, 3), of([]int{1}, 2), of([]int{1}, 5)}, "[1 1 1 2]", []float64{3, 7}},
		{"LayerNorm", arg("epsilon", "f: 0"), []*eager.Tensor{of([]int{1, 2}, 1, 3)}, "[1 2]", []float64{-1, 1}},
		{"LabelCrossEntropy", "", []*eager.Tensor{of([]int{2, 2}, 0.5, 0.5, 0.25, 0.75), ints(0, 1)}, "[2]", []float64{math.Log(2), -math.Log(0.75)}},
		{"ConstantFill", arg("shape", "ints: 2") + arg("value", "f: 3"), nil, "[2]", []float64{3, 3}},
		{"ConstantFill", arg("value", "f: 2"), []*eager.Tensor{v}, "[1 4]", []float64{2, 2, 2, 2}},
		{"GivenTensorInt64Fill", arg("shape", "ints: 1 ints: 2") + arg("values", "ints: 5 ints: -6"), nil, "[1 2]", []float64{5, -6}},
		{"Cast", arg("to", `s: "INT32"`), []*eager.Tensor{of([]int{2}, 1.7, -1.7)}, "[2]", []float64{1, -1}},
		{"Where", "", []*eager.Tensor{v.Gt(-1), v, v.Mul(10)}, "[1 4]", []float64{-20, -10, 0, 1}},
	} {
		y := output(t, c.kind, c.args, c.in...)
		got := y.Float64s()
		ok := fmt.Sprint(y.Shape()) == c.shape && len(got) == len(c.want)
		for i := range got {
			ok = ok && math.Abs(got[i]-c.want[i]) < 1e-5
		}
		if !ok {
			t.Errorf("%s%s: got %v %v, want %s %v", c.kind, c.args, y.Shape(), got, c.shape, c.want)
		}
	}
}

const initText = `name: "init"
op { output: "w" type: "GivenTensorFill" arg { name: "shape" ints: 2 ints: 4 } arg { name: "values" floats: 1 floats: 0 floats: 0 floats: 0 floats: 0 floats: 0 floats: 0 floats: 1 } }
op { output: "b" type: "ConstantFill" arg { name: "shape" ints: 2 } arg { name: "value" f: 0.5 } }
op { output: "unread" type: "ConstantFill" arg { name: "shape" ints: 9 } }
op { output: "data" type: "ConstantFill" arg { name: "shape" ints: 1 ints: 1 ints: 2 ints: 2 } }`

const predictText = `name: "net" external_input: "data" external_input: "w" external_input: "b" external_output: "prob"
op { type: "Relu" input: "data" output: "data_1" }
op { type: "FC" input: "data_1" input: "w" input: "b" output: "fc" name: "" }
op { type: "Softmax" input: "fc" output: "prob" arg { name: "axis" i: 1 } engine: "CUDNN" }`

// TestNetsOfBothFormsRun reads a pair of nets as text and as bytes.
func TestNetsOfBothFormsRun(t *testing.T) {
	dir := t.TempDir()
	for _, form := range []string{"pbtxt", "pb"} {
		for name, text := range map[string]string{"init": initText, "predict": predictText} {
			b := []byte(text)
			if form == "pb" {
				var err error
				if b, err = parse(t, text).Marshal("NetDef"); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, name+"_net."+form), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		n, err := Load(filepath.Join(dir, "predict_net."+form), filepath.Join(dir, "init_net."+form))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(n.Inputs(), []string{"data"}) || !slices.Equal(n.Outputs(), []string{"prob"}) || fmt.Sprint(n.Shape("data")) != "[1 1 2 2]" {
			t.Errorf("%s: inputs %q of %v, outputs %q", form, n.Inputs(), n.Shape("data"), n.Outputs())
		}
		names := ""
		for _, p := range n.Parameters() {
			names += p.Name + fmt.Sprint(p.Value.Shape()) + " "
		}
		if names != "w[2 4] b[2] " {
			t.Errorf("%s: weights are %s", form, names)
		}
		out, err := n.Run(map[string]*eager.Tensor{"data": of([]int{1, 1, 2, 2}, 1, 5, -5, 3)})
		if err != nil {
			t.Fatal(err)
		}
		want := 1 / (1 + math.Exp(2))
		if p := out["prob"].Float64s(); math.Abs(p[0]-want) > 1e-6 || math.Abs(p[1]-1+want) > 1e-6 {
			t.Errorf("%s: probabilities are %v, want %v", form, p, want)
		}
	}
}

// TestFillersDrawWithinTheirBounds has the two whose bounds depend on the shape.
func TestFillersDrawWithinTheirBounds(t *testing.T) {
	eager.Seed(3)
	x := output(t, "XavierFill", arg("shape", "ints: 50 ints: 75")).Abs().Max().Item()
	if k := math.Sqrt(3.0 / 75); x > k || x < 0.95*k {
		t.Errorf("XavierFill reaches %v, want nearly %v", x, k)
	}
	y := output(t, "MSRAFill", arg("shape", "ints: 50 ints: 75"))
	if std, want := math.Sqrt(y.Mul(y).Mean().Item()), math.Sqrt(2.0/50); math.Abs(std-want) > 0.05*want {
		t.Errorf("MSRAFill has deviation %v, want %v", std, want)
	}
}

// TestMistakesNameTheirPlace reads and runs what cannot be.
func TestMistakesNameTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		`op { type: "Int8Conv" output: "y" } op { type: "Int8Relu" output: "y" }`: "Int8Conv, Int8Relu: operators for bytes",
		`op { type: "ReluGradient" output: "y" }`:                                 "gradients come from the tape",
		`op { type: "NoSuch" output: "y" }`:                                       "NoSuch",
		`op { type: "Relu" input: "x" output: "y" } external_output: "z"`:         `nothing computes the output "z"`,
	} {
		if _, err := New(parse(t, text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseNet([]byte(`name: "x"`)); err == nil || !strings.Contains(err.Error(), "no operators") {
		t.Errorf("an empty net: %v", err)
	}
	for _, c := range []struct{ text, want string }{
		{`op { type: "FC" input: "x" input: "x" input: "x" output: "y" }`, "operator 0: FC([1 3], [1 3], [1 3]) → y: rows of 3"},
		{`op { type: "SpatialBN" input: "x" input: "x" input: "x" input: "x" input: "x" output: "y" }`, "is_test is 0"},
		{`op { type: "Dropout" input: "x" output: "y" output: "mask" } op { type: "LayerNorm" input: "mask" output: "z" }`, "operator 1"},
		{`op { type: "ConstantFill" input: "x" output: "y" arg { name: "extra_shape" ints: 4611686018427387904 } }`, "2^36"},
		{`op { type: "Split" input: "x" output: "y" output: "z" }`, "does not divide"},
	} {
		n, err := New(parse(t, c.text), nil)
		if err == nil {
			_, err = n.Run(map[string]*eager.Tensor{"x": eager.Ones(1, 3)})
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
	n, err := New(parse(t, `op { type: "Relu" input: "x" output: "y" }`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Run(nil); err == nil || !strings.Contains(err.Error(), `input "x" is not given`) {
		t.Errorf("without its input: %v", err)
	}
	if _, err := n.Run(map[string]*eager.Tensor{"z": eager.Ones(1)}); err == nil || !strings.Contains(err.Error(), "it has x") {
		t.Errorf("with a wrong input: %v", err)
	}
}

// FuzzNet feeds damaged nets in both forms.
func FuzzNet(f *testing.F) {
	f.Add([]byte(initText))
	f.Add([]byte(predictText))
	m, err := ParseNet([]byte(initText))
	if err != nil {
		f.Fatal(err)
	}
	b, err := m.Marshal("NetDef")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseNet(b)
		if err != nil {
			return
		}
		n, err := New(m, nil)
		if err != nil {
			return
		}
		feed := map[string]*eager.Tensor{}
		for _, name := range n.Inputs() {
			feed[name] = eager.Ones(1, 1, 2, 2)
		}
		_, _ = n.Run(feed)
	})
}
