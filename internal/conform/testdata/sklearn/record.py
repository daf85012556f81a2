# Records further cases of estimators in the format of estimators.json, from scikit-learn 1.9.1:
#   python record.py DATA_DIR OUT.json      (DATA_DIR holds NAME.json with X and y)
import json
import sys
import warnings

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.utils import all_estimators

warnings.filterwarnings("ignore")
EST = dict(all_estimators())
data_dir, out = sys.argv[1:3]


def build(v):
    if isinstance(v, dict) and "$repr" in v:
        return eval(v["$repr"], dict(EST))
    if isinstance(v, list):
        return [tuple(build(x) for x in p) if isinstance(p, list) else p for p in v]
    return v


def plain(v):
    if isinstance(v, np.ndarray):
        return [plain(x) for x in v.tolist()]
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, (np.floating, float)):
        v = float(v)
        if np.isnan(v) or np.isinf(v):
            return {"$float": "nan" if np.isnan(v) else ("inf" if v > 0 else "-inf")}
        return v
    if isinstance(v, (np.integer, np.bool_)):
        return v.item()
    return v


def repr_(s):
    return {"$repr": s}


LR, NB, NEAR = repr_("LogisticRegression(tol=1e-08, max_iter=3000)"), repr_("GaussianNB()"), repr_("KNeighborsClassifier(n_neighbors=7)")
RIDGE, KNN = repr_("Ridge()"), repr_("KNeighborsRegressor()")
CASES = [
    # estimator, params, data, standardized, compare, what
    ("VotingClassifier", {"estimators": [["lr", LR], ["nb", NB], ["near", NEAR]]}, "wine", True, "solver", ["m:predict"]),
    ("VotingClassifier", {"estimators": [["lr", LR], ["nb", NB]], "voting": "soft", "weights": [2, 1]}, "iris", True, "solver", ["m:predict", "m:predict_proba"]),
    ("VotingRegressor", {"estimators": [["ridge", RIDGE], ["knn", KNN]]}, "diabetes", False, "rtol", ["m:predict", "m:transform"]),
    ("VotingRegressor", {"estimators": [["ridge", RIDGE], ["knn", KNN]], "weights": [1, 3]}, "synth_reg", True, "rtol", ["m:predict"]),
    ("StackingClassifier", {"estimators": [["nb", NB], ["near", NEAR]], "final_estimator": LR}, "iris", True, "solver", ["m:predict", "m:predict_proba"]),
    ("StackingClassifier", {"estimators": [["lr", LR], ["nb", NB]], "final_estimator": LR, "passthrough": True, "cv": 3}, "breast_cancer", True, "solver", ["m:predict"]),
    ("StackingRegressor", {"estimators": [["ridge", RIDGE], ["knn", KNN]]}, "diabetes", False, "solver", ["m:predict"]),
    ("IsotonicRegression", {"out_of_bounds": "clip"}, "diabetes:2", False, "rtol", ["m:predict", "X_thresholds_", "y_thresholds_"]),
    ("IsotonicRegression", {"out_of_bounds": "clip", "increasing": "auto", "y_min": 80.0, "y_max": 200.0}, "diabetes:6", False, "rtol", ["m:predict"]),
    ("CalibratedClassifierCV", {"estimator": LR}, "breast_cancer", True, "solver", ["m:predict", "m:predict_proba"]),
    ("CalibratedClassifierCV", {"estimator": NB, "method": "isotonic", "cv": 3}, "wine", True, "solver", ["m:predict", "m:predict_proba"]),
    ("CalibratedClassifierCV", {"estimator": NB, "ensemble": False}, "iris", True, "solver", ["m:predict", "m:predict_proba"]),
    ("SelectFromModel", {"estimator": LR}, "wine", True, "solver", ["m:transform", "threshold_"]),
    ("SelectFromModel", {"estimator": repr_("Lasso(alpha=2.0, tol=1e-10)")}, "diabetes", False, "solver", ["m:transform"]),
    ("SelectFromModel", {"estimator": RIDGE, "threshold": "1.2*median", "max_features": 3}, "diabetes", False, "rtol", ["m:transform"]),
    ("RFE", {"estimator": LR, "n_features_to_select": 5}, "wine", True, "rtol", ["m:transform", "m:predict"]),
    ("RFE", {"estimator": RIDGE, "step": 2}, "diabetes", False, "rtol", ["m:transform", "m:predict"]),
    ("RFECV", {"estimator": RIDGE, "cv": 4}, "diabetes", False, "rtol", ["m:transform", "m:predict"]),
    ("SequentialFeatureSelector", {"estimator": RIDGE, "n_features_to_select": 4}, "diabetes", False, "rtol", ["m:transform"]),
    ("SequentialFeatureSelector", {"estimator": NB, "n_features_to_select": 9, "direction": "backward", "cv": 3}, "wine", True, "rtol", ["m:transform"]),
    ("Nystroem", {"n_components": 20, "random_state": 3, "gamma": 0.1}, "iris", True, "solver", ["m:transform"]),
    ("RBFSampler", {"n_components": 12, "random_state": 1, "gamma": 0.2}, "iris", True, "rtol", ["m:transform"]),
    ("SkewedChi2Sampler", {"n_components": 12, "random_state": 1}, "iris", False, "rtol", ["m:transform"]),
    ("AdditiveChi2Sampler", {"sample_steps": 3}, "iris", False, "rtol", ["m:transform"]),
    ("GaussianRandomProjection", {"n_components": 5, "random_state": 2}, "wine", True, "rtol", ["m:transform"]),
    ("RANSACRegressor", {"random_state": 0, "estimator": repr_("LinearRegression()")}, "synth_reg", True, "range", []),
    ("TheilSenRegressor", {"random_state": 0}, "synth_reg", True, "range", []),
    ("GraphicalLasso", {"alpha": 0.2, "tol": 1e-6}, "wine", True, "solver", ["covariance_", "precision_"]),
    ("MinCovDet", {"random_state": 0}, "iris", False, "range", []),
    ("LabelSpreading", {"gamma": 2.0}, "iris", True, "solver", ["m:predict_proba"]),
    ("LabelPropagation", {"kernel": "knn", "n_neighbors": 5, "max_iter": 2000}, "iris", True, "solver", ["m:predict"]),
    ("SelfTrainingClassifier", {"estimator": LR}, "iris", True, "solver", ["m:predict"]),
    ("FastICA", {"n_components": 3, "random_state": 0, "whiten": "unit-variance", "tol": 1e-10, "max_iter": 2000}, "wine", True, "sign", ["m:transform"]),
    ("BayesianGaussianMixture", {"n_components": 3, "random_state": 0, "tol": 1e-8, "max_iter": 2000, "init_params": "kmeans"}, "iris", False, "range", []),
    ("GaussianProcessClassifier", {}, "iris:binary", True, "solver", ["m:predict", "m:predict_proba"]),
    ("LatentDirichletAllocation", {"n_components": 3, "random_state": 0, "max_iter": 5}, "digits", False, "solver", ["m:transform"]),
    ("BernoulliRBM", {"n_components": 8, "random_state": 0, "n_iter": 3, "batch_size": 10}, "digits:unit", False, "solver", ["components_"]),
    ("IterativeImputer", {"max_iter": 5}, "wine:holes", False, "solver", ["m:transform"]),
    ("IterativeImputer", {"max_iter": 10, "tol": 1e-6, "imputation_order": "descending", "estimator": RIDGE}, "iris:holes", True, "solver", ["m:transform"]),
    ("Isomap", {"n_neighbors": 8}, "wine", True, "sign", ["embedding_", "m:transform"]),
    ("LocallyLinearEmbedding", {"n_neighbors": 10, "eigen_solver": "dense"}, "wine", True, "sign", ["embedding_"]),
    ("SpectralEmbedding", {"affinity": "rbf", "gamma": 0.1, "eigen_solver": "arpack"}, "wine", True, "sign", ["embedding_"]),
    ("ClassicalMDS", {}, "wine", True, "sign", ["embedding_"]),
    ("MDS", {"init": "classical_mds", "n_init": 1, "eps": 1e-9}, "iris", True, "solver", ["stress_"]),
    ("PLSSVD", {"n_components": 2}, "linnerud", True, "sign", ["m:transform"]),
    ("DictionaryLearning", {"n_components": 4, "alpha": 0.5, "max_iter": 10, "transform_algorithm": "lasso_lars", "transform_alpha": 0.3}, "wine", True, "solver", ["components_", "m:transform"]),
    ("DictionaryLearning", {"n_components": 3, "alpha": 0.2, "max_iter": 8, "fit_algorithm": "cd", "transform_algorithm": "lasso_cd"}, "iris", True, "solver", ["components_", "m:transform"]),
    ("DictionaryLearning", {"n_components": 5, "alpha": 0.5, "max_iter": 5, "transform_algorithm": "omp", "transform_n_nonzero_coefs": 2, "split_sign": True}, "wine", True, "solver", ["m:transform"]),
    ("DictionaryLearning", {"n_components": 5, "alpha": 0.5, "max_iter": 5, "fit_algorithm": "cd", "positive_dict": True, "positive_code": True, "random_state": 0, "transform_algorithm": "threshold", "transform_alpha": 0.1}, "wine", False, "solver", ["m:transform"]),
    ("DictionaryLearning", {"n_components": 4, "alpha": 1.0, "max_iter": 6, "transform_algorithm": "lars", "transform_n_nonzero_coefs": 3}, "breast_cancer", True, "solver", ["m:transform"]),
    ("SparsePCA", {"n_components": 3, "alpha": 0.5, "max_iter": 20}, "wine", True, "solver", ["components_", "m:transform", "mean_"]),
    ("SparsePCA", {"n_components": 2, "alpha": 0.1, "method": "cd", "ridge_alpha": 0.1}, "iris", True, "solver", ["components_", "m:transform"]),
    ("NMF", {"n_components": 3, "solver": "mu", "beta_loss": "kullback-leibler", "init": "nndsvda", "max_iter": 100}, "iris", False, "solver", ["components_", "m:transform", "reconstruction_err_"]),
    ("NMF", {"n_components": 2, "solver": "mu", "beta_loss": "itakura-saito", "init": "nndsvda", "max_iter": 60}, "iris", False, "solver", ["components_", "m:transform"]),
    ("NMF", {"n_components": 2, "solver": "mu", "beta_loss": 1.5, "init": "nndsvda", "max_iter": 60, "alpha_W": 0.001, "l1_ratio": 0.5}, "iris", False, "solver", ["components_", "m:transform"]),
    ("NMF", {"n_components": 2, "solver": "mu", "beta_loss": 2.5, "init": "nndsvda", "max_iter": 60}, "iris", False, "solver", ["components_"]),
    ("MiniBatchNMF", {"n_components": 3, "init": "nndsvda", "batch_size": 20, "max_iter": 20, "random_state": 0}, "iris", False, "solver", ["components_", "m:transform", "n_steps_"]),
    ("MiniBatchNMF", {"n_components": 3, "init": "nndsvda", "batch_size": 30, "max_iter": 10, "beta_loss": "kullback-leibler", "forget_factor": 0.9, "fresh_restarts": True, "random_state": 0}, "iris", False, "solver", ["components_", "m:transform"]),
    ("SGDOneClassSVM", {"nu": 0.1, "shuffle": False, "max_iter": 50}, "iris", True, "solver", ["coef_", "offset_", "m:predict", "m:decision_function"]),
    ("SGDOneClassSVM", {"nu": 0.3, "shuffle": False, "average": 10, "learning_rate": "constant", "eta0": 0.01}, "wine", True, "solver", ["coef_", "offset_", "m:score_samples"]),
    ("PolynomialCountSketch", {"n_components": 16, "degree": 3, "gamma": 0.5, "coef0": 1.0, "random_state": 4}, "wine", True, "rtol", ["m:transform"]),
    ("PolynomialCountSketch", {"n_components": 9, "random_state": 1}, "iris", True, "rtol", ["m:transform"]),
    ("BayesianGaussianMixture", {"n_components": 3, "random_state": 0, "max_iter": 300, "covariance_type": "diag", "weight_concentration_prior_type": "dirichlet_distribution"}, "iris", False, "range", []),
    ("BayesianGaussianMixture", {"n_components": 1, "mean_precision_prior": 2.0, "degrees_of_freedom_prior": 6.0}, "iris", False, "rtol", ["means_", "m:score_samples"]),
    ("BayesianGaussianMixture", {"n_components": 1, "covariance_type": "spherical"}, "wine", True, "rtol", ["m:score_samples"]),
    ("BayesianGaussianMixture", {"n_components": 1, "covariance_type": "tied"}, "wine", True, "rtol", ["m:score_samples"]),
    ("HistGradientBoostingClassifier", {"categorical_features": [0, 3, 10, 20, 33], "max_iter": 15, "min_samples_leaf": 5, "early_stopping": False}, "digits:binary", False, "solver", ["m:predict_proba"]),
    ("HistGradientBoostingRegressor", {"categorical_features": [1], "max_iter": 20, "min_samples_leaf": 10}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"monotonic_cst": [0, 0, 1, 1, 0, 0, -1, 0, 0, 0], "max_iter": 20}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"interaction_cst": [[0, 1, 2], [2, 3, 8]], "max_iter": 20}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"interaction_cst": "no_interactions", "max_iter": 20}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"loss": "absolute_error", "max_iter": 20}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"loss": "quantile", "quantile": 0.8, "max_iter": 20}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"loss": "poisson", "max_iter": 20}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"loss": "gamma", "max_iter": 20, "l2_regularization": 1.0}, "diabetes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"max_iter": 20, "max_depth": 3, "learning_rate": 0.3}, "diabetes:holes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"max_iter": 40, "early_stopping": True, "validation_fraction": None, "tol": 0.01, "n_iter_no_change": 3}, "diabetes", False, "solver", ["m:predict", "n_iter_", "train_score_"]),
    ("HistGradientBoostingClassifier", {"max_iter": 200, "early_stopping": True, "random_state": 1}, "breast_cancer", False, "tree", []),
    ("HistGradientBoostingRegressor", {"max_iter": 25, "loss": "gamma"}, "diabetes:holes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingRegressor", {"max_iter": 25}, "diabetes:holes", False, "solver", ["m:predict"]),
    ("HistGradientBoostingClassifier", {"max_iter": 15, "class_weight": "balanced", "early_stopping": False, "max_leaf_nodes": 7}, "breast_cancer", False, "solver", ["m:predict_proba"]),
]


