"""Records importances and dependences of scikit-learn on data sets that Lathe has, too:
python3 record.py > inspection.json (scikit-learn 1.9)."""
import json

import numpy as np
from sklearn.datasets import load_diabetes, load_iris
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeRegressor


def flat(*arrays):
    return [np.asarray(a, float).ravel().tolist() for a in arrays]


X, y = load_iris(return_X_y=True)
m = LogisticRegression(max_iter=1000, tol=1e-10).fit(X, y)
two = LogisticRegression(max_iter=1000, tol=1e-10).fit(X, y == 2)
D, t = load_diabetes(return_X_y=True)
r, tree = Ridge(alpha=0.1).fit(D, t), DecisionTreeRegressor(max_depth=3).fit(D, t)
out = {}
for name, p in {
    "iris": permutation_importance(m, X, y, n_repeats=7, random_state=3),
    "iris some": permutation_importance(m, X, y, max_samples=40, random_state=5),
    "diabetes": permutation_importance(r, D, t, scoring="neg_mean_absolute_error", random_state=4),
}.items():
    out[name] = flat(p.importances_mean, p.importances_std, p.importances)
for name, d in {
    "one": partial_dependence(r, D, [2], kind="both", grid_resolution=20),
    "pair": partial_dependence(tree, D, [2, 8], kind="both", grid_resolution=5, method="brute"),
    "classes": partial_dependence(m, X, [3], kind="both"),
    "two classes": partial_dependence(two, X, [2], kind="both", percentiles=(0.1, 0.8), grid_resolution=10),
    "decision": partial_dependence(two, X, [2], kind="both", response_method="decision_function", grid_resolution=6),
}.items():
    out[name] = flat(d["average"], *d["grid_values"])
print(json.dumps(out))
