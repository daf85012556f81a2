package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// TestTransformerLayersGiveBackWhatTheyMakeOnTheirWay trains layers whose memory is spoilt when it is given back, beside
// layers that hooks watch, which therefore give less back.
func TestTransformerLayersGiveBackWhatTheyMakeOnTheirWay(t *testing.T) {
	for _, o := range []nn.TransformerOptions{
		{Hidden: 12, Activation: "gelu", BatchFirst: true, NormFirst: true},
		{Hidden: 12, Activation: "relu", BatchFirst: true},
		{Hidden: 12, Activation: "gelu", NormFirst: true, Dropout: 0.2},
		{Hidden: 12, Dropout: 0.2, NoBias: true},
	} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			train := func(watch bool) (all []*eager.Tensor, forward, backward int) {
				eager.Seed(3)
				net := nn.NewSequential(nn.NewTransformerEncoderLayer(8, 2, o), nn.NewTransformerEncoderLayer(8, 2, o))
				var seen []*eager.Tensor
				if watch {
					for _, m := range net.NamedModules() {
						m.Module.Self().OnForward(func(x, y *eager.Tensor) *eager.Tensor {
							seen = append(seen, x, y)
							return nil
						})
					}
				}
				x := eager.Randn(3, 5, 8)
				var y *eager.Tensor
				forward = givenBack(func() { y = net.Forward(x) })
				backward = givenBack(func() { y.Square().Sum().Backward() })
				all = append(all, x, y)
				for _, p := range net.Params() {
					all = append(all, p.Grad())
				}
				wantFinite(t, "what a hook saw", seen...)
				return all, forward, backward
			}
			got, forward, backward := train(false)
			want, forwardWatched, backwardWatched := train(true)
			wantFinite(t, "the output or a gradient", got...)
			if forward+backward < forwardWatched+backwardWatched+8 {
				t.Errorf("%d + %d values came back, %d + %d of layers that are watched", forward, backward, forwardWatched,
					backwardWatched)
			}
			for i := range want {
				w := want[i].Float64s()
				for k, v := range got[i].Float64s() {
					if d := math.Abs(v - w[k]); d > 1e-6+1e-5*math.Abs(w[k]) {
						t.Fatalf("value %d, element %d is %v, %v of layers that are watched", i, k, v, w[k])
					}
				}
			}
		})
	}
}