def load(name):
    name, _, how = name.partition(":")
    with open(f"{data_dir}/{name}.json") as f:
        d = json.load(f)
    x, y = np.array(d["X"], dtype=float), np.array(d["y"], dtype=float)
    return x, y, how


records, count = [], {}
for name, params, data, standardized, compare, what in CASES:
    if len(sys.argv) > 3 and name not in sys.argv[3:]:
        continue
    x, y, how = load(data)
    if how.isdigit():
        x = x[:, [int(how)]]
    if how == "binary":
        x, y = x[y < 2], y[y < 2]
    if how == "holes":  # every seventh value is missing
        x = x.copy()
        x.reshape(-1)[::7] = np.nan
    if how == "unit":
        x = x / 16
    train, test = np.arange(len(x)) % 4 != 3, np.arange(len(x)) % 4 == 3
    xt, xs = x[train], x[test]
    if standardized:
        from sklearn.preprocessing import StandardScaler
        s = StandardScaler().fit(xt)
        xt, xs = s.transform(xt), s.transform(xs)
    e = EST[name](**{k: build(v) for k, v in params.items()})
    try:
        e.fit(xt, y[train])
    except Exception as err:
        print(name, err)
        continue
    n = count.get(name, 100)
    count[name] = n + 1
    r = {"id": f"{name}#{n}", "estimator": name, "params": params, "data": data, "standardized_by_train": standardized,
         "compare": compare, "expect": {}}
    for w in what:
        m = w.removeprefix("m:")
        v = getattr(e, m)(xs) if w.startswith("m:") or m in ("score_samples",) else getattr(e, m)
        r["expect"][w] = plain(v[:15] if w.startswith("m:") else v)
    if hasattr(e, "score"):
        try:
            r["score"] = plain(e.score(xs, y[test]))
        except Exception:
            pass
    if compare == "range" and "score" in r:
        scores = []
        for seed in range(6):
            if "random_state" in e.get_params():
                e.set_params(random_state=seed)
            scores.append(e.fit(xt, y[train]).score(xs, y[test]))
        wide = max(0.03, max(scores) - min(scores), 0.02 * abs(np.mean(scores)))
        r["score_range"] = [float(min(scores) - wide), float(max(scores) + wide)]
    records.append(r)
json.dump(records, open(out, "w"))
print(len(records), "cases")
