package compose_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/kernel/display"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/compose"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/preprocess"
)

func TestAPipelineIsDrawnWithItsParts(t *testing.T) {
	ridge := linear.NewRidge()
	ridge.Alpha = 0.5
	p := compose.NewPipeline(
		learn.Step{Name: "scale", Estimator: preprocess.NewStandardScaler()},
		learn.Step{Name: "<none>"},
		learn.Step{Name: "model", Estimator: ridge},
	)
	html := func() string { return display.Of(p).MIME["text/html"].(string) }
	for _, w := range []string{"<b>Pipeline</b> <small>not fitted", "scale: StandardScaler", "&lt;none&gt; passes", "alpha", "0.5"} {
		if !strings.Contains(html(), w) {
			t.Errorf("%q is missing in %s", w, html())
		}
	}
	x := learn.FromRows([][]float64{{1, 2}, {3, 5}, {4, 4}})
	learn.Must(p.Fit(x, learn.Column([]float64{1, 2, 3})))
	for _, w := range []string{"<small>fitted", "coef_", "matrix [1 2]"} {
		if !strings.Contains(html(), w) {
			t.Errorf("%q is missing in %s", w, html())
		}
	}
	if got := display.Of(p).MIME["text/plain"]; got != p.String() {
		t.Errorf("text is %v", got)
	}
	grid := linear.NewRidge() // on its own: open, with what it learned
	if !strings.Contains(display.Of(grid).MIME["text/html"].(string), "<details") {
		t.Error("an estimator alone has no box")
	}
}
