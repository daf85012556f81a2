package onnx

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// open returns the tests as a tree of files.
func open(refs fs.FS) (fs.FS, error) {
	if data, err := fs.ReadFile(refs, "onnx_tests.zip"); err == nil {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, fmt.Errorf("onnx_tests.zip: %w", err)
		}
		return z, nil
	}
	f, err := refs.Open("onnx_tests.tar.zst")
	if err != nil {
		return refs, nil
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	files := fstest.MapFS{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("onnx_tests.tar.zst: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("onnx_tests.tar.zst: %w", err)
		}
		name := h.Name
		if len(name) > 2 && name[:2] == "./" {
			name = name[2:]
		}
		files[name] = &fstest.MapFile{Data: data, Mode: 0o444}
	}
}

// compare says how got differs from want.
func compare(got, want onnx.Value, rtol, atol float64) error {
	switch w := want.(type) {
	case nil:
		return nil
	case *onnx.Sequence:
		g, ok := got.(*onnx.Sequence)
		if !ok || len(g.Items) != len(w.Items) {
			return fmt.Errorf("got %v, want a sequence of %d", got, len(w.Items))
		}
		for i := range w.Items {
			if err := compare(g.Items[i], w.Items[i], rtol, atol); err != nil {
				return fmt.Errorf("element %d: %w", i, err)
			}
		}
		return nil
	case *onnx.Optional:
		if g, ok := got.(*onnx.Optional); ok {
			got = g.Item
		}
		if (got == nil) != (w.Item == nil) {
			return fmt.Errorf("got %v, want %v", got, w.Item)
		}
		return compare(got, w.Item, rtol, atol)
	}
	w := want.(*onnx.Tensor)
	g, ok := got.(*onnx.Tensor)
	if o, is := got.(*onnx.Optional); is {
		g, ok = o.Item.(*onnx.Tensor)
	}
	if !ok {
		return fmt.Errorf("got %v, want a tensor", got)
	}
	return compareTensors(g, w, rtol, atol)
}

func compareTensors(g, w *onnx.Tensor, rtol, atol float64) error {
	if g.Type != w.Type || !g.Shape().Equal(w.Shape()) {
		return fmt.Errorf("got %v%v, want %v%v", g.Type, g.Shape(), w.Type, w.Shape())
	}
	if w.Type == onnx.String {
		for i := range w.Strings {
			if g.Strings[i] != w.Strings[i] {
				return fmt.Errorf("element %d is %q, want %q", i, g.Strings[i], w.Strings[i])
			}
		}
		return nil
	}
	if d := w.Data.DType(); !d.IsFloat() && !d.IsComplex() {
		a, b := g.Data.To(engine.I64).Ints(), w.Data.To(engine.I64).Ints()
		for i := range b {
			if a[i] != b[i] {
				return fmt.Errorf("element %d is %d, want %d", i, a[i], b[i])
			}
		}
		return nil
	}
	a, b := numbers(g), numbers(w)
	for i := range b {
		if !near(a[i], b[i], rtol, atol) {
			return fmt.Errorf("element %d is %v, want %v", i, a[i], b[i])
		}
	}
	return nil
}

// numbers returns the elements, complex ones as real and imaginary part.
func numbers(t *onnx.Tensor) []float64 {
	d := t.Data
	if !d.DType().IsComplex() {
		return d.Float64s()
	}
	a := d.To(engine.C128).Contiguous().Array()
	out := make([]float64, 0, 2*a.Numel())
	for _, c := range engine.View[complex128](a)[:a.Numel()] {
		out = append(out, real(c), imag(c))
	}
	return out
}

func near(a, b, rtol, atol float64) bool {
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	return math.Abs(a-b) <= atol+rtol*math.Abs(b)
}
