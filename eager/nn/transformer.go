package nn

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// TransformerOptions are the options of the transformer layers; the zero value is the default.
type TransformerOptions struct {
	Hidden     int     // width of the feed-forward part; 0 means 2048
	Dropout    float64 // in training; PyTorch's default is 0.1
	Activation string  // "relu" (or "") or "gelu"
	Eps        float64 // of the normalisations; 0 means 1e-5
	BatchFirst bool    // sequences are [batch steps width] rather than [steps batch width]
	NormFirst  bool    // normalise before each part rather than after it
	NoBias     bool    // no biases at all
	// Of NewTransformerEncoder and NewTransformerDecoder: no normalisation at the end.
	NoFinalNorm bool
	// Of NewTransformer; 0 means 6.
	EncoderLayers, DecoderLayers int
}

func transformerOptions(where string, o []TransformerOptions) TransformerOptions {
	var opt TransformerOptions
	if len(o) > 0 {
		opt = o[0]
	}
	if opt.Hidden == 0 {
		opt.Hidden = 2048
	}
	atLeast(where, "Hidden", opt.Hidden, 1)
	switch opt.Activation {
	case "", "relu", "gelu":
	default:
		engine.Fail(where, "Activation %q is unknown; known: relu, gelu", opt.Activation)
	}
	return opt
}

func (o TransformerOptions) norm(width int) *LayerNorm {
	return NewLayerNorm([]int{width}, NormOptions{Eps: o.Eps, NoBias: o.NoBias})
}

func (o TransformerOptions) attention(width, heads int) *MultiheadAttention {
	return NewMultiheadAttention(width, heads, MultiheadOptions{
		Dropout: o.Dropout, BatchFirst: o.BatchFirst, NoBias: o.NoBias,
	})
}

// feedForward is the part of a layer that treats each step by itself.
type feedForward struct {
	linear1, linear2 *Linear
	o                TransformerOptions
}

func newFeedForward(b *Base, width int, o TransformerOptions) feedForward {
	f := feedForward{o: o}
	f.linear1 = NewLinear(width, o.Hidden, LinearOptions{NoBias: o.NoBias})
	f.linear2 = NewLinear(o.Hidden, width, LinearOptions{NoBias: o.NoBias})
	b.Add("linear1", f.linear1)
	b.Add("linear2", f.linear2)
	return f
}

func (f *feedForward) forward(x *eager.Tensor, training bool) *eager.Tensor {
	quiet := discreet(f.linear1) && discreet(f.linear2)
	a := f.linear1.Forward(x)
	h := a
	if f.o.Activation == "gelu" {
		h = a.GELU()
	} else {
		h = a.ReLU()
	}
	d := f.drop(h, training)
	z := f.linear2.Forward(d)
	y := f.drop(z, training)
	forget(a, quiet, h)
	forget(h, quiet, d)
	forget(d, quiet, z)
	forget(z, quiet, y)
	return y
}

func (f *feedForward) drop(x *eager.Tensor, training bool) *eager.Tensor {
	if training && f.o.Dropout > 0 {
		return dropout(x, f.o.Dropout)
	}
	return x
}

// residual returns x plus part of x, normalised before the part or after the sum. With quiet nobody else knows what lies
// between.
func (f *feedForward) residual(
	x *eager.Tensor, n *LayerNorm, quiet bool, part func(x *eager.Tensor) *eager.Tensor,
) *eager.Tensor {
	if f.o.NormFirst {
		h := n.Forward(x)
		p := part(h)
		y := x.Add(p)
		forget(h, quiet, p)
		forget(p, quiet, y)
		return y
	}
	p := part(x)
	s := x.Add(p)
	y := n.Forward(s)
	forget(p, quiet, x)
	forget(s, quiet, y)
	return y
}

// EncodeOptions are the options of Encode; the zero value is the default. Masks are those of
// AttendOptions: bool hides where it is true.
type EncodeOptions struct {
	Mask, KeyPadding *eager.Tensor
	Causal           bool
	Caches           []*AttentionCache // one for each layer: x continues what came before
}

func (o EncodeOptions) attend(layer int) AttendOptions {
	a := AttendOptions{Mask: o.Mask, KeyPadding: o.KeyPadding, Causal: o.Causal}
	if layer < len(o.Caches) {
		a.Cache = o.Caches[layer]
	}
	return a
}

func encodeOptions(o []EncodeOptions) EncodeOptions {
	if len(o) > 0 {
		return o[0]
	}
	return EncodeOptions{}
}

