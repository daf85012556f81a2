// Package ml fits the estimators of Spark's MLlib on data frames, and reads their results.
//
//	assemble := ml.VectorAssembler(ml.Params{"inputCols": []string{"x", "y"}, "outputCol": "features"})
//	forest := ml.RandomForestClassifier(ml.Params{"numTrees": 50, "seed": 1})
//	model, err := ml.NewPipeline(assemble, forest).Fit(train)
//	score, err := ml.MulticlassClassificationEvaluator().Evaluate(model.Transform(test))
//	best, err := ml.NewCrossValidator(forest, grid, evaluator).Fit(train)
//
// Parameters have MLlib's names; one that does not exist, or has another type, is an error of the first
// method that uses it. Models live on the server, which forgets them when they have not been used for a while
// or the session ends: Save what must last. Pipelines, cross-validation and OneVsRest run here and send their
// parts. The package fits nothing itself (see learn) and does not reach spark.mllib, whose methods Spark
// Connect does not offer.
package ml
