package registry

import (
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/bayes"
	"github.com/lathe-ml/lathe/learn/covariance"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/discriminant"
	"github.com/lathe-ml/lathe/learn/dummy"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/impute"
	"github.com/lathe-ml/lathe/learn/kernel"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/preprocess"
	"github.com/lathe-ml/lathe/learn/selection"
	"github.com/lathe-ml/lathe/learn/text"
	"github.com/lathe-ml/lathe/learn/tree"
)

// estimators maps scikit-learn's names to constructors.
var estimators = map[string]func() learn.Estimator{
	"ARDRegression":                 func() learn.Estimator { return linear.NewARDRegression() },
	"BayesianRidge":                 func() learn.Estimator { return linear.NewBayesianRidge() },
	"BernoulliNB":                   func() learn.Estimator { return bayes.NewBernoulliNB() },
	"Binarizer":                     func() learn.Estimator { return preprocess.NewBinarizer() },
	"CategoricalNB":                 func() learn.Estimator { return bayes.NewCategoricalNB() },
	"ComplementNB":                  func() learn.Estimator { return bayes.NewComplementNB() },
	"CountVectorizer":               func() learn.Estimator { return text.NewCountVectorizer() },
	"DecisionTreeClassifier":        func() learn.Estimator { return tree.NewDecisionTreeClassifier() },
	"DecisionTreeRegressor":         func() learn.Estimator { return tree.NewDecisionTreeRegressor() },
	"DummyClassifier":               func() learn.Estimator { return dummy.NewDummyClassifier() },
	"DummyRegressor":                func() learn.Estimator { return dummy.NewDummyRegressor() },
	"ElasticNet":                    func() learn.Estimator { return linear.NewElasticNet() },
	"ElasticNetCV":                  func() learn.Estimator { return linear.NewElasticNetCV() },
	"EmpiricalCovariance":           func() learn.Estimator { return covariance.NewEmpiricalCovariance() },
	"ExtraTreeClassifier":           func() learn.Estimator { return tree.NewExtraTreeClassifier() },
	"ExtraTreeRegressor":            func() learn.Estimator { return tree.NewExtraTreeRegressor() },
	"ExtraTreesClassifier":          func() learn.Estimator { return ensemble.NewExtraTreesClassifier() },
	"ExtraTreesRegressor":           func() learn.Estimator { return ensemble.NewExtraTreesRegressor() },
	"FactorAnalysis":                func() learn.Estimator { return decomposition.NewFactorAnalysis() },
	"GammaRegressor":                func() learn.Estimator { return linear.NewGammaRegressor() },
	"GaussianNB":                    func() learn.Estimator { return bayes.NewGaussianNB() },
	"GenericUnivariateSelect":       func() learn.Estimator { return selection.NewGenericUnivariateSelect() },
	"HashingVectorizer":             func() learn.Estimator { return text.NewHashingVectorizer() },
	"HuberRegressor":                func() learn.Estimator { return linear.NewHuberRegressor() },
	"IncrementalPCA":                func() learn.Estimator { return decomposition.NewIncrementalPCA() },
	"KBinsDiscretizer":              func() learn.Estimator { return preprocess.NewKBinsDiscretizer() },
	"KNNImputer":                    func() learn.Estimator { return impute.NewKNNImputer() },
	"KNeighborsClassifier":          func() learn.Estimator { return neighbors.NewKNeighborsClassifier() },
	"KNeighborsRegressor":           func() learn.Estimator { return neighbors.NewKNeighborsRegressor() },
	"KernelCenterer":                func() learn.Estimator { return preprocess.NewKernelCenterer() },
	"KernelDensity":                 func() learn.Estimator { return neighbors.NewKernelDensity() },
	"KernelPCA":                     func() learn.Estimator { return decomposition.NewKernelPCA() },
	"KernelRidge":                   func() learn.Estimator { return kernel.NewKernelRidge() },
	"LabelBinarizer":                func() learn.Estimator { return preprocess.NewLabelBinarizer() },
	"Lars":                          func() learn.Estimator { return linear.NewLars() },
	"LarsCV":                        func() learn.Estimator { return linear.NewLarsCV() },
	"Lasso":                         func() learn.Estimator { return linear.NewLasso() },
	"LassoCV":                       func() learn.Estimator { return linear.NewLassoCV() },
	"LassoLars":                     func() learn.Estimator { return linear.NewLassoLars() },
	"LassoLarsCV":                   func() learn.Estimator { return linear.NewLassoLarsCV() },
	"LassoLarsIC":                   func() learn.Estimator { return linear.NewLassoLarsIC() },
	"LedoitWolf":                    func() learn.Estimator { return covariance.NewLedoitWolf() },
	"LinearDiscriminantAnalysis":    func() learn.Estimator { return discriminant.NewLinearDiscriminantAnalysis() },
	"LinearRegression":              func() learn.Estimator { return linear.NewLinearRegression() },
	"LocalOutlierFactor":            func() learn.Estimator { return neighbors.NewLocalOutlierFactor() },
	"LogisticRegression":            func() learn.Estimator { return linear.NewLogisticRegression() },
	"LogisticRegressionCV":          func() learn.Estimator { return linear.NewLogisticRegressionCV() },
	"MaxAbsScaler":                  func() learn.Estimator { return preprocess.NewMaxAbsScaler() },
	"MinMaxScaler":                  func() learn.Estimator { return preprocess.NewMinMaxScaler() },
	"MissingIndicator":              func() learn.Estimator { return impute.NewMissingIndicator() },
	"MultiTaskElasticNet":           func() learn.Estimator { return linear.NewMultiTaskElasticNet() },
	"MultiTaskElasticNetCV":         func() learn.Estimator { return linear.NewMultiTaskElasticNetCV() },
	"MultiTaskLasso":                func() learn.Estimator { return linear.NewMultiTaskLasso() },
	"MultiTaskLassoCV":              func() learn.Estimator { return linear.NewMultiTaskLassoCV() },
	"MultinomialNB":                 func() learn.Estimator { return bayes.NewMultinomialNB() },
	"NearestCentroid":               func() learn.Estimator { return neighbors.NewNearestCentroid() },
	"NearestNeighbors":              func() learn.Estimator { return neighbors.NewNearestNeighbors() },
	"Normalizer":                    func() learn.Estimator { return preprocess.NewNormalizer() },
	"OAS":                           func() learn.Estimator { return covariance.NewOAS() },
	"OneHotEncoder":                 func() learn.Estimator { return preprocess.NewOneHotEncoder() },
	"OrdinalEncoder":                func() learn.Estimator { return preprocess.NewOrdinalEncoder() },
	"OrthogonalMatchingPursuit":     func() learn.Estimator { return linear.NewOrthogonalMatchingPursuit() },
	"OrthogonalMatchingPursuitCV":   func() learn.Estimator { return linear.NewOrthogonalMatchingPursuitCV() },
	"PCA":                           func() learn.Estimator { return decomposition.NewPCA() },
	"PoissonRegressor":              func() learn.Estimator { return linear.NewPoissonRegressor() },
	"PolynomialFeatures":            func() learn.Estimator { return preprocess.NewPolynomialFeatures() },
	"PowerTransformer":              func() learn.Estimator { return preprocess.NewPowerTransformer() },
	"QuadraticDiscriminantAnalysis": func() learn.Estimator { return discriminant.NewQuadraticDiscriminantAnalysis() },
	"QuantileRegressor":             func() learn.Estimator { return linear.NewQuantileRegressor() },
	"QuantileTransformer":           func() learn.Estimator { return preprocess.NewQuantileTransformer() },
	"RadiusNeighborsClassifier":     func() learn.Estimator { return neighbors.NewRadiusNeighborsClassifier() },
	"RadiusNeighborsRegressor":      func() learn.Estimator { return neighbors.NewRadiusNeighborsRegressor() },
	"RandomForestClassifier":        func() learn.Estimator { return ensemble.NewRandomForestClassifier() },
	"RandomForestRegressor":         func() learn.Estimator { return ensemble.NewRandomForestRegressor() },
	"Ridge":                         func() learn.Estimator { return linear.NewRidge() },
	"RidgeCV":                       func() learn.Estimator { return linear.NewRidgeCV() },
	"RidgeClassifier":               func() learn.Estimator { return linear.NewRidgeClassifier() },
	"RidgeClassifierCV":             func() learn.Estimator { return linear.NewRidgeClassifierCV() },
	"RobustScaler":                  func() learn.Estimator { return preprocess.NewRobustScaler() },
	"SelectFdr":                     func() learn.Estimator { return selection.NewSelectFdr() },
	"SelectFpr":                     func() learn.Estimator { return selection.NewSelectFpr() },
	"SelectFwe":                     func() learn.Estimator { return selection.NewSelectFwe() },
	"SelectKBest":                   func() learn.Estimator { return selection.NewSelectKBest() },
	"SelectPercentile":              func() learn.Estimator { return selection.NewSelectPercentile() },
	"ShrunkCovariance":              func() learn.Estimator { return covariance.NewShrunkCovariance() },
	"SimpleImputer":                 func() learn.Estimator { return impute.NewSimpleImputer() },
	"SplineTransformer":             func() learn.Estimator { return preprocess.NewSplineTransformer() },
	"StandardScaler":                func() learn.Estimator { return preprocess.NewStandardScaler() },
	"TargetEncoder":                 func() learn.Estimator { return preprocess.NewTargetEncoder() },
	"TfidfTransformer":              func() learn.Estimator { return text.NewTfidfTransformer() },
	"TfidfVectorizer":               func() learn.Estimator { return text.NewTfidfVectorizer() },
	"TruncatedSVD":                  func() learn.Estimator { return decomposition.NewTruncatedSVD() },
	"TweedieRegressor":              func() learn.Estimator { return linear.NewTweedieRegressor() },
	"VarianceThreshold":             func() learn.Estimator { return selection.NewVarianceThreshold() },
}
