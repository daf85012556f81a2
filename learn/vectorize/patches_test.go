package vectorize_test

import (
	"reflect"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/vectorize"
)

// image is [3 4] with 0 … 11.
func image() *learn.Matrix {
	m := learn.NewMatrix(3, 4)
	for i := range m.Data {
		m.Data[i] = float64(i)
	}
	return m
}

func TestPatchesAndTheImageAreOneAnother(t *testing.T) {
	p, err := vectorize.ExtractPatches(image(), 1, [2]int{2, 2}, nil, 0)
	if err != nil || p.Rows != 6 || !reflect.DeepEqual(p.Row(4), []float64{5, 6, 9, 10}) {
		t.Fatalf("patches %v, %v; want 6, the fifth 5 6 9 10", p, err)
	}
	back, err := vectorize.ReconstructFromPatches(p, [2]int{2, 2}, 3, 4, 1)
	if err != nil || !reflect.DeepEqual(back.Data, image().Data) {
		t.Errorf("the image comes back as %v, %v", back, err)
	}
	// scikit-learn: extract_patches_2d(np.arange(12.).reshape(3, 4), (2, 2), max_patches=2, random_state=0)
	p, err = vectorize.ExtractPatches(image(), 1, [2]int{2, 2}, 2, 0)
	want := []float64{1, 2, 5, 6, 4, 5, 8, 9}
	if err != nil || !reflect.DeepEqual(p.Data, want) {
		t.Errorf("two patches %v, %v; want %v", p, err, want)
	}
	if _, err := vectorize.ExtractPatches(image(), 1, [2]int{4, 2}, nil, 0); err == nil {
		t.Error("a patch larger than the image is accepted")
	}
}

func TestGraphsOfPixels(t *testing.T) {
	g, err := vectorize.ImageGraph(learn.FromRows([][]float64{{0, 3}, {1, 7}}), nil)
	want := learn.FromRows([][]float64{{0, 3, 1, 0}, {3, 3, 0, 4}, {1, 0, 1, 6}, {0, 4, 6, 7}})
	if err != nil || !reflect.DeepEqual(g.Dense().Data, want.Data) {
		t.Errorf("gradients %v, %v; want %v", g.Dense(), err, want)
	}
	g, err = vectorize.GridGraph(2, 2, 1, []bool{true, false, true, true})
	want = learn.FromRows([][]float64{{1, 1, 0}, {1, 1, 1}, {0, 1, 1}})
	if err != nil || !reflect.DeepEqual(g.Dense().Data, want.Data) {
		t.Errorf("masked grid %v, %v; want %v", g.Dense(), err, want)
	}
}
