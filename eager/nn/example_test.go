package nn_test

import (
	"fmt"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

// Net is a module of the user's own: two layers with a ReLU between them.
type Net struct {
	nn.Base
	fc1, fc2 *nn.Linear
}

func NewNet() *Net {
	n := &Net{fc1: nn.NewLinear(4, 8), fc2: nn.NewLinear(8, 3)}
	n.Add("fc1", n.fc1)
	n.Add("fc2", n.fc2)
	return n
}

func (n *Net) Forward(x *eager.Tensor) *eager.Tensor {
	return n.Done(x, n.fc2.Forward(n.fc1.Forward(x).ReLU()))
}

func ExampleModule() {
	net := NewNet()
	fmt.Println(net.Forward(eager.Zeros(5, 4)).Shape(), net.NumParams())
	for _, p := range net.NamedParams() {
		fmt.Println(p.Name, p.Tensor.Shape())
	}
	// Output:
	// [5 3] 67
	// fc1.weight [8 4]
	// fc1.bias [8]
	// fc2.weight [3 8]
	// fc2.bias [3]
}

func ExampleNewSequential() {
	lenet := nn.NewSequential(
		nn.NewConv2D(1, 6, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewConv2D(6, 16, 5), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(400, 10),
	)
	fmt.Println(lenet.Forward(eager.Zeros(2, 1, 28, 28)).Shape())
	fmt.Print(lenet.Summary())
	// Output:
	// [2 10]
	// module  type       parameters                          values
	// 0       Conv2D     weight f32[6 1 5 5], bias f32[6]    156
	// 1       ReLU                                           0
	// 2       MaxPool2D                                      0
	// 3       Conv2D     weight f32[16 6 5 5], bias f32[16]  2416
	// 4       ReLU                                           0
	// 5       MaxPool2D                                      0
	// 6       Flatten                                        0
	// 7       Linear     weight f32[10 400], bias f32[10]    4010
	// total                                                  6582 (6582 trained)
}

func ExampleCrossEntropy() {
	logits := eager.New([][]float64{{2, 0, 0}, {0, 0, 3}})
	labels := eager.New([]int{0, 1})
	fmt.Printf("%.4f\n", nn.CrossEntropy(logits, labels).Item())
	fmt.Println(nn.Accuracy(logits, labels))
	// Output:
	// 1.6672
	// 0.5
}

func ExampleInitKaimingNormal() {
	layer := nn.NewConv2D(16, 32, 3)
	nn.InitKaimingNormal(layer.Weight, nn.KaimingOptions{FanOut: true})
	nn.InitZeros(layer.Bias)
	fmt.Println(layer.Bias.Sum().Item())
	// Output: 0
}
