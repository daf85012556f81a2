package zoo

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/lathe-ml/lathe/data/vision"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/caffe"
	"github.com/lathe-ml/lathe/jit/model"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// network returns the model's file as a function of its one input: ONNX, a graph of ours, or Caffe's prototxt.
func (m *Model) network() (func(x *eager.Tensor) (*eager.Tensor, error), error) {
	path, err := m.file("model")
	if err != nil {
		return nil, err
	}
	switch filepath.Ext(path) {
	case ".onnx":
		net, err := onnx.Load(path)
		if err != nil {
			return nil, err
		}
		return compiled(func(x *eager.Tensor) (*eager.Tensor, error) {
			out, err := net.RunOrdered([]onnx.Value{onnx.FromTensor(x)})
			if err != nil {
				return nil, err
			}
			y, ok := out[0].(*onnx.Tensor)
			if !ok || y.Data == nil {
				return nil, fmt.Errorf("its first output is no tensor of numbers")
			}
			return y.Data, nil
		}), nil
	case ".lathe":
		net, err := model.Open(path)
		if err != nil {
			return nil, err
		}
		return func(x *eager.Tensor) (*eager.Tensor, error) {
			y, err := net.Run([]engine.Array{x.Array()})
			if err != nil {
				return nil, err
			}
			return eager.FromArray(y[0]), nil
		}, nil
	case ".prototxt", ".caffemodel":
		return m.caffeNetwork(path)
	}
	return nil, fmt.Errorf("%s: want .onnx, .lathe, .prototxt or .caffemodel", filepath.Base(path))
}

// compiled runs f as a graph for each shape of its input, where it can be one.
func compiled(f func(x *eager.Tensor) (*eager.Tensor, error)) func(x *eager.Tensor) (*eager.Tensor, error) {
	graphs := map[string]*model.Model{}
	return func(x *eager.Tensor) (*eager.Tensor, error) {
		key := fmt.Sprint(x.Shape())
		g, known := graphs[key]
		if !known {
			if len(graphs) > 16 {
				clear(graphs)
			}
			traced, err := jit.Trace(func(x *eager.Tensor) *eager.Tensor {
				y, err := f(x)
				if err != nil {
					engine.Fail("zoo", "%v", err)
				}
				return y
			}, x)
			if err == nil && len(traced.States) == 0 {
				traced, err = traced.Freeze()
			}
			if err == nil {
				g, err = model.New(traced.Graph)
			}
			if err != nil { // it looks at values: as it stands
				g = nil
			}
			graphs[key] = g
		}
		if g == nil {
			return f(x)
		}
		y, err := g.Run([]engine.Array{x.Array()})
		if err != nil {
			return nil, err
		}
		return eager.FromArray(y[0]), nil
	}
}

func (m *Model) caffeNetwork(path string) (func(x *eager.Tensor) (*eager.Tensor, error), error) {
	net, err := caffe.Load(path, m.Files["weights"])
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, 1)
	for name := range net.Inputs() {
		names = append(names, name)
	}
	if len(names) != 1 {
		return nil, fmt.Errorf("the network has %d inputs, want one", len(names))
	}
	return func(x *eager.Tensor) (*eager.Tensor, error) {
		out, err := net.Forward(map[string]*eager.Tensor{names[0]: x})
		if err != nil {
			return nil, err
		}
		if len(out) != 1 {
			return nil, fmt.Errorf("the network has %d outputs, want one", len(out))
		}
		for _, y := range out {
			return y, nil
		}
		return nil, nil
	}, nil
}

// classifier gives the five most probable classes. Outputs that are no probabilities are logits.
func classifier(m *Model) (func(path string) (*Result, error), error) {
	net, err := m.network()
	if err != nil {
		return nil, err
	}
	return func(path string) (*Result, error) {
		x, err := m.Entry.Input.Prepared(path)
		if err != nil {
			return nil, err
		}
		y, err := net(x)
		if err != nil {
			return nil, err
		}
		y = y.Reshape(y.Numel()).To(engine.F32)
		if low, sum := y.Min().Item(), y.Sum().Item(); low < 0 || math.Abs(sum-1) > 1e-2 {
			y = y.Softmax(0)
		}
		score, at := y.TopK(min(5, y.Numel()), 0)
		r := &Result{}
		for i, k := range at.Ints() {
			if p := score.Float64s()[i]; i == 0 || p >= m.Entry.Threshold {
				r.Items = append(r.Items, Item{Label: m.label(k), Score: p})
			}
		}
		return r, nil
	}, nil
}

// detector reads rows of Caffe's DetectionOutput: image, label, score, and the box in parts of the photo.
func detector(m *Model) (func(path string) (*Result, error), error) {
	net, err := m.network()
	if err != nil {
		return nil, err
	}
	return func(path string) (*Result, error) {
		mode := vision.RGB
		if m.Entry.Input.Gray {
			mode = vision.Gray
		}
		photo, err := vision.Read(path, vision.ReadOptions{Mode: mode})
		if err != nil {
			return nil, err
		}
		y, err := net(m.Entry.Input.pixels(photo))
		if err != nil {
			return nil, err
		}
		if y.Rank() == 0 || y.Size(-1) != 7 {
			return nil, fmt.Errorf("the output is %v, want rows of 7: image, label, score, box", y.Type())
		}
		h, w := float64(photo.Size(1)), float64(photo.Size(2))
		r, rows := &Result{}, y.Float64s()
		for ; len(rows) >= 7; rows = rows[7:] {
			if rows[0] < 0 || rows[2] < m.threshold(0.3) {
				continue
			}
			box := [4]float64{rows[3] * w, rows[4] * h, rows[5] * w, rows[6] * h}
			for i, most := range []float64{w, h, w, h} {
				box[i] = min(max(box[i], 0), most)
			}
			r.Items = append(r.Items, Item{Label: m.label(int(rows[1])), Score: rows[2], Box: &box})
		}
		slices.SortStableFunc(r.Items, func(a, b Item) int { return cmp.Compare(b.Score, a.Score) })
		return r, nil
	}, nil
}
