// Package linear has models that are linear in their coefficients: least squares with and without
// penalties, robust and Bayesian regression, generalized linear models, and linear classifiers.
//
//	m := linear.NewRidge()
//	m.Alpha = 0.1
//	err := m.Fit(x, y)
//	fmt.Println(m.Coef, m.Intercept)
//	p, err := m.Predict(xTest)
//
// Where the optimum is unique, every Solver option of scikit-learn finds it, so most share one
// implementation. Kernels are in learn/svm and learn/kernel.
package linear
