package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// status is TensorFlow Serving's GET /v1/models/MODEL.
func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	b := s.find(w, r, r.PathValue("model"))
	if b == nil {
		return
	}
	state := "AVAILABLE"
	if !b.open() {
		state = "UNLOADING"
	}
	reply(w, http.StatusOK, map[string]any{"model_version_status": []map[string]any{{
		"version": "1", "state": state, "status": map[string]string{"error_code": "OK", "error_message": ""},
	}}})
}

// predict is TensorFlow Serving's POST /v1/models/MODEL:predict: {"instances": [row, …]} for a model of one
// input gives {"predictions": [row, …]}.
func (s *Server) predict(w http.ResponseWriter, r *http.Request) {
	name, found := strings.CutSuffix(r.PathValue("model"), ":predict")
	b := s.find(w, r, name)
	if b == nil {
		return
	}
	body, err := s.body(w, r)
	var q struct {
		Instances []json.RawMessage `json:"instances"`
	}
	switch {
	case err != nil:
	case !found:
		err = bad("want /v1/models/%s:predict", name)
	case len(b.m.Inputs) != 1:
		err = bad("model %s has %d inputs; use /v2/models/%s/infer", name, len(b.m.Inputs), name)
	default:
		if e := json.Unmarshal(body, &q); e != nil || len(q.Instances) == 0 {
			err = bad(`want {"instances": [row, …]} (%v)`, e)
		}
	}
	if err != nil {
		failed(w, err)
		return
	}
	shape := b.m.Inputs[0].Shape.Clone()
	if len(shape) > 0 && shape[0] < 0 {
		shape[0] = len(q.Instances)
	}
	text := []byte{'['}
	for i, row := range q.Instances {
		text = append(comma(text, i), row...)
	}
	in, err := b.m.inputs([]wireTensor{{
		Name: b.m.Inputs[0].Name, Shape: shape, DataType: dataTypes[b.m.Inputs[0].DType], Data: append(text, ']'),
	}}, nil)
	if err != nil {
		failed(w, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Timeout)
	defer cancel()
	out, err := b.infer(ctx, in)
	if err == nil {
		err = b.m.predictions(w, out)
	}
	if err != nil {
		failed(w, err)
	}
}

// predictions writes the first output, or all of them by name, a row for each instance.
func (m *Model) predictions(w http.ResponseWriter, out []engine.Array) error {
	all := map[string]json.RawMessage{}
	for k, y := range out {
		text, err := nested(nil, m.Outputs[k].Name, rowMajor(y))
		if err != nil {
			return err
		}
		all[m.Outputs[k].Name] = text
	}
	if len(out) == 1 {
		reply(w, http.StatusOK, map[string]any{"predictions": all[m.Outputs[0].Name]})
		return nil
	}
	reply(w, http.StatusOK, map[string]any{"outputs": all})
	return nil
}

// nested appends a as arrays within arrays.
func nested(to []byte, name string, a engine.Array) ([]byte, error) {
	if len(a.Shape) < 2 {
		text, err := numbers(nil, name, a)
		if len(a.Shape) == 0 && err == nil {
			text = text[1 : len(text)-1]
		}
		return append(to, text...), err
	}
	to = append(to, '[')
	for i := range a.Shape[0] {
		row := a.Slice(0, i, i+1, 1)
		row.Shape, row.Strides = row.Shape[1:], row.Strides[1:]
		var err error
		if to, err = nested(comma(to, i), name, row); err != nil {
			return nil, err
		}
	}
	return append(to, ']'), nil
}
