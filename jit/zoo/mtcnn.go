package zoo

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// Stage returns a stage of MTCNN, pnet, rnet or onet, without trained weights; nil for other names. They go by the names
// of facenet-pytorch.
// Source: Zhang et al. 2016, Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks.
func Stage(name string) *Cascade {
	if build := stages[name]; build != nil {
		return build()
	}
	return nil
}

var stages = map[string]func() *Cascade{
	"pnet": func() *Cascade {
		m := &Cascade{}
		m.conv("1", 3, 10, 3)
		m.pool(2)
		m.conv("2", 10, 16, 3)
		m.conv("3", 16, 32, 3)
		m.head("conv4_1", nn.NewConv2D(32, 2, 1), true)
		m.head("conv4_2", nn.NewConv2D(32, 4, 1), false)
		return m
	},
	"rnet": func() *Cascade {
		m := &Cascade{}
		m.conv("1", 3, 28, 3)
		m.pool(3)
		m.conv("2", 28, 48, 3)
		m.pool(3)
		m.conv("3", 48, 64, 2)
		m.dense("4", 576, 128)
		m.head("dense5_1", nn.NewLinear(128, 2), true)
		m.head("dense5_2", nn.NewLinear(128, 4), false)
		return m
	},
	"onet": func() *Cascade {
		m := &Cascade{}
		m.conv("1", 3, 32, 3)
		m.pool(3)
		m.conv("2", 32, 64, 3)
		m.pool(3)
		m.conv("3", 64, 64, 3)
		m.pool(2)
		m.conv("4", 64, 128, 2)
		m.dense("5", 1152, 256)
		m.head("dense6_1", nn.NewLinear(256, 2), true)
		m.head("dense6_2", nn.NewLinear(256, 4), false)
		m.head("dense6_3", nn.NewLinear(256, 10), false)
		return m
	},
}

// Cascade is one stage: a chain of layers, and heads that all take what the chain returns.
type Cascade struct {
	nn.Base
	chain []func(*eager.Tensor) *eager.Tensor
	ends  []func(*eager.Tensor) *eager.Tensor
}

func (m *Cascade) then(f func(*eager.Tensor) *eager.Tensor) { m.chain = append(m.chain, f) }

func (m *Cascade) layer(name string, l nn.Module) {
	m.Add(name, l)
	m.then(l.Forward)
}

func (m *Cascade) conv(n string, in, out, kernel int) {
	m.layer("conv"+n, nn.NewConv2D(in, out, kernel))
	m.layer("prelu"+n, nn.NewPReLU(out))
}

// pool halves the image; windows may reach beyond it.
func (m *Cascade) pool(kernel int) {
	m.then(nn.NewMaxPool2D(kernel, nn.PoolOptions{Stride: 2, Ceil: true}).Forward)
}

// dense takes all elements, with the axes in the order of the network's first implementation.
func (m *Cascade) dense(n string, in, out int) {
	m.then(func(x *eager.Tensor) *eager.Tensor {
		return x.Permute(0, 3, 2, 1).Contiguous().Reshape(x.Shape()[0], in)
	})
	m.layer("dense"+n, nn.NewLinear(in, out))
	m.layer("prelu"+n, nn.NewPReLU(out))
}

func (m *Cascade) head(name string, l nn.Module, softmax bool) {
	m.Add(name, l)
	m.ends = append(m.ends, func(x *eager.Tensor) *eager.Tensor {
		y := l.Forward(x)
		if softmax {
			y = y.Softmax(1)
		}
		return y
	})
}

// Forward returns the first output: the probabilities of background and face.
func (m *Cascade) Forward(x *eager.Tensor) *eager.Tensor { return m.Heads(x)[0] }

// Heads returns the probabilities of background and face, what to add to the box and, in onet, five points.
func (m *Cascade) Heads(x *eager.Tensor) []*eager.Tensor {
	for _, f := range m.chain {
		x = f(x)
	}
	out := make([]*eager.Tensor, len(m.ends))
	for i, f := range m.ends {
		out[i] = f(x)
	}
	return out
}
