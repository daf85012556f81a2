// Package metric measures predictions: classification, ranking, regression, clustering, and distances
// between rows.
//
//	p, err := model.Predict(x)
//	metric.Accuracy(y, p)
//	metric.F1(y, p, metric.Options{Average: "macro"})
//	metric.RocAUC(y, score)
//	metric.Silhouette(x, labels)
//
// Labels and targets are matrices: one column, or one column of 0 and 1 for each label of a multilabel
// problem. Like operators of tensors, functions panic with *engine.Error, which a cell reports, when sizes
// disagree or a measure is not defined. The package does not draw curves (viz).
package metric
