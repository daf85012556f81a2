// Package convert writes fitted estimators, transformers and pipelines as ONNX models.
//
//	p := compose.NewPipeline(learn.Step{Name: "scale", Estimator: preprocess.NewStandardScaler()},
//		learn.Step{Name: "forest", Estimator: ensemble.NewRandomForestClassifier()})
//	err := p.Fit(x, y)
//	err = convert.Save("iris.onnx", p, convert.Options{})
//
// The model has one input X [N features], or one input for each column of a frame, and the outputs that
// skl2onnx gives: classifiers label and probabilities (or scores), regressors and transformers variable,
// clusterers label and scores. Trees become ai.onnx.ml operators, the rest the operators of ai.onnx, so
// that every runtime has them. Package jit/onnx reads the models back.
//
// It does not convert what has no fixed form: estimators that only label the rows of Fit, functions in Go,
// text tokenizers. Those are errors that name the estimator.
package convert
