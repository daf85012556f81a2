package convert

import (
	"fmt"
	"io"
	"strings"

	"github.com/lathe-ml/lathe/learn"
)

const (
	onlyFit   = "only labels, or arranges, the rows of Fit"
	iterates  = "solves an optimisation for every row that it transforms"
	several   = "predicts several labels; convert one estimator for each"
	text      = "splits texts by a regular expression, which has no operator in ai.onnx"
	estimates = "estimates a covariance and predicts nothing"
	graphs    = "gives the graph of neighbours, a sparse matrix as wide as Fit had rows"
)

// without are the estimators that have no form, and why.
var without = map[string]string{
	"AgglomerativeClustering": onlyFit, "DBSCAN": onlyFit, "HDBSCAN": onlyFit, "OPTICS": onlyFit, "SpectralClustering": onlyFit,
	"SpectralBiclustering": onlyFit, "SpectralCoclustering": onlyFit, "MDS": onlyFit, "ClassicalMDS": onlyFit, "TSNE": onlyFit,
	"SpectralEmbedding":  onlyFit,
	"DictionaryLearning": iterates, "MiniBatchDictionaryLearning": iterates, "SparseCoder": iterates, "NMF": iterates,
	"MiniBatchNMF": iterates, "LatentDirichletAllocation": iterates, "LocallyLinearEmbedding": iterates, "IterativeImputer": iterates,
	"MultiOutputClassifier": several, "ClassifierChain": several,
	"CountVectorizer": text, "TfidfVectorizer": text, "HashingVectorizer": text,
	"EmpiricalCovariance": estimates, "GraphicalLasso": estimates, "GraphicalLassoCV": estimates, "LedoitWolf": estimates,
	"MinCovDet": estimates, "OAS": estimates, "ShrunkCovariance": estimates,
	"KNeighborsTransformer": graphs, "RadiusNeighborsTransformer": graphs, "NearestNeighbors": graphs,
	"KernelDensity": "gives densities, and neither labels nor columns", "PatchExtractor": "gives more rows than it gets",
	"Isomap": "looks for shortest paths in a graph", "PolynomialCountSketch": "convolves by Fourier transforms",
	"GaussianProcessClassifier": "integrates over a latent function",
	"LabelPropagation":          "labels by the graph of Fit's rows", "LabelSpreading": "labels by the graph of Fit's rows",
}

// noForm fails for an estimator without a form.
func noForm(e learn.Estimator) {
	name := e.Core().Name()
	why, ok := without[name[strings.LastIndexByte(name, '.')+1:]]
	if !ok {
		why = "is not known here"
	}
	refuse(e, "has no form in ONNX: it %s", why)
}

// WriteTable writes which estimators of a list are converted, and why others are not, as Markdown.
func WriteTable(w io.Writer, names []string) error {
	var b strings.Builder
	b.WriteString("# Estimators as ONNX models\n\nWritten by `go test ./learn/convert -update`. `convert.Save` writes fitted estimators, also within pipelines, column transformers,\n" +
		"unions, searches and ensembles; every one of these is compared with onnxruntime in the full tests, in 32 and in 64 bits.\n\n")
	var yes []string
	for _, n := range names {
		if without[n] == "" {
			yes = append(yes, n)
		}
	}
	fmt.Fprintf(&b, "%d of %d have a form:\n%s.\n\n| without one | reason |\n|---|---|\n", len(yes), len(names), strings.Join(yes, ", "))
	for _, n := range names {
		if why := without[n]; why != "" {
			fmt.Fprintf(&b, "| %s | it %s |\n", n, why)
		}
	}
	b.WriteString(`
| option without one | of |
|---|---|
| functions in Go | FunctionTransformer, TransformedTargetRegressor, FeatureAgglomeration, weights of neighbours |
| categories split by sets | HistGradientBoosting |
| several outputs or labels | trees and neighbours that classify, MLPClassifier, OneVsRestClassifier |
| metrics other than Euclidean and Manhattan | estimators of neighbours |
| kernels other than linear, poly, rbf, laplacian, sigmoid | SVM, KernelRidge, KernelPCA, Nystroem |
| OutputDistribution normal | QuantileTransformer |
| Extrapolation error, linear, periodic; HandleMissing zeros | SplineTransformer |
| OutOfBounds raise | IsotonicRegression |
| indicators of gaps | SimpleImputer, KNNImputer |
`)
	_, err := io.WriteString(w, b.String())
	return err
}
