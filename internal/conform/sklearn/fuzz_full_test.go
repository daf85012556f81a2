//go:build full

package sklearn_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/internal/conform/sklearn"
)

// far are data sets whose numbers do not fit scikit-learn's float32 or whose squares overflow: finite results are
// better than its errors.
var far = strings.Fields("huge beyond tiny subnormal scales")

// solved are estimators that have finite results on constant or small data where scikit-learn's fail, and why.
var solved = map[string]string{
	"AdaBoostClassifier":             "its trees' error is that of chance up to rounding",
	"StackingClassifier":             "its folds are other rows",
	"CCA":                            "constant columns have no weight here",
	"PLSRegression":                  "constant columns have no weight here",
	"EllipticEnvelope":               "the covariance of equal rows is that of rounding",
	"MinCovDet":                      "the covariance of equal rows is that of rounding",
	"FastICA":                        "its decomposition does not converge",
	"GraphicalLasso":                 "its solver overflows",
	"GraphicalLassoCV":               "its solver overflows",
	"HistGradientBoostingClassifier": "a column without values is not used here",
	"HistGradientBoostingRegressor":  "a column without values is not used here",
	"HuberRegressor":                 "its solver does not converge",
	"NuSVC":                          "its coefficients are not finite",
	"OrthogonalMatchingPursuitCV":    "here the path ends where no column correlates",
	"LarsCV":                         "here the path ends where no column correlates",
	"LassoLarsCV":                    "here the path ends where no column correlates",
	"SpectralEmbedding":              "its solver wants more rows",
	"NMF":                            "products of zeros are zeros here",
}

// TestHardDataIsFittedAsScikitLearnDoesOrRefused fits every estimator to data with NaN, infinities, no rows, constant
// columns, one class, more columns than rows, duplicates, huge and tiny values.
func TestHardDataIsFittedAsScikitLearnDoesOrRefused(t *testing.T) {
	outcomes, err := sklearn.Fuzz(os.DirFS("../testdata/sklearn"))
	if err != nil {
		t.Fatal(err)
	}
	same, refused, better := 0, 0, 0
	for _, o := range outcomes {
		switch wrong := o.Wrong(); {
		case wrong == "" && o.Refused():
			refused++
		case wrong == "":
			same++
		case o.Ours == 'o' && (isFar(o.Set) || solved[o.Estimator] != ""):
			better++
		default:
			t.Errorf("%s: %v", wrong, o)
		}
	}
	t.Logf("%d fits: %d end as scikit-learn's, %d are refused with a message, %d have results where its fail",
		len(outcomes), same, refused, better)
	if len(outcomes) < 10_000 || refused > len(outcomes)/40 {
		t.Errorf("%d fits, %d refused; want at least 10,000 and at most one in 40", len(outcomes), refused)
	}
}

func isFar(set string) bool {
	for _, f := range far {
		if strings.HasPrefix(set, f) {
			return true
		}
	}
	return false
}
