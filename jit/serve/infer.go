package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lathe-ml/lathe/engine"
)

// headerLength is the length of the JSON in front of binary tensors.
const headerLength = "Inference-Header-Content-Length"

// inferRequest is the JSON of an inference request.
type inferRequest struct {
	ID         string       `json:"id"`
	Parameters *parameters  `json:"parameters"`
	Inputs     []wireTensor `json:"inputs"`
	Outputs    []struct {
		Name       string      `json:"name"`
		Parameters *parameters `json:"parameters"`
	} `json:"outputs"`
}

// infer is POST /v2/models/MODEL/infer.
func (s *Server) infer(w http.ResponseWriter, r *http.Request) {
	b := s.find(w, r, r.PathValue("model"))
	if b == nil {
		return
	}
	body, err := s.body(w, r)
	if err != nil {
		failed(w, err)
		return
	}
	q, binary, err := split(body, r.Header.Get(headerLength))
	if err != nil {
		failed(w, err)
		return
	}
	in, err := b.m.inputs(q.Inputs, binary)
	if err != nil {
		failed(w, err)
		return
	}
	want, err := b.m.wanted(q)
	if err != nil {
		failed(w, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Timeout)
	defer cancel()
	out, err := b.infer(ctx, in)
	if err == nil {
		err = b.m.write(w, q.ID, want, out)
	}
	if err != nil {
		failed(w, err)
	}
}

func (s *Server) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.o.MaxBody))
	if err != nil {
		return nil, badRequest{fmt.Errorf("serve: the request cannot be read: %w", err)}
	}
	return body, nil
}

// split parses the JSON of a request; what follows it is binary.
func split(body []byte, length string) (q *inferRequest, binary []byte, err error) {
	n := len(body)
	if length != "" {
		if n, err = strconv.Atoi(length); err != nil || n < 0 || n > len(body) {
			return nil, nil, bad("%s is %q for a body of %d bytes", headerLength, length, len(body))
		}
	}
	q = &inferRequest{}
	if err := json.Unmarshal(body[:n], q); err != nil {
		return nil, nil, bad("the request is no JSON of an inference: %v", err)
	}
	return q, body[n:], nil
}

// inputs returns the tensors of a request in the order of the model.
func (m *Model) inputs(given []wireTensor, binary []byte) ([]engine.Array, error) {
	in := make([]engine.Array, len(m.Inputs))
	for i := range given {
		t := &given[i]
		k := slices.IndexFunc(m.Inputs, func(d Tensor) bool { return d.Name == t.Name })
		switch {
		case k < 0:
			return nil, bad("model %s has no input %q; it has %s", m.Name, t.Name, namesOf(m.Inputs))
		case in[k].Buf != nil:
			return nil, bad("input %s is given twice", t.Name)
		}
		a, err := t.decode(m.Inputs[k], &binary)
		if err != nil {
			return nil, err
		}
		in[k] = a
	}
	for k, d := range m.Inputs {
		if in[k].Buf == nil {
			return nil, bad("input %s is missing; model %s wants %s", d.Name, m.Name, namesOf(m.Inputs))
		}
	}
	if len(binary) > 0 {
		return nil, bad("%d bytes of the body belong to no input", len(binary))
	}
	return in, m.rows(in)
}

// rows wants all inputs of a model whose rows are joined to have as many, and no more than it takes.
func (m *Model) rows(in []engine.Array) error {
	if m.Sizes == nil {
		return nil
	}
	most := m.Sizes[len(m.Sizes)-1]
	for k, a := range in {
		if n := a.Shape[0]; n != in[0].Shape[0] || n > most {
			return bad("input %s has %d rows, input %s %d; want as many, and at most %d", m.Inputs[k].Name, n,
				m.Inputs[0].Name, in[0].Shape[0], most)
		}
	}
	return nil
}

func namesOf(all []Tensor) string {
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name
	}
	return strings.Join(names, ", ")
}

// output is one that a caller asked for.
type output struct {
	index  int
	binary bool
}

// wanted lists the outputs that a request asks for; all when it names none.
func (m *Model) wanted(q *inferRequest) ([]output, error) {
	binary := q.Parameters != nil && q.Parameters.BinaryOutput != nil && *q.Parameters.BinaryOutput
	var list []output
	for _, o := range q.Outputs {
		k := slices.IndexFunc(m.Outputs, func(d Tensor) bool { return d.Name == o.Name })
		if k < 0 {
			return nil, bad("model %s has no output %q; it has %s", m.Name, o.Name, namesOf(m.Outputs))
		}
		one := output{k, binary}
		if o.Parameters != nil && o.Parameters.BinaryData != nil {
			one.binary = *o.Parameters.BinaryData
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		for k := range m.Outputs {
			list = append(list, output{k, binary})
		}
	}
	return list, nil
}

// write answers an inference request.
func (m *Model) write(w http.ResponseWriter, id string, want []output, out []engine.Array) error {
	var binary []byte
	tensors := []wireTensor{}
	for _, o := range want {
		a := rowMajor(out[o.index])
		t := wireTensor{Name: m.Outputs[o.index].Name, Shape: []int(a.Shape), DataType: dataTypes[a.DType]}
		if t.Shape == nil {
			t.Shape = []int{}
		}
		if o.binary {
			mem := bytesOf(a)
			n := len(mem)
			t.Parameters = &parameters{BinarySize: &n}
			binary = append(binary, mem...)
		} else {
			var err error
			if t.Data, err = numbers(nil, t.Name, a); err != nil {
				return err
			}
		}
		tensors = append(tensors, t)
	}
	answer := map[string]any{"model_name": m.Name, "model_version": "1", "outputs": tensors}
	if id != "" {
		answer["id"] = id
	}
	if binary == nil {
		reply(w, http.StatusOK, answer)
		return nil
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set(headerLength, strconv.Itoa(len(text)))
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+len(binary)))
	_, _ = w.Write(append(text, binary...))
	return nil
}
