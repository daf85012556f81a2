package registry

import (
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/impute"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/selection"
	"github.com/lathe-ml/lathe/learn/text"
)

// estimators maps scikit-learn's names to constructors.
var estimators = map[string]func() learn.Estimator{
	"Binarizer":               func() learn.Estimator { return preprocess.NewBinarizer() },
	"CountVectorizer":         func() learn.Estimator { return text.NewCountVectorizer() },
	"GenericUnivariateSelect": func() learn.Estimator { return selection.NewGenericUnivariateSelect() },
	"HashingVectorizer":       func() learn.Estimator { return text.NewHashingVectorizer() },
	"KBinsDiscretizer":        func() learn.Estimator { return preprocess.NewKBinsDiscretizer() },
	"KNNImputer":              func() learn.Estimator { return impute.NewKNNImputer() },
	"KernelCenterer":          func() learn.Estimator { return preprocess.NewKernelCenterer() },
	"LabelBinarizer":          func() learn.Estimator { return preprocess.NewLabelBinarizer() },
	"MaxAbsScaler":            func() learn.Estimator { return preprocess.NewMaxAbsScaler() },
	"MinMaxScaler":            func() learn.Estimator { return preprocess.NewMinMaxScaler() },
	"MissingIndicator":        func() learn.Estimator { return impute.NewMissingIndicator() },
	"Normalizer":              func() learn.Estimator { return preprocess.NewNormalizer() },
	"OneHotEncoder":           func() learn.Estimator { return preprocess.NewOneHotEncoder() },
	"OrdinalEncoder":          func() learn.Estimator { return preprocess.NewOrdinalEncoder() },
	"PolynomialFeatures":      func() learn.Estimator { return preprocess.NewPolynomialFeatures() },
	"PowerTransformer":        func() learn.Estimator { return preprocess.NewPowerTransformer() },
	"QuantileTransformer":     func() learn.Estimator { return preprocess.NewQuantileTransformer() },
	"RobustScaler":            func() learn.Estimator { return preprocess.NewRobustScaler() },
	"SelectFdr":               func() learn.Estimator { return selection.NewSelectFdr() },
	"SelectFpr":               func() learn.Estimator { return selection.NewSelectFpr() },
	"SelectFwe":               func() learn.Estimator { return selection.NewSelectFwe() },
	"SelectKBest":             func() learn.Estimator { return selection.NewSelectKBest() },
	"SelectPercentile":        func() learn.Estimator { return selection.NewSelectPercentile() },
	"SimpleImputer":           func() learn.Estimator { return impute.NewSimpleImputer() },
	"SplineTransformer":       func() learn.Estimator { return preprocess.NewSplineTransformer() },
	"StandardScaler":          func() learn.Estimator { return preprocess.NewStandardScaler() },
	"TargetEncoder":           func() learn.Estimator { return preprocess.NewTargetEncoder() },
	"TfidfTransformer":        func() learn.Estimator { return text.NewTfidfTransformer() },
	"TfidfVectorizer":         func() learn.Estimator { return text.NewTfidfVectorizer() },
	"VarianceThreshold":       func() learn.Estimator { return selection.NewVarianceThreshold() },
}
