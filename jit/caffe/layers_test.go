package caffe

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/boxes"
	"github.com/lathe-ml/lathe/jit/caffe/hdf5"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func forward(t *testing.T, n *Net, in map[string]*eager.Tensor) map[string]*eager.Tensor {
	t.Helper()
	out, err := n.Forward(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestHDF5DataComesInRowsAndBeginsAgain reads five rows of two files in batches of three.
func TestHDF5DataComesInRowsAndBeginsAgain(t *testing.T) {
	dir := t.TempDir()
	for i, v := range [][]float32{{0, 1, 2, 3, 4, 5}, {6, 7, 8, 9}} {
		n := len(v) / 2
		labels := make([]int32, n)
		for k := range labels {
			labels[k] = int32(10*i + k)
		}
		err := hdf5.Create(filepath.Join(dir, fmt.Sprintf("%d.h5", i)), []hdf5.Item{
			{Path: "data", Shape: []int{n, 2}, Value: v}, {Path: "label", Shape: []int{n}, Value: labels},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "list.txt", "0.h5\n1.h5\n")
	text := `layer { name: "d" type: "HDF5Data" top: "data" top: "label" hdf5_data_param { source: "list.txt" batch_size: 3 SHUFFLE } }
		layer { name: "o" type: "HDF5Output" bottom: "data" bottom: "label" hdf5_output_param { file_name: "` + filepath.Join(dir, "out.h5") + `" } }`
	n := net(t, strings.ReplaceAll(text, "SHUFFLE", ""), Test)
	n.Dir, n.Keep = dir, true
	if err := n.Setup(); err != nil {
		t.Fatal(err)
	}
	var rows, labels []float64
	for range 3 {
		forward(t, n, nil)
		rows, labels = append(rows, n.Blob("data").Float64s()...), append(labels, n.Blob("label").Float64s()...)
	}
	want := []float64{0, 1, 2, 10, 11, 0, 1, 2, 10}
	if !slices.Equal(labels, want) || rows[6] != 6 || rows[10] != 0 {
		t.Errorf("labels are %v, want %v; rows %v", labels, want, rows)
	}
	f, err := hdf5.Open(filepath.Join(dir, "out.h5"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if d, err := f.Read("label"); err != nil || !slices.Equal(d.Float64s(), want) {
		t.Errorf("the output holds %v, %v", d, err)
	}
	n = net(t, strings.ReplaceAll(text, "SHUFFLE", "shuffle: true"), Test)
	n.Dir, n.Keep = dir, true
	seen := map[float64]int{}
	for range 5 {
		forward(t, n, nil)
		for _, v := range n.Blob("label").Float64s() {
			seen[v]++
		}
	}
	for v, k := range seen {
		if k != 3 || len(seen) != 5 {
			t.Errorf("shuffled label %v comes %d times in three rounds: %v", v, k, seen)
		}
	}
	for _, bad := range []struct{ list, want string }{
		{"none.h5\n", "no such file"}, {"\n", "lists no files"}, {"list.txt\n", "not an HDF5 file"},
	} {
		write(t, dir, "bad.txt", bad.list)
		n := net(t, `layer { name: "d" type: "HDF5Data" top: "data" hdf5_data_param { source: "bad.txt" batch_size: 3 } }`, Test)
		n.Dir = dir
		if _, err := n.Forward(nil); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("list %q: %v, want %q", bad.list, err, bad.want)
		}
	}
}

// TestWindowsAreCutAndWarped has one image whose pixels are their columns.
func TestWindowsAreCutAndWarped(t *testing.T) {
	dir := t.TempDir()
	img := image.NewRGBA(image.Rect(0, 0, 20, 10))
	for i := range 200 {
		img.Set(i%20, i/20, color.RGBA{R: uint8(i % 20), G: uint8(i / 20), B: 7, A: 255})
	}
	f, err := os.Create(filepath.Join(dir, "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	f.Close()
	write(t, dir, "windows.txt", "# 0\na.png\n3 10 20\n2\n4 0.9 4 2 7 5\n1 0.1 0 0 3 3\n")
	layer := `layer { name: "d" type: "WindowData" top: "data" top: "label" transform_param { crop_size: 4 mean_value: 1 }
		window_data_param { source: "windows.txt" root_folder: "." batch_size: 4 fg_fraction: 0.5 PAD } }`
	n := net(t, strings.ReplaceAll(layer, "PAD", ""), Test)
	n.Dir = dir
	out := forward(t, n, nil)
	if got := out["label"].Float64s(); !slices.Equal(got, []float64{0, 0, 4, 4}) {
		t.Errorf("labels are %v", got)
	}
	x := out["data"]
	for i, v := range x.Slice(0, 2, 3).Float64s() {
		c, row, col := i/16, i/4%4, i%4
		want := []float64{7, float64(2 + row), float64(4 + col)}[c] - 1
		if v != want {
			t.Fatalf("plane %d, row %d, column %d is %v, want %v", c, row, col, v, want)
		}
	}
	// One pixel of context of the window in the corner lies outside the image.
	n = net(t, strings.ReplaceAll(layer, "PAD", "context_pad: 1"), Test)
	n.Dir = dir
	blue := forward(t, n, nil)["data"].Slice(0, 0, 1).Slice(1, 0, 1).Float64s()
	if blue[0] != 0 || blue[3] != 0 || blue[15] != 6 {
		t.Errorf("with context the corner's blue plane is %v", blue)
	}
	for list, want := range map[string]string{
		"a.png": "does not begin", "# 0\na.png\n3 10 20\n1\n4 0.9 4 2": "four ends", "": "no windows",
		"# 0\na.png\n3 10 20\n1\n0 0.9 4 2 5 5\n": "class 0", "# 0\na.png\n3 10 20\n1\n1 0.9 0 0 3 3\n": "0 of the background",
	} {
		write(t, dir, "windows.txt", list)
		n := net(t, strings.ReplaceAll(layer, "PAD", ""), Test)
		n.Dir = dir
		if _, err := n.Forward(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("list %q: %v, want %q", list, err, want)
		}
	}
}

// TestAnchorsAreThoseOfFasterRCNN compares with what its generate_anchors.py prints.
func TestAnchorsAreThoseOfFasterRCNN(t *testing.T) {
	want := []boxes.Box{
		{-84, -40, 99, 55},
		{-176, -88, 191, 103},
		{-360, -184, 375, 199},
		{-56, -56, 71, 71},
		{-120, -120, 135, 135},
		{-248, -248, 263, 263},
		{-36, -80, 51, 95},
		{-80, -168, 95, 183},
		{-168, -344, 183, 359},
	}
	if got := anchors(16, []float64{0.5, 1, 2}, []float64{8, 16, 32}); !slices.Equal(got, want) {
		t.Errorf("anchors are %v", got)
	}
}

// TestProposalsAreTheBestAnchorsThatDoNotOverlap has two anchors at four places.
func TestProposalsAreTheBestAnchorsThatDoNotOverlap(t *testing.T) {
	scores := eager.FromFloat32s([]float32{0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.9, 0.2, 0.3, 0.5, 0.1, 0.1, 0.8}, 1, 4, 2, 2)
	moves := make([]float32, 32)
	moves[4*0+1] = 0.25         // dx of the first anchor at the second place
	moves[2*4+1] = float32(1e3) // dw: as wide as the image
	n := net(t, `layer { name: "s" type: "Input" top: "s" } layer { name: "m" type: "Input" top: "m" } layer { name: "i" type: "Input" top: "i" }
		layer { name: "p" type: "Proposal" bottom: "s" bottom: "m" bottom: "i" top: "r" top: "best"
		proposal_param { feat_stride: 16 base_size: 16 min_size: 8 ratio: 1 scale: 1 scale: 0.5 post_nms_topn: 3 nms_thresh: 0.5 } }`, Test)
	out := forward(t, n, map[string]*eager.Tensor{
		"s": scores, "m": eager.FromFloat32s(moves, 1, 8, 2, 2), "i": eager.FromFloat32s([]float32{32, 32, 1}, 1, 3),
	})
	want := []float64{0, 0, 0, 31, 16, 0, 20, 20, 28, 28, 0, 4, 4, 12, 12}
	if got := out["r"].Float64s(); !slices.Equal(got, want) {
		t.Errorf("regions are %v, want %v", got, want)
	}
	for i, v := range out["best"].Float64s() {
		if math.Abs(v-[]float64{0.9, 0.8, 0.5}[i]) > 1e-6 {
			t.Errorf("scores are %v", out["best"].Float64s())
		}
	}
}

// TestPythonLayersSayWhichClassTheyAre and how to replace it.
func TestPythonLayersSayWhichClassTheyAre(t *testing.T) {
	text := `layer { name: "x" type: "Input" top: "x" } layer { name: "loss" type: "Python" bottom: "x" top: "y"
		python_param { module: "pyloss" layer: "EuclideanLossLayer" } }`
	m, err := ParseNet([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = New(m, Test); err == nil || !strings.Contains(err.Error(), "pyloss.EuclideanLossLayer") {
		t.Errorf("error is %v", err)
	}
	Register("Python", func(l *Message, in []*eager.Tensor) ([]*eager.Tensor, error) {
		return []*eager.Tensor{in[0].Mul(2)}, nil
	})
	defer Unregister("Python")
	if y := forward(t, net(t, text, Test), map[string]*eager.Tensor{"x": eager.Of(3)})["y"]; y.Item() != 6 {
		t.Errorf("the class in Go gives %v", y)
	}
}

// TestWeightsThatDoNotBelongAreToldApart loads files that have more, fewer or other weights.
func TestWeightsThatDoNotBelongAreToldApart(t *testing.T) {
	model := func(layers string) []byte {
		n := net(t, `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }`+layers, Test)
		if err := n.Setup(); err != nil {
			t.Fatal(err)
		}
		b, err := n.Weights().Marshal("NetParameter")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	fc := func(name, bias string, outputs int) string {
		return fmt.Sprintf(`layer { name: %q type: "InnerProduct" bottom: "x" top: %q inner_product_param { num_output: %d bias_term: %s } }`,
			name, name, outputs, bias)
	}
	for _, c := range []struct {
		file []byte
		want string
	}{
		{model(fc("a", "true", 4)), ""},
		{model(fc("a", "true", 4) + fc("extra", "true", 2)), ""},
		{model(fc("a", "false", 4)), "gives 1 weights, the network has 2"},
		{model(fc("a", "true", 5)), "shape [5 3], want [4 3]"},
		{model(fc("b", "true", 4)), "it has some for b"},
	} {
		n := net(t, `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }`+fc("a", "true", 4), Test)
		if err := n.Setup(); err != nil {
			t.Fatal(err)
		}
		err := n.SetWeights(c.file)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("error is %v, want %q", err, c.want)
		}
		if c.want == "" && len(n.Ignored) > 0 && n.Ignored[0] != "extra" {
			t.Errorf("ignored are %q", n.Ignored)
		}
	}
	n := net(t, `layer { name: "x" type: "Input" top: "x" }`+fc("a", "false", 4), Test)
	if err := n.SetWeights(model(fc("a", "true", 4))); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Forward(map[string]*eager.Tensor{"x": eager.Ones(2, 3)}); err == nil || !strings.Contains(err.Error(), "gives 2 weights, the layer has 1") {
		t.Errorf("a surplus bias: %v", err)
	}
}
