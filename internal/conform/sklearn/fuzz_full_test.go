//go:build full

package sklearn_test

import (
	"os"
	"testing"

	"github.com/lathe-ml/lathe/internal/conform/sklearn"
)

// TestHardDataIsFittedAsScikitLearnDoesOrRefused fits every estimator to data with NaN, infinities, no rows, constant
// columns, one class, more columns than rows, duplicates, huge and tiny values.
func TestHardDataIsFittedAsScikitLearnDoesOrRefused(t *testing.T) {
	outcomes, err := sklearn.Fuzz(os.DirFS("../testdata/sklearn"))
	if err != nil {
		t.Fatal(err)
	}
	same, refused := 0, 0
	for _, o := range outcomes {
		switch {
		case o.Wrong() != "":
			t.Errorf("%s: %v", o.Wrong(), o)
		case o.Refused():
			refused++
		default:
			same++
		}
	}
	t.Logf("%d fits: %d as scikit-learn, %d refused with a message", len(outcomes), same, refused)
}