// TransformerEncoderLayer is self-attention and a feed-forward part, each with a residual connection
// and a normalisation. x: [steps batch width] → the same.
type TransformerEncoderLayer struct {
	Base
	Attention    *MultiheadAttention
	norm1, norm2 *LayerNorm
	feedForward
}

// NewTransformerEncoderLayer returns a layer for sequences of the given width.
// Source: Vaswani et al. 2017; agrees with torch.nn.TransformerEncoderLayer.
func NewTransformerEncoderLayer(width, heads int, o ...TransformerOptions) *TransformerEncoderLayer {
	opt := transformerOptions("nn.NewTransformerEncoderLayer", o)
	l := &TransformerEncoderLayer{Attention: opt.attention(width, heads)}
	l.Add("self_attn", l.Attention)
	l.feedForward = newFeedForward(&l.Base, width, opt)
	l.norm1, l.norm2 = opt.norm(width), opt.norm(width)
	l.Add("norm1", l.norm1)
	l.Add("norm2", l.norm2)
	return l
}

// Forward is Encode without masks.
func (l *TransformerEncoderLayer) Forward(x *eager.Tensor) *eager.Tensor {
	return l.Done(x, l.Encode(x))
}

// Encode returns the layer's output for x.
func (l *TransformerEncoderLayer) Encode(x *eager.Tensor, o ...EncodeOptions) *eager.Tensor {
	return l.encode(x, encodeOptions(o).attend(0))
}

func (l *TransformerEncoderLayer) encode(x *eager.Tensor, o AttendOptions) *eager.Tensor {
	ready("nn.TransformerEncoderLayer", "nn.NewTransformerEncoderLayer", l != nil && l.Attention != nil, x)
	training, quiet := l.Training(), l.quiet()
	h := l.residual(x, l.norm1, quiet, func(x *eager.Tensor) *eager.Tensor {
		a, _ := l.Attention.Attend(x, x, x, o)
		y := l.drop(a, training)
		forget(a, quiet, y)
		return y
	})
	y := l.residual(h, l.norm2, quiet, func(x *eager.Tensor) *eager.Tensor {
		return l.feedForward.forward(x, training)
	})
	forget(h, quiet, y)
	return y
}

// quiet reports whether nobody watches what the layer computes on its way.
func (l *TransformerEncoderLayer) quiet() bool {
	return discreet(l.norm1) && discreet(l.norm2) && discreet(l.linear1) && discreet(l.linear2) && discreet(l.Attention.Out)
}

// TransformerEncoder is a stack of encoder layers. x: [steps batch width] → the same.
type TransformerEncoder struct {
	Base
	Layers []*TransformerEncoderLayer
	Norm   *LayerNorm // nil: none
}

// NewTransformerEncoder returns a stack of layers with a normalisation at the end.
// Agrees with torch.nn.TransformerEncoder.
func NewTransformerEncoder(width, heads, layers int, o ...TransformerOptions) *TransformerEncoder {
	const where = "nn.NewTransformerEncoder"
	atLeast(where, "layers", layers, 1)
	opt := transformerOptions(where, o)
	e, list := &TransformerEncoder{}, NewSequential()
	for range layers {
		l := NewTransformerEncoderLayer(width, heads, opt)
		e.Layers = append(e.Layers, l)
		list.Append(l)
	}
	e.Add("layers", list)
	if !opt.NoFinalNorm {
		e.Norm = opt.norm(width)
		e.Add("norm", e.Norm)
	}
	return e
}

// Forward is Encode without masks.
func (e *TransformerEncoder) Forward(x *eager.Tensor) *eager.Tensor { return e.Done(x, e.Encode(x)) }

// Encode returns the output of the last layer.
func (e *TransformerEncoder) Encode(x *eager.Tensor, o ...EncodeOptions) *eager.Tensor {
	ready("nn.TransformerEncoder", "nn.NewTransformerEncoder", e != nil && len(e.Layers) > 0, x)
	opt := encodeOptions(o)
	for i, l := range e.Layers {
		x = l.encode(x, opt.attend(i))
	}
	if e.Norm != nil {
		x = e.Norm.Forward(x)
	}
	return x
}

// NewCaches returns an empty cache for each layer, for EncodeOptions.Caches.
func (e *TransformerEncoder) NewCaches() []*AttentionCache {
	caches := make([]*AttentionCache, len(e.Layers))
	for i := range caches {
		caches[i] = &AttentionCache{}
	}
	return caches
}
