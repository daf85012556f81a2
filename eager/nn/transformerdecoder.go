package nn

import (
	"github.com/lathe-ml/lathe/eager"
)

// DecodeOptions are the options of Decode; the zero value is the default. Masks are those of
// AttendOptions: bool hides where it is true.
type DecodeOptions struct {
	Mask, KeyPadding             *eager.Tensor // among the steps of x
	Causal                       bool          // step i of x sees steps 0 … i
	MemoryMask, MemoryKeyPadding *eager.Tensor
	// Of Transformer: within the source.
	SourceMask, SourceKeyPadding *eager.Tensor
}

func decodeOptions(o []DecodeOptions) DecodeOptions {
	if len(o) > 0 {
		return o[0]
	}
	return DecodeOptions{}
}

// TransformerDecoderLayer is self-attention, attention to the output of an encoder, and a feed-forward
// part, each with a residual connection and a normalisation. x: [steps batch width] → the same.
type TransformerDecoderLayer struct {
	Base
	Attention, ToMemory *MultiheadAttention
	norm1, norm2, norm3 *LayerNorm
	feedForward
}

// NewTransformerDecoderLayer returns a layer for sequences of the given width.
// Source: Vaswani et al. 2017; agrees with torch.nn.TransformerDecoderLayer.
func NewTransformerDecoderLayer(width, heads int, o ...TransformerOptions) *TransformerDecoderLayer {
	opt := transformerOptions("nn.NewTransformerDecoderLayer", o)
	l := &TransformerDecoderLayer{Attention: opt.attention(width, heads), ToMemory: opt.attention(width, heads)}
	l.Add("self_attn", l.Attention)
	l.Add("multihead_attn", l.ToMemory)
	l.feedForward = newFeedForward(&l.Base, width, opt)
	l.norm1, l.norm2, l.norm3 = opt.norm(width), opt.norm(width), opt.norm(width)
	l.Add("norm1", l.norm1)
	l.Add("norm2", l.norm2)
	l.Add("norm3", l.norm3)
	return l
}

// Forward is Decode with x as its own memory.
func (l *TransformerDecoderLayer) Forward(x *eager.Tensor) *eager.Tensor {
	return l.Done(x, l.Decode(x, x))
}

// Decode returns the layer's output for x and the output of an encoder.
func (l *TransformerDecoderLayer) Decode(x, memory *eager.Tensor, o ...DecodeOptions) *eager.Tensor {
	const where = "nn.TransformerDecoderLayer"
	ready(where, "nn.NewTransformerDecoderLayer", l != nil && l.Attention != nil, x)
	present(where, "memory", memory)
	opt, training := decodeOptions(o), l.Training()
	x = l.residual(x, l.norm1, false, func(x *eager.Tensor) *eager.Tensor {
		y, _ := l.Attention.Attend(x, x, x, AttendOptions{
			Mask: opt.Mask, KeyPadding: opt.KeyPadding, Causal: opt.Causal,
		})
		return l.drop(y, training)
	})
	x = l.residual(x, l.norm2, false, func(x *eager.Tensor) *eager.Tensor {
		y, _ := l.ToMemory.Attend(x, memory, memory, AttendOptions{
			Mask: opt.MemoryMask, KeyPadding: opt.MemoryKeyPadding,
		})
		return l.drop(y, training)
	})
	return l.residual(x, l.norm3, false, func(x *eager.Tensor) *eager.Tensor {
		return l.feedForward.forward(x, training)
	})
}

// TransformerDecoder is a stack of decoder layers. x: [steps batch width] → the same.
type TransformerDecoder struct {
	Base
	Layers []*TransformerDecoderLayer
	Norm   *LayerNorm // nil: none
}

// NewTransformerDecoder returns a stack of layers with a normalisation at the end.
// Agrees with torch.nn.TransformerDecoder.
func NewTransformerDecoder(width, heads, layers int, o ...TransformerOptions) *TransformerDecoder {
	const where = "nn.NewTransformerDecoder"
	atLeast(where, "layers", layers, 1)
	opt := transformerOptions(where, o)
	d, list := &TransformerDecoder{}, NewSequential()
	for range layers {
		l := NewTransformerDecoderLayer(width, heads, opt)
		d.Layers = append(d.Layers, l)
		list.Append(l)
	}
	d.Add("layers", list)
	if !opt.NoFinalNorm {
		d.Norm = opt.norm(width)
		d.Add("norm", d.Norm)
	}
	return d
}

// Forward is Decode with x as its own memory.
func (d *TransformerDecoder) Forward(x *eager.Tensor) *eager.Tensor { return d.Done(x, d.Decode(x, x)) }

// Decode returns the output of the last layer for x and the output of an encoder.
func (d *TransformerDecoder) Decode(x, memory *eager.Tensor, o ...DecodeOptions) *eager.Tensor {
	ready("nn.TransformerDecoder", "nn.NewTransformerDecoder", d != nil && len(d.Layers) > 0, x)
	for _, l := range d.Layers {
		x = l.Decode(x, memory, o...)
	}
	if d.Norm != nil {
		x = d.Norm.Forward(x)
	}
	return x
}

// Transformer is an encoder of a source sequence and a decoder of a target sequence.
type Transformer struct {
	Base
	Encoder *TransformerEncoder
	Decoder *TransformerDecoder
}

// NewTransformer returns a transformer for sequences of the given width. Matrices start as Xavier's.
// Source: Vaswani et al. 2017; agrees with torch.nn.Transformer.
func NewTransformer(width, heads int, o ...TransformerOptions) *Transformer {
	opt := transformerOptions("nn.NewTransformer", o)
	layers := func(n int) int {
		if n == 0 {
			return 6
		}
		return n
	}
	t := &Transformer{
		Encoder: NewTransformerEncoder(width, heads, layers(opt.EncoderLayers), opt),
		Decoder: NewTransformerDecoder(width, heads, layers(opt.DecoderLayers), opt),
	}
	t.Add("encoder", t.Encoder)
	t.Add("decoder", t.Decoder)
	for _, p := range t.Params() {
		if p.Rank() > 1 {
			InitXavierUniform(p, 1)
		}
	}
	return t
}

// Forward is Forward2 with x as source and target.
func (t *Transformer) Forward(x *eager.Tensor) *eager.Tensor { return t.Done(x, t.Forward2(x, x)) }

// Forward2 returns the decoder's output for target, which attends to the encoded source.
// source: [steps batch width], target: [steps batch width] → as target.
func (t *Transformer) Forward2(source, target *eager.Tensor, o ...DecodeOptions) *eager.Tensor {
	ready("nn.Transformer", "nn.NewTransformer", t != nil && t.Encoder != nil, source)
	opt := decodeOptions(o)
	memory := t.Encoder.Encode(source, EncodeOptions{Mask: opt.SourceMask, KeyPadding: opt.SourceKeyPadding})
	return t.Decoder.Decode(target, memory, opt)
}
