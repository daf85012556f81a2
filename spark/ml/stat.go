package ml

import (
	"fmt"

	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/functions"
)

// helper is the object of the server that has methods which are no operators.
const helper = "______ML_CONNECT_HELPER______"

func statistics(d *spark.DataFrame, method string, args ...any) *spark.DataFrame {
	m := &Model{s: d.Session(), ref: helper}
	return m.CallFrame(method, append([]any{d}, args...)...)
}

// Correlation is the matrix of correlations of the elements of a column of vectors; method is pearson or
// spearman.
func Correlation(d *spark.DataFrame, column, method string) (spark.Matrix, error) {
	r, err := statistics(d, "correlation", column, method).First()
	if err != nil {
		return spark.Matrix{}, fmt.Errorf("ml.Correlation: %w", err)
	}
	m, ok := r.Values[0].(spark.Matrix)
	if !ok {
		return m, fmt.Errorf("ml.Correlation: the server answers %T; want a matrix", r.Values[0])
	}
	return m, nil
}

// ChiSquareTest tests each element of a column of vectors for independence of the label: columns pValues,
// degreesOfFreedom and statistics of one row.
func ChiSquareTest(d *spark.DataFrame, featuresCol, labelCol string) *spark.DataFrame {
	return statistics(d, "chiSquareTest", featuresCol, labelCol, false)
}

// KolmogorovSmirnovTest tests a column for the normal distribution of a mean and standard deviation: columns
// pValue and statistic.
func KolmogorovSmirnovTest(d *spark.DataFrame, column string, mean, deviation float64) *spark.DataFrame {
	return statistics(d, "kolmogorovSmirnovTest", column, "norm", []float64{mean, deviation})
}

// PrefixSpan finds frequent sequences in a column of arrays of arrays: columns sequence and freq.
func PrefixSpan(d *spark.DataFrame, column string, minSupport float64, maxLength int) *spark.DataFrame {
	return statistics(d, "prefixSpanFindFrequentSequentialPatterns", minSupport, maxLength, 32_000_000, column)
}

// Summary is statistics of the elements of a column of vectors, as fields of column summary: some of mean,
// sum, variance, std, count, numNonZeros, max, min, normL1 and normL2.
func Summary(d *spark.DataFrame, column string, metrics ...string) *spark.DataFrame {
	names := make([]any, len(metrics))
	for i, m := range metrics {
		names[i] = spark.Lit(m)
	}
	return d.Agg(spark.CallInternal("aggregate_metrics", spark.Call("array", names...), functions.Col(column), 1.0).As("summary"))
}

// clustering is the parameters of PowerIterationClustering, which is no operator of the server.
var clustering = &Spec{Name: "PowerIterationClustering", Kind: TransformerKind, Params: []Param{
	{"dstCol", text, `"dst"`, "name of the column of destination vertices"},
	{"initMode", text, `"random"`, "how the vector begins: random or degree"},
	{"k", integer, "2", "number of clusters (> 1)"},
	{"maxIter", integer, "20", "greatest number of iterations (>= 0)"},
	{"srcCol", text, `"src"`, "name of the column of source vertices"},
	{"weightCol", text, `""`, "name of the column of similarities; without one they are 1"},
}}

// PowerIterationClustering finds clusters in a graph of similarities: columns id and cluster, for rows of edges
// src, dst and, with weightCol, weight. Parameters: k, maxIter, initMode (random or degree), srcCol, dstCol and
// weightCol.
func PowerIterationClustering(d *spark.DataFrame, p ...Params) *spark.DataFrame {
	o := operatorOf(clustering, p)
	return statistics(d, "powerIterationClusteringAssignClusters", o.Param("k"), o.Param("maxIter"), o.Param("initMode"),
		o.Param("srcCol"), o.Param("dstCol"), o.Param("weightCol")).WithError(o.err)
}
