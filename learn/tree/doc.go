// Package tree has decision trees; learn/ensemble grows forests and boosts with them.
//
//	m := tree.NewDecisionTreeClassifier()
//	m.MaxDepth = 4
//	err := m.Fit(x, y)
//	fmt.Println(tree.Text(m.Tree, names))
//	importances := m.FeatureImportances
//
// Splits are exact, and for one RandomState the same as scikit-learn's: values are compared as float32,
// and features are drawn in the same order. Missing values (NaN) go to the better side.
package tree
