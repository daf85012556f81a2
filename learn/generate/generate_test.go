package generate

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/learn"
)

func first(x *learn.Matrix, _, _ []int) *learn.Matrix { return x }

func two(x, y *learn.Matrix) []*learn.Matrix { return []*learn.Matrix{x, y} }

// What testdata/record.py wrote down with scikit-learn.
func TestGeneratorsGiveWhatScikitLearnsGive(t *testing.T) {
	file, err := os.Open("testdata/generators.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][][]float64
	if err := json.NewDecoder(text).Decode(&want); err != nil {
		t.Fatal(err)
	}
	defaults, many, ten := NewClassification(), NewClassification(), NewClassification()
	defaults.Seed = 10
	three := ClassificationOptions{
		Samples: 30, Features: 12, Informative: 4, Redundant: 3, Repeated: 2, Classes: 3, Clusters: 2,
		Weights: []float64{0.5, 0.3}, FlipY: 0.2, ClassSep: 2, Polytope: true, Shift: 0.5, Scale: 2, Seed: 11,
	}
	many.Samples, many.Features, many.Informative, many.Redundant, many.Ordered, many.Seed = 16, 40, 33, 0, true, 12
	ten.Samples, ten.Features, ten.Informative, ten.Seed = 16, 12, 10, 12
	x, y, coef := Regression(RegressionOptions{
		Samples: 12, Features: 6, Informative: 3, Targets: 2, Bias: 1.5, Noise: 0.3, Seed: 9,
	})
	signal, atoms, codes := SparseCoded(6, 5, 4, 2, 20)
	have := map[string][]*learn.Matrix{
		"moons":                   two(Moons(MoonsOptions{Samples: 21, Noise: 0.1, Seed: 3})),
		"moons ordered":           two(Moons(MoonsOptions{Samples: 9, Ordered: true})),
		"circles":                 two(Circles(MoonsOptions{Samples: 20, Noise: 0.05, Factor: 0.5, Seed: 1})),
		"swiss roll":              two(SwissRoll(RollOptions{Samples: 15, Noise: 0.2, Seed: 4})),
		"swiss roll with a hole":  two(SwissRoll(RollOptions{Samples: 15, Hole: true, Seed: 5})),
		"s curve":                 two(SCurve(RollOptions{Samples: 15, Noise: 0.1, Seed: 6})),
		"blobs":                   two(Blobs(BlobsOptions{Samples: 20, Features: 3, Centers: 4, Std: 0.7, Seed: 7})),
		"blobs at":                two(Blobs(BlobsOptions{Samples: 10, At: learn.FromRows([][]float64{{0, 0}, {5, 5}}), Ordered: true, Seed: 8})),
		"regression":              {x, y, coef},
		"classification":          two(Classification(defaults)),
		"classification of three": two(Classification(three)),
		"classification in many":  two(Classification(many)),
		"classification in ten":   two(Classification(ten)),
		"friedman1":               two(Friedman1(FriedmanOptions{Samples: 10, Features: 6, Noise: 0.5, Seed: 13})),
		"friedman2":               two(Friedman2(FriedmanOptions{Samples: 10, Noise: 0.5, Seed: 14})),
		"friedman3":               two(Friedman3(FriedmanOptions{Samples: 10, Seed: 15})),
		"hastie":                  two(Hastie(20, 16)),
		"sparse":                  two(SparseUncorrelated(12, 5, 17)),
		"multilabel":              two(Multilabel(MultilabelOptions{Samples: 12, Features: 8, Classes: 4, Seed: 18})),
		"multilabel, all labelled": two(Multilabel(MultilabelOptions{
			Samples: 9, Features: 6, Classes: 6, Labels: 1, Length: 7, Labelled: true, Seed: 19,
		})),
		"sparse codes":     {signal, atoms, codes},
		"low rank":         {LowRank(9, 6, 3, 0.5, 21)},
		"low rank, wide":   {LowRank(5, 8, 2, 0.1, 22)},
		"quantiles":        two(GaussianQuantiles(QuantilesOptions{Samples: 17, Features: 3, Classes: 4, Seed: 23})),
		"quantiles around": two(GaussianQuantiles(QuantilesOptions{Mean: []float64{1, -2}, Variance: 4, Samples: 12, Ordered: true, Seed: 24})),
		"biclusters":       {first(Biclusters(BiclusterOptions{Rows: 12, Cols: 10, RowClusters: 3, Noise: 0.5, Seed: 25}))},
		"many biclusters":  {first(Biclusters(BiclusterOptions{Rows: 300, Cols: 400, RowClusters: 4, Seed: 26})).Take([]int{0, 1, 2, 3, 4})},
		"checkerboard": {first(Checkerboard(BiclusterOptions{
			Rows: 9, Cols: 11, RowClusters: 2, ColClusters: 3, Noise: 0.1, Min: 1, Max: 2, Seed: 27,
		}))},
	}
	if len(have) != len(want) {
		t.Errorf("%d generators, %d records", len(have), len(want))
	}
	for name, arrays := range want {
		for i, w := range arrays {
			if i >= len(have[name]) || len(have[name][i].Data) != len(w) {
				t.Errorf("%s: result %d is missing or of another size", name, i)
				continue
			}
			for k, v := range w {
				if got := have[name][i].Data[k]; math.Abs(got-v) > 1e-11*max(1, math.Abs(v)) {
					t.Errorf("%s: result %d element %d is %v, want %v", name, i, k, got, v)
					break
				}
			}
		}
	}
}

func TestSizesThatMakeNoSenseAreErrors(t *testing.T) {
	for name, f := range map[string]func(){
		"no rows":          func() { Moons(MoonsOptions{Samples: -1}) },
		"a factor of 1":    func() { Circles(MoonsOptions{Factor: 1}) },
		"few features":     func() { Friedman1(FriedmanOptions{Features: 4}) },
		"many clusters":    func() { o := NewClassification(); o.Classes = 5; Classification(o) },
		"more than all":    func() { o := NewClassification(); o.Repeated = 50; Classification(o) },
		"too many weights": func() { o := NewClassification(); o.Weights = make([]float64, 4); Classification(o) },
	} {
		if err := engine.Catch(f); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestMatricesForCovariancesArePositiveDefinite(t *testing.T) {
	for name, m := range map[string]*learn.Matrix{"SPD": SPD(6, 1), "SparseSPD": SparseSPD(8, 0.7, 2)} {
		values, _ := learn.Eigh(m)
		for i, v := range values {
			if v <= 0 {
				t.Errorf("%s: eigenvalue %d is %g", name, i, v)
			}
		}
		for i := range m.Rows {
			for j := range i {
				if math.Abs(m.At(i, j)-m.At(j, i)) > 1e-12 {
					t.Errorf("%s is not symmetric at %d, %d", name, i, j)
				}
			}
		}
	}
}
