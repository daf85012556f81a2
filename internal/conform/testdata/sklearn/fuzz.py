# Records what scikit-learn 1.9.1 does with hard data: NaN, infinities, empty, constant, one class, p > n, duplicates,
# huge and tiny values. Writes data, options and for each estimator one letter for each data set:
#   o results are finite · n they are not · e Fit is an error · p results are an error · t over 4 s
#   python fuzz.py OUT.json NAME...       (the names of estimators, as learn/registry has them)
import json
import os
import signal
import sys
import warnings

import numpy as np
import scipy.sparse
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.utils import all_estimators

warnings.filterwarnings("ignore")
np.seterr(all="ignore")
EST = dict(all_estimators())
LR, RIDGE = {"$repr": "LogisticRegression()"}, {"$repr": "Ridge()"}
NB, KNN = {"$repr": "GaussianNB()"}, {"$repr": "KNeighborsRegressor()"}
OPTIONS = {
    **{n: {"estimator": LR} for n in ("OneVsRestClassifier", "OneVsOneClassifier", "OutputCodeClassifier", "SelectFromModel",
       "RFE", "RFECV", "SequentialFeatureSelector", "SelfTrainingClassifier", "FixedThresholdClassifier",
       "TunedThresholdClassifierCV")},
    **{n: {"estimators": [["a", LR], ["b", NB]]} for n in ("VotingClassifier", "StackingClassifier")},
    **{n: {"estimators": [["a", RIDGE], ["b", KNN]]} for n in ("VotingRegressor", "StackingRegressor")},
    **{n: {"n_components": 3} for n in ("GaussianRandomProjection", "SparseRandomProjection", "LatentDirichletAllocation")},
    **{n: {"n_clusters": 3} for n in ("KMeans", "MiniBatchKMeans", "BisectingKMeans", "SpectralClustering")},
    **{n: {"n_estimators": 10} for n in ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier",
       "ExtraTreesRegressor", "RandomTreesEmbedding", "IsolationForest", "GradientBoostingClassifier",
       "GradientBoostingRegressor", "AdaBoostClassifier", "AdaBoostRegressor")},
    **{n: {"max_iter": 10} for n in ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")},
    **{n: {"n_components": 2, "max_iter": 10} for n in ("DictionaryLearning", "MiniBatchDictionaryLearning", "SparsePCA",
       "MiniBatchSparsePCA")},
    "MLPClassifier": {"max_iter": 20, "hidden_layer_sizes": [8]}, "MLPRegressor": {"max_iter": 20, "hidden_layer_sizes": [8]},
    "CCA": {"n_components": 1}, "PLSSVD": {"n_components": 1}, "SelectKBest": {"k": 1}, "TSNE": {"max_iter": 250},
}


def sets():
    out = []
    for seed in (0, 1):
        r = np.random.RandomState(seed)
        n, p = (40, 5) if seed == 0 else (33, 4)
        y = np.arange(n) % 3.0
        x = np.round(r.normal(1, 0.5, (n, p)) + y[:, None] * (np.arange(p) % 2 + 1), 3)
        num = np.round(x.sum(1) + r.normal(0, 0.1, n), 3)

        def add(name, x, y=y, num=num):
            out.append({"name": f"{name}/{seed}", "x": np.array(x, float), "y": np.array(y, float), "num": np.array(num, float)})

        def change(i, j, v):
            z = x.copy()
            z[i, j] = v
            return z
        add("plain", x)
        add("positive", np.abs(x))
        add("NaN", change(3, 1, np.nan))
        add("a column of NaN", change(slice(None), 2, np.nan))
        add("infinity", change(3, 1, np.inf))
        add("minus infinity", change(5, 0, -np.inf))
        add("no rows", x[:0], y[:0], num[:0])
        add("no columns", x[:, :0])
        add("one row", x[:1], y[:1], num[:1])
        add("two rows", x[:2], y[:2], num[:2])
        add("three rows", x[:3], y[:3], num[:3])
        add("one column", x[:, :1])
        add("a constant column", change(slice(None), 2, 1.5))
        add("all constant", np.full_like(x, 2))
        add("all zero", np.zeros_like(x))
        add("one class", x, np.zeros(n), np.ones(n))
        add("two classes", x[y < 2], y[y < 2], num[y < 2])
        add("a class of one", x, np.where(np.arange(n) == 4, 9.0, y % 2), num)
        add("p > n", r.normal(0, 1, (6, 30)), y[:6], num[:6])
        add("duplicates", np.repeat(x[:6], 6, 0), np.repeat(y[:6], 6), np.repeat(num[:6], 6))
        add("duplicate columns", np.hstack([x, x]))
        add("huge", x * 1e150)
        add("beyond squares", x * 1e200, y, num)
        add("tiny", x * 1e-150)
        add("subnormal", x * 1e-310)
        add("scales apart", x * np.logspace(-12, 12, p))
        add("huge targets", x, y, num * 1e200)
        add("an outlier", change(7, 0, 1e9))
        add("integers", np.round(np.abs(x)))
    return out


def build(v):
    if isinstance(v, dict):
        return eval(v["$repr"], dict(EST))
    if isinstance(v, list) and v and isinstance(v[0], list):
        return [(p[0], build(p[1])) for p in v]
    return tuple(v) if isinstance(v, list) else v


def outcome(name, d):
    e = EST[name](**{k: build(v) for k, v in OPTIONS.get(name, {}).items()})
    if "random_state" in e.get_params():
        e.set_params(random_state=0)
    y = d["num"] if getattr(e, "_estimator_type", "") == "regressor" or "Regressor" in name else d["y"]
    try:
        from sklearn.base import is_regressor, is_clusterer, is_outlier_detector
        if is_regressor(e):
            y = d["num"]
        elif is_clusterer(e) or is_outlier_detector(e):
            y = None
    except ImportError:
        pass
    try:
        e.fit(d["x"], y)
    except Exception:
        return "e"
    got = []
    try:
        if hasattr(e, "transform"):
            got.append(e.transform(d["x"]))
        elif hasattr(e, "embedding_"):
            got.append(e.embedding_)
        if hasattr(e, "predict"):
            got.append(e.predict(d["x"]))
        elif hasattr(e, "labels_"):
            got.append(e.labels_)
    except Exception:
        return "p"
    for g in got:
        g = g.toarray() if scipy.sparse.issparse(g) else np.asarray(g if not isinstance(g, tuple) else g[0], float)
        if not np.isfinite(g).all():
            return "n"
    return "o"


def alone(name, d):
    """The outcome in a process of its own: libraries in C do not listen to signals."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(4)
        os.write(w, outcome(name, d).encode())
        os._exit(0)
    os.close(w)
    os.waitpid(pid, 0)
    got = os.read(r, 1).decode()
    os.close(r)
    return got or "t"


def plain(v):
    return [float(x) if np.isfinite(x) else str(x) for x in v.ravel()]


data = sets()
out = {"sets": [{"name": d["name"], "rows": d["x"].shape[0], "cols": d["x"].shape[1], "x": plain(d["x"]), "y": plain(d["y"]),
                 "num": plain(d["num"])} for d in data],
       "options": OPTIONS, "outcomes": {}}
for name in sys.argv[2:]:
    if name not in EST:
        print("scikit-learn has no", name)
        continue
    try:
        out["outcomes"][name] = "".join(alone(name, d) for d in data)
    except Exception as err:
        print(name, "cannot be made:", err)
        continue
    print(name, out["outcomes"][name], flush=True)
json.dump(out, open(sys.argv[1], "w"))
