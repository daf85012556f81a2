// Package preprocess changes data before an estimator sees it: scaling, encoding, binning, polynomials,
// splines.
//
//	s := preprocess.NewStandardScaler()
//	d, err := s.FitTransform(x, nil)
//	z := d.(*learn.Matrix)
//	back, err := s.InverseTransform(z)
//	fmt.Println(s.Mean, s.Scale)
//
// Scalers let NaN pass. The package does not fill missing values (learn/impute) or choose features
// (learn/selection).
package preprocess
