// Package persist keeps fitted estimators in files.
//
//	err := persist.Save("model.learn", pipeline)
//	e, err := persist.Load("model.learn")
//	y, err := e.(learn.Predictor).Predict(x)
//	blob, err := persist.Marshal(e)
//
// A file is JSON with the estimator's name by scikit-learn, its options and what it learned, compressed with
// Zstandard. Fields are found by name, so that a file outlives new fields; a field that is gone is an error.
// Functions (a FunctionTransformer's, a scorer's) cannot be kept. For other programs use learn/convert (ONNX).
package persist

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/internal/atomicfile"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/registry"
)

// version of the format.
const version = 1

// limit is the largest size of a decompressed file, in bytes.
const limit = 8 << 30

type file struct {
	Format    string          `json:"format"`
	Version   int             `json:"version"`
	Estimator json.RawMessage `json:"estimator"`
}

// Save writes an estimator to a file: beside it, then renamed.
func Save(path string, e learn.Estimator) error {
	b, err := Marshal(e)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return fmt.Errorf("persist: %w", err)
	}
	return nil
}

// Load reads an estimator from a file.
func Load(path string) (learn.Estimator, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("persist: %w", err)
	}
	e, err := Unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// Marshal returns the contents of a file.
func Marshal(e learn.Estimator) (b []byte, err error) {
	defer learn.Catch(&err)
	if e == nil {
		learn.Fail("persist", "the estimator is nil")
	}
	raw, err := json.Marshal(file{"lathe.learn", version, (&encoder{map[pointer]int{}}).encode(reflect.ValueOf(e), "")})
	if err != nil {
		return nil, fmt.Errorf("persist: %w", err)
	}
	w, err := zstd.NewWriter(nil)
	if err != nil {
		return nil, fmt.Errorf("persist: %w", err)
	}
	return w.EncodeAll(raw, nil), nil
}

// Unmarshal reads the contents of a file.
func Unmarshal(b []byte) (e learn.Estimator, err error) {
	defer learn.Catch(&err)
	r, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderMaxMemory(limit))
	if err != nil {
		return nil, fmt.Errorf("persist: %w", err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("persist: this is no estimator's file: %w", err)
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil || f.Format != "lathe.learn" {
		return nil, fmt.Errorf("persist: this is no estimator's file")
	}
	if f.Version != version {
		return nil, fmt.Errorf("persist: the file has version %d, this program reads %d", f.Version, version)
	}
	if len(f.Estimator) == 0 {
		return nil, fmt.Errorf("persist: the file holds no estimator")
	}
	return (&decoder{map[int]reflect.Value{}}).decodeEstimator(f.Estimator, "the file"), nil
}

// composed are the estimators that the registry leaves out, because they are nothing without their parts.
var composed = map[string]func() learn.Estimator{
	"Pipeline":          func() learn.Estimator { return compose.NewPipeline() },
	"ColumnTransformer": func() learn.Estimator { return compose.NewColumnTransformer() },
	"FeatureUnion":      func() learn.Estimator { return compose.NewFeatureUnion() },
}

// names maps types of estimators to scikit-learn's names.
var names = func() map[reflect.Type]string {
	out := map[reflect.Type]string{}
	for _, n := range registry.Names() {
		out[reflect.TypeOf(registry.New(n))] = n
	}
	for n, f := range composed {
		out[reflect.TypeOf(f())] = n
	}
	return out
}()

// fresh returns a new estimator of that name, or nil.
func fresh(name string) learn.Estimator {
	if f, ok := composed[name]; ok {
		return f()
	}
	if t, ok := learn.NamedType(name); ok && t.Kind() == reflect.Pointer && t.Implements(estimatorType) {
		e := reflect.New(t.Elem()).Interface().(learn.Estimator)
		learn.Init(e)
		return e
	}
	return registry.New(name)
}
