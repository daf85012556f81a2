package torch

import (
	"github.com/lathe-ml/lathe/eager/nn"
)

func init() {
	for name, e := range sequenceModules {
		modules[name] = e
	}
	operators["nn.functional.scaled_dot_product_attention"] = entry{
		"query key value attn_mask dropout_p is_causal scale enable_gqa keep", attention,
	}
}

// layerWith is a layer whose forward takes several inputs or arguments.
func layerWith(l nn.Module, forward func(xs []*tensor, c *call) any) module {
	return module{
		layer: l, forward: func(xs []*tensor) any { return forward(xs, &call{read: map[string]bool{}}) },
		with: func(kwargs map[string]any) func(xs []*tensor) any {
			return func(xs []*tensor) any {
				return entry{"input", func(c *call) any { return forward(xs, c) }}.call(nil, nil, kwargs)
			}
		},
	}
}

// nth is the i-th input, or nil.
func nth(xs []*tensor, i int) *tensor {
	if i < len(xs) {
		return xs[i]
	}
	return nil
}

func (c *call) rnnOptions() (in, hidden int, o nn.RNNOptions) {
	o = nn.RNNOptions{
		Layers: c.int("num_layers", 1), NoBias: !c.bool("bias", true), BatchFirst: c.bool("batch_first", false),
		Bidirectional: c.bool("bidirectional", false), Dropout: c.float("dropout", 0),
		Projection: c.int("proj_size", 0),
	}
	switch kind := c.str("nonlinearity", "tanh"); kind {
	case "tanh":
	case "relu":
		o.ReLU = true
	default:
		need(false, "nonlinearity "+kind)
	}
	return c.int("input_size", 1), c.int("hidden_size", 1), o
}

const rnnParams = "input_size hidden_size num_layers bias batch_first dropout bidirectional"

// oneState maps a layer whose state is one tensor.
func oneState(build func(in, hidden int, o nn.RNNOptions) (nn.Module, func(x, h *tensor) (*tensor, *tensor)),
) entry {
	return entry{rnnParams, func(c *call) any {
		l, run := build(c.rnnOptions())
		return layerWith(l, func(xs []*tensor, _ *call) any {
			y, h := run(xs[0], nth(xs, 1))
			return []any{y, h}
		})
	}}
}

// packedState maps a layer that runs on packed sequences.
func packedState(build func(in, hidden int, o nn.RNNOptions) (nn.Module, func(p *nn.PackedSequence) (*nn.PackedSequence, any)),
) entry {
	return entry{rnnParams, func(c *call) any {
		need(c.bool("packed", false), "a padded sequence")
		lengths, first := c.ints("lengths"), nn.SequenceOptions{BatchFirst: c.bool("batch_first", false)}
		l, run := build(c.rnnOptions())
		return layerWith(l, func(xs []*tensor, _ *call) any {
			p, h := run(nn.PackPaddedSequence(xs[0], lengths, first))
			y, _ := nn.PadPackedSequence(p, first)
			return []any{y, h}
		})
	}}
}

func cellOptions(c *call) (in, hidden int, o nn.CellOptions) {
	o.NoBias = !c.bool("bias", true)
	o.ReLU = c.str("nonlinearity", "tanh") == "relu"
	return c.int("input_size", 1), c.int("hidden_size", 1), o
}

// oneCell maps a cell whose state is one tensor.
func oneCell(build func(in, hidden int, o nn.CellOptions) (nn.Module, func(x, h *tensor) *tensor)) entry {
	return entry{"input_size hidden_size bias", func(c *call) any {
		l, step := build(cellOptions(c))
		return layerWith(l, func(xs []*tensor, _ *call) any { return step(xs[0], nth(xs, 1)) })
	}}
}

func (c *call) transformerOptions() (width, heads int, o nn.TransformerOptions) {
	o = nn.TransformerOptions{
		Hidden: c.int("dim_feedforward", 2048), Dropout: c.float("dropout", 0.1),
		Activation: c.str("activation", "relu"), Eps: c.float("layer_norm_eps", 0),
		BatchFirst: c.bool("batch_first", false), NormFirst: c.bool("norm_first", false),
		NoBias: !c.bool("bias", true), EncoderLayers: c.int("num_encoder_layers", 0),
		DecoderLayers: c.int("num_decoder_layers", 0),
	}
	return c.int("d_model", 1), c.int("nhead", 1), o
}

func (c *call) decodeOptions() nn.DecodeOptions {
	return nn.DecodeOptions{
		Mask: c.opt("tgt_mask"), KeyPadding: c.opt("tgt_key_padding_mask"),
		MemoryMask: c.opt("memory_mask"), MemoryKeyPadding: c.opt("memory_key_padding_mask"),
		SourceMask: c.opt("src_mask"), SourceKeyPadding: c.opt("src_key_padding_mask"),
		Causal: c.bool("tgt_is_causal", false) && !c.has("tgt_mask"),
	}
}

