package data_test

import (
	"fmt"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
)

func ExampleNewLoader() {
	x, y := eager.Arange(0, 10, 1), eager.Arange(100, 110, 1)
	loader := data.NewLoader(data.NewTensorDataset(x, y), data.LoaderOptions{BatchSize: 4})
	for b := loader.Epoch(); b.Next(); {
		fmt.Println(b.Index(), b.X.Ints(), b.Y.Ints())
	}
	// Output:
	// 0 [0 1 2 3] [100 101 102 103]
	// 1 [4 5 6 7] [104 105 106 107]
	// 2 [8 9] [108 109]
}

func ExampleIris() {
	iris := data.Iris()
	fmt.Println(iris)
	fmt.Println(iris.Features[0], iris.X.At(0, 0), iris.Classes[iris.Y.Ints()[0]])
	// Output:
	// iris: 150 rows, 4 features, 3 classes
	// sepal length (cm) 5.1 setosa
}

// squares is a data set of the user's own.
type squares struct{}

func (squares) Len() int { return 5 }

func (squares) Item(i int) data.Sample {
	return data.Sample{X: eager.New(float64(i)), Y: eager.New(float64(i * i))}
}

func ExampleDataset() {
	s := data.Collect(squares{})
	fmt.Println(s.X.Float64s(), s.Y.Float64s())
	// Output: [0 1 2 3 4] [0 1 4 9 16]
}
