# The scikit-learn side of bench/learn: python peer.py DIR ROW prints the times of one row as JSON.
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
directory, row = sys.argv[1:3]
import numpy as np  # noqa: E402


def load(name):
    return np.load(f"{directory}/{name}.npy")


def build():
    if row == "logistic":
        from sklearn.linear_model import LogisticRegression
        return LogisticRegression()
    if row == "kmeans":
        from sklearn.cluster import KMeans
        return KMeans(n_clusters=10, max_iter=50, random_state=0)
    if row == "forest":
        from sklearn.ensemble import RandomForestClassifier
        return RandomForestClassifier(n_estimators=20, max_depth=10, n_jobs=2, random_state=0)
    if row == "hist":
        from sklearn.ensemble import HistGradientBoostingClassifier
        return HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    if row == "knn":
        from sklearn.neighbors import KNeighborsClassifier
        return KNeighborsClassifier(n_jobs=2)
    if row == "svc":
        from sklearn.svm import SVC
        return SVC()
    if row == "pca":
        from sklearn.decomposition import PCA
        return PCA(n_components=20, random_state=0)
    if row == "dbscan":
        from sklearn.cluster import DBSCAN
        return DBSCAN(eps=0.02, min_samples=10, n_jobs=2)
    if row == "tsne":
        from sklearn.manifold import TSNE
        return TSNE(n_jobs=2, random_state=0)
    if row == "tfidf":
        from sklearn.feature_extraction.text import TfidfVectorizer
        return TfidfVectorizer()
    raise SystemExit(f"row {row} is unknown")


def peak():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))


m = build()
if row == "tfidf":
    with open(f"{directory}/docs.txt") as f:
        docs = f.read().removesuffix("\n").split("\n")
    n = len(docs) * 4 // 5
    began = time.perf_counter()
    m.fit_transform(docs[:n])
    fit = time.perf_counter() - began
    began = time.perf_counter()
    m.transform(docs[n:])
    predict = time.perf_counter() - began
    score = len(m.vocabulary_)
else:
    x, y, xt, yt = load("x_train"), load("y_train").ravel(), load("x_test"), load("y_test").ravel()
    began = time.perf_counter()
    m.fit(x, y)
    fit = time.perf_counter() - began
    began = time.perf_counter()
    if row == "pca":
        m.transform(xt)
        score = m.explained_variance_ratio_[0]
    elif row == "dbscan":
        score = m.labels_.max() + 1
    elif row == "tsne":
        score = m.kl_divergence_
    else:
        p = m.predict(xt)
        score = m.inertia_ if row == "kmeans" else (p == yt).mean()
    predict = time.perf_counter() - began
print(json.dumps({"fit": fit, "predict": predict, "peak": peak(), "score": float(score)}))