// sequenceModules maps the recurrent layers, attention and transformers of torch.nn.
var sequenceModules = map[string]entry{
	"LSTM": {rnnParams, func(c *call) any {
		in, hidden, o := c.rnnOptions()
		l := nn.NewLSTM(in, hidden, o)
		return layerWith(l, func(xs []*tensor, _ *call) any {
			y, h, cell := l.Run(xs[0], nth(xs, 1), nth(xs, 2))
			return []any{y, []any{h, cell}}
		})
	}},
	"GRU": oneState(func(in, hidden int, o nn.RNNOptions) (nn.Module, func(x, h *tensor) (*tensor, *tensor)) {
		l := nn.NewGRU(in, hidden, o)
		return l, l.Run
	}),
	"RNN": oneState(func(in, hidden int, o nn.RNNOptions) (nn.Module, func(x, h *tensor) (*tensor, *tensor)) {
		l := nn.NewRNN(in, hidden, o)
		return l, l.Run
	}),
	"LSTM_packed": packedState(func(in, hidden int, o nn.RNNOptions) (
		nn.Module, func(p *nn.PackedSequence) (*nn.PackedSequence, any),
	) {
		l := nn.NewLSTM(in, hidden, o)
		return l, func(p *nn.PackedSequence) (*nn.PackedSequence, any) {
			y, h, cell := l.RunPacked(p, nil, nil)
			return y, []any{h, cell}
		}
	}),
	"GRU_packed": packedState(func(in, hidden int, o nn.RNNOptions) (
		nn.Module, func(p *nn.PackedSequence) (*nn.PackedSequence, any),
	) {
		l := nn.NewGRU(in, hidden, o)
		return l, func(p *nn.PackedSequence) (*nn.PackedSequence, any) {
			y, h := l.RunPacked(p, nil)
			return y, h
		}
	}),
	"RNN_packed": packedState(func(in, hidden int, o nn.RNNOptions) (
		nn.Module, func(p *nn.PackedSequence) (*nn.PackedSequence, any),
	) {
		l := nn.NewRNN(in, hidden, o)
		return l, func(p *nn.PackedSequence) (*nn.PackedSequence, any) {
			y, h := l.RunPacked(p, nil)
			return y, h
		}
	}),
	"LSTMCell": {"input_size hidden_size bias", func(c *call) any {
		in, hidden, o := cellOptions(c)
		l := nn.NewLSTMCell(in, hidden, o)
		return layerWith(l, func(xs []*tensor, _ *call) any {
			h, cell := l.Step(xs[0], nth(xs, 1), nth(xs, 2))
			return []any{h, cell}
		})
	}},
	"GRUCell": oneCell(func(in, hidden int, o nn.CellOptions) (nn.Module, func(x, h *tensor) *tensor) {
		l := nn.NewGRUCell(in, hidden, o)
		return l, l.Step
	}),
	"RNNCell": oneCell(func(in, hidden int, o nn.CellOptions) (nn.Module, func(x, h *tensor) *tensor) {
		l := nn.NewRNNCell(in, hidden, o)
		return l, l.Step
	}),
	"MultiheadAttention": {
		"embed_dim num_heads dropout bias add_bias_kv add_zero_attn kdim vdim batch_first",
		func(c *call) any {
			m := nn.NewMultiheadAttention(c.int("embed_dim", 1), c.int("num_heads", 1), nn.MultiheadOptions{
				KeyWidth: c.int("kdim", 0), ValueWidth: c.int("vdim", 0), BatchFirst: c.bool("batch_first", false),
				NoBias: !c.bool("bias", true), BiasKV: c.bool("add_bias_kv", false),
				ZeroAttention: c.bool("add_zero_attn", false), Dropout: c.float("dropout", 0),
			})
			return layerWith(m, func(xs []*tensor, c *call) any {
				y, w := m.Attend(xs[0], xs[1], xs[2], nn.AttendOptions{
					Mask: c.opt("attn_mask"), KeyPadding: c.opt("key_padding_mask"),
					Causal:  c.bool("is_causal", false) && !c.has("attn_mask"),
					Weights: c.bool("need_weights", true), PerHead: !c.bool("average_attn_weights", true),
				})
				return []any{y, w}
			})
		},
	},
	"TransformerEncoderLayer": {"d_model nhead dim_feedforward dropout activation", func(c *call) any {
		width, heads, o := c.transformerOptions()
		l := nn.NewTransformerEncoderLayer(width, heads, o)
		return layerWith(l, func(xs []*tensor, c *call) any {
			return l.Encode(xs[0], nn.EncodeOptions{
				Mask: c.opt("src_mask"), KeyPadding: c.opt("src_key_padding_mask"),
				Causal: c.bool("is_causal", false) && !c.has("src_mask"),
			})
		})
	}},
	"TransformerDecoderLayer": {"d_model nhead dim_feedforward dropout activation", func(c *call) any {
		width, heads, o := c.transformerOptions()
		l := nn.NewTransformerDecoderLayer(width, heads, o)
		return layerWith(l, func(xs []*tensor, c *call) any { return l.Decode(xs[0], xs[1], c.decodeOptions()) })
	}},
	"Transformer": {
		"d_model nhead num_encoder_layers num_decoder_layers dim_feedforward dropout activation",
		func(c *call) any {
			width, heads, o := c.transformerOptions()
			l := nn.NewTransformer(width, heads, o)
			return layerWith(l, func(xs []*tensor, c *call) any {
				return l.Forward2(xs[0], xs[1], c.decodeOptions())
			})
		},
	},
}
