package op

import (
	"fmt"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/cpu"
)

// LRNAttrs are the parameters of LocalResponse.
type LRNAttrs struct {
	Size           int // channels around each one, an odd number
	Alpha, Beta, K float64
}

// LocalResponse is local response normalisation across channels.
var LocalResponse = Register(&Def{
	Name: "LocalResponse", Inputs: []string{"x"},
	Doc: "LocalResponse returns x·(K + Alpha/Size·Σ x²)^(−Beta), with the sum over Size channels around each " +
		"one, where those outside count as 0.\n" +
		"x: [n c …] → the same. Size is odd. Source: Krizhevsky et al. 2012; agrees with " +
		"torch.nn.functional.local_response_norm.",
	Attrs: LRNAttrs{}, Promote: ToFloat, Takes: []Kinds{Floats}, Saves: SaveIn | SaveOut,
	Tol: Tolerance{Rel32: 4e-6, Rel64: 1e-11, Reason: "powers are made of roots"},
	Rule: func(a Attrs, in []Type) ([]Type, error) {
		p := a.(LRNAttrs)
		if len(in[0].Shape) < 2 || p.Size < 1 || p.Size%2 == 0 {
			return nil, fmt.Errorf("%v with Size %d; want [n c …] and an odd number", in[0], p.Size)
		}
		return in, nil
	},
	ChannelsLast: like(0),
	CPU: func(a Attrs, out, in []engine.Array) {
		p := a.(LRNAttrs)
		check("LocalResponse", cpu.LocalResponse(out[0], in[0], cpu.LRNSpec{
			Size: p.Size, Alpha: p.Alpha, Beta: p.Beta, K: p.K,
		}))
	},
	Grad: func(b Builder, c *Call) []Value {
		p, x, dy := c.Attrs.(LRNAttrs), c.In[0], c.DOut[0]
		share := p.Alpha / float64(p.Size)
		u := addNum(b, scale(b, channelSums(b, square(b, x), p.Size), share), p.K)
		inner := channelSums(b, div(b, mul(b, dy, c.Out[0]), u), p.Size)
		direct := mul(b, dy, pow(b, u, num(b, x, -p.Beta)))
		return []Value{sub(b, direct, mul(b, x, scale(b, inner, 2*share*p.Beta)))}
	},
	Cases: func() []Case {
		var cases []Case
		for _, t := range []engine.DType{engine.F32, engine.F64} {
			for i, s := range []engine.Shape{{2, 5, 3, 4}, {1, 2, 7}, {3, 9}, {0, 3, 2}, {1, 70, 90}} {
				a := LRNAttrs{Size: []int{3, 5, 1, 3, 5}[i], Alpha: 0.5, Beta: []float64{0.75, 0.5, 1.3, 1, 0.75}[i], K: 1.5}
				cases = append(cases, Case{
					Name: fmt.Sprintf("%v%v, %d channels", t, s, a.Size), Attrs: a,
					In: []Type{{DType: t, Shape: s}}, Lo: -2, Hi: 2, NoGrad: s.Numel() > 1000,
				})
			}
		}
		return cases
	},
})

// channelSums sums the channels around each one.
func channelSums(b Builder, x Value, size int) Value {
	s := x.Type().Shape
	a := PoolAttrs{
		Kernel: []int{size, 1}, Stride: []int{1, 1}, Padding: []int{(size - 1) / 2, 0}, Divisor: 1,
	}
	planes := reshape(b, x, engine.Shape{s[0], 1, s[1], s[2:].Numel()})
	return reshape(b, b.Apply(prim.avgPool, a, planes)[0], s)
}
