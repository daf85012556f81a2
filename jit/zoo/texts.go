package zoo

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/data/text"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// textBatch is how many texts run through an embedding network at once.
const textBatch = 32

// embeddings turns each line of a file into a vector of length 1, as sentence transformers do: file "tokenizer" is a
// tokenizer.json, "model" an ONNX file with the inputs input_ids and, where it has them, attention_mask and token_type_ids.
// Its first output is a vector for each text, or for each token: then Input.Pooling says which of them count.
func embeddings(m *Model) (func(path string) (*Result, error), error) {
	path, err := m.file("model")
	if err != nil {
		return nil, err
	}
	words, err := m.file("tokenizer")
	if err != nil {
		return nil, err
	}
	if p := m.Entry.Input.Pooling; p != "" && p != "mean" && p != "first" {
		return nil, fmt.Errorf("input: pooling %q; want mean or first", p)
	}
	net, err := onnx.Load(path)
	if err != nil {
		return nil, err
	}
	tok, err := text.ReadTokenizer(words)
	if err != nil {
		return nil, err
	}
	return func(path string) (*Result, error) {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r := &Result{}
		var lines []string
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		for batch := range slices.Chunk(lines, textBatch) {
			v, err := embed(net, tok, m.Entry.Input, batch)
			if err != nil {
				return nil, err
			}
			for i, line := range batch {
				r.Items = append(r.Items, Item{Label: line, Vector: v.Index(i).Float64s()})
				for k, x := range r.Items[0].Vector {
					r.Items[len(r.Items)-1].Score += x * r.Items[len(r.Items)-1].Vector[k]
				}
			}
		}
		return r, nil
	}, nil
}

// embed returns a vector of length 1 for each text, [texts width].
func embed(net *onnx.Model, tok *text.Tokenizer, in Input, texts []string) (*eager.Tensor, error) {
	most := in.Tokens
	if most == 0 {
		most = 512
	}
	p := tok.EncodeAll(texts, text.PadOptions{EncodeOptions: text.EncodeOptions{MaxTokens: most}})
	feed := map[string]onnx.Value{}
	for _, i := range net.Inputs() {
		switch i.Name {
		case "input_ids":
			feed[i.Name] = onnx.FromTensor(p.IDs)
		case "attention_mask":
			feed[i.Name] = onnx.FromTensor(p.Mask.To(engine.I64))
		case "token_type_ids":
			feed[i.Name] = onnx.FromTensor(p.TypeIDs)
		default:
			return nil, fmt.Errorf("the model has an input %s; known are input_ids, attention_mask and token_type_ids", i.Name)
		}
	}
	out, err := net.Run(feed)
	if err != nil {
		return nil, err
	}
	name := net.Outputs()[0].Name
	y, ok := out[name].(*onnx.Tensor)
	if !ok || y.Data.Rank() < 2 || y.Data.Rank() > 3 || y.Data.Size(0) != len(texts) {
		return nil, fmt.Errorf("output %s is %v; want vectors [texts width] or [texts tokens width]", name, out[name])
	}
	v := y.Data.To(engine.F32)
	switch {
	case v.Rank() == 2:
	case in.Pooling == "first":
		v = v.Slice(1, 0, 1).Squeeze(1)
	default:
		w := p.Mask.To(engine.F32).Unsqueeze(2)
		v = v.Mul(w).Sum(1).Div(w.Sum(1).Maximum(1e-9))
	}
	return v.Div(v.Square().SumKeep(1).Sqrt().Maximum(1e-12)), nil
}
