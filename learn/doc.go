// Package learn holds what all estimators share: matrices, options, errors, and the base that every
// estimator embeds. The estimators are in the packages below it (learn/linear, learn/cluster, …).
//
//	iris := data.Iris()
//	x, y := learn.FromTable(iris)
//	m := linear.NewLogisticRegression()
//	m.C = 0.5
//	err := m.Fit(x, y)
//	accuracy, err := m.Score(x, y)
//
// Every estimator has a constructor that sets scikit-learn's defaults; its options are exported fields,
// and what it learns is in exported fields too. Estimators are used by pointer and copied with Clone.
// The package does not plot (viz) and does not read files (data).
package learn
