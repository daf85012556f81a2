// Package registry lists every estimator of learn by scikit-learn's name.
//
//	m := registry.New("Ridge")
//	err := learn.SetParams(m, learn.Params{"alpha": 0.5})
//	err = m.Fit(x, y)
//	for _, name := range registry.Names() { … }
//	err = registry.WriteDocs(w)
//
// The reference suite, the contract test, the and documentation read it. It holds no algorithm.
package registry

import (
	"slices"

	"github.com/lathe-ml/lathe/learn"
)

// New returns a new estimator of that name with scikit-learn's defaults, or nil.
func New(name string) learn.Estimator {
	if f, ok := estimators[name]; ok {
		return f()
	}
	return nil
}

// Names lists the estimators in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(estimators))
	for n := range estimators {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
