package metric_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s is %.17g, want %.17g", what, got, want)
	}
}

// The numbers are those of scikit-learn 1.9.1.
func TestSkillOverTheSharesOfClasses(t *testing.T) {
	y := learn.Column([]float64{0, 1, 1, 0, 1})
	one := learn.Column([]float64{0.1, 0.8, 0.6, 0.4, 0.9})
	three := learn.Column([]float64{0, 2, 1, 2})
	p := learn.FromRows([][]float64{{0.7, 0.2, 0.1}, {0.1, 0.1, 0.8}, {0.3, 0.5, 0.2}, {0.3, 0.3, 0.4}})
	near(t, "D2LogLoss", metric.D2LogLoss(three, p), 0.47359510623258605)
	near(t, "D2Brier", metric.D2Brier(three, p), 0.552)
	near(t, "D2Brier of one column", metric.D2Brier(y, one), 0.6833333333333333)
	near(t, "D2LogLoss of one column", metric.D2LogLoss(y, one), 0.5674619322336873)
	got := metric.ConfusionAtThresholds(y, one)
	want := []metric.Counts{{2, 0, 2, 1, 0.9}, {2, 0, 1, 2, 0.8}, {2, 0, 0, 3, 0.6}, {1, 1, 0, 3, 0.4}, {0, 2, 0, 3, 0.1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
	values, at := metric.AtThresholds(y, one, func(y, p *learn.Matrix) float64 { return metric.Accuracy(y, p) })
	if !reflect.DeepEqual(values, []float64{0.6, 0.8, 1, 0.8, 0.6}) || at[0] != 0.1 {
		t.Errorf("accuracies %v at %v", values, at)
	}
}

func TestDistancesOfPairsAndNearestRows(t *testing.T) {
	a := learn.FromRows([][]float64{{0, 0}, {3, 4}, {1, 1}})
	b := learn.FromRows([][]float64{{3, 4}, {0, 0}, {1, 2}})
	if d := metric.PairedDistances(a, b, "euclidean"); !reflect.DeepEqual(d, []float64{5, 5, 1}) {
		t.Errorf("distances %v", d)
	}
	index, d := metric.Nearest(a, b, "manhattan")
	if !reflect.DeepEqual(index, []int{1, 0, 2}) || !reflect.DeepEqual(d, []float64{0, 0, 1}) {
		t.Errorf("nearest %v at %v", index, d)
	}
}

func TestConsensusPairsTheBestBiclusters(t *testing.T) {
	sets := func(rows, cols []string) (b metric.Biclusters) {
		read := func(s string) (out []bool) {
			for _, c := range s {
				out = append(out, c == '1')
			}
			return out
		}
		for i := range rows {
			b.Rows, b.Columns = append(b.Rows, read(rows[i])), append(b.Columns, read(cols[i]))
		}
		return b
	}
	a := sets([]string{"1100", "0011"}, []string{"110", "001"})
	b := sets([]string{"0011", "1110"}, []string{"001", "110"})
	near(t, "of two", metric.Consensus(a, b), (1+4.0/6)/2)
	near(t, "with a third", metric.Consensus(a, sets([]string{"0011", "1110", "1000"}, []string{"001", "110", "111"})),
		(1+4.0/6)/3)
}
