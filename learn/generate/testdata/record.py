"""Records what scikit-learn's generators give: python3 record.py | gzip -9n > generators.json.gz (scikit-learn 1.9)."""
import json

import numpy as np
from sklearn import datasets as d


def flat(*arrays):
    return [np.asarray(a, float).ravel().tolist() for a in arrays]


print(json.dumps({
    "moons": flat(*d.make_moons(21, noise=0.1, random_state=3)),
    "moons ordered": flat(*d.make_moons(9, shuffle=False)),
    "circles": flat(*d.make_circles(20, noise=0.05, factor=0.5, random_state=1)),
    "swiss roll": flat(*d.make_swiss_roll(15, noise=0.2, random_state=4)),
    "swiss roll with a hole": flat(*d.make_swiss_roll(15, hole=True, random_state=5)),
    "s curve": flat(*d.make_s_curve(15, noise=0.1, random_state=6)),
    "blobs": flat(*d.make_blobs(20, 3, centers=4, cluster_std=0.7, random_state=7)),
    "blobs at": flat(*d.make_blobs(10, centers=[[0, 0], [5, 5]], shuffle=False, random_state=8)),
    "regression": flat(*d.make_regression(12, 6, n_informative=3, n_targets=2, bias=1.5, noise=0.3, coef=True,
                                          random_state=9)),
    "classification": flat(*d.make_classification(random_state=10)),
    "classification of three": flat(*d.make_classification(
        30, 12, n_informative=4, n_redundant=3, n_repeated=2, n_classes=3, n_clusters_per_class=2,
        weights=[0.5, 0.3], flip_y=0.2, class_sep=2, hypercube=False, shift=0.5, scale=2, random_state=11)),
    "classification in many": flat(*d.make_classification(
        16, 40, n_informative=33, n_redundant=0, shuffle=False, random_state=12)),
    "classification in ten": flat(*d.make_classification(16, 12, n_informative=10, random_state=12)),
    "friedman1": flat(*d.make_friedman1(10, 6, noise=0.5, random_state=13)),
    "friedman2": flat(*d.make_friedman2(10, noise=0.5, random_state=14)),
    "friedman3": flat(*d.make_friedman3(10, random_state=15)),
    "hastie": flat(*d.make_hastie_10_2(20, random_state=16)),
    "sparse": flat(*d.make_sparse_uncorrelated(12, 5, random_state=17)),
    "multilabel": flat(*d.make_multilabel_classification(12, 8, n_classes=4, random_state=18)),
    "multilabel, all labelled": flat(*d.make_multilabel_classification(9, 6, n_classes=6, n_labels=1, length=7,
                                                                       allow_unlabeled=False, random_state=19)),
    "sparse codes": flat(*d.make_sparse_coded_signal(6, n_components=5, n_features=4, n_nonzero_coefs=2, random_state=20)),
    "low rank": flat(d.make_low_rank_matrix(9, 6, effective_rank=3, random_state=21)),
    "low rank, wide": flat(d.make_low_rank_matrix(5, 8, effective_rank=2, tail_strength=0.1, random_state=22)),
    "quantiles": flat(*d.make_gaussian_quantiles(n_samples=17, n_features=3, n_classes=4, random_state=23)),
    "quantiles around": flat(*d.make_gaussian_quantiles(mean=[1, -2], cov=4.0, n_samples=12, shuffle=False, random_state=24)),
    "biclusters": flat(d.make_biclusters((12, 10), 3, noise=0.5, random_state=25)[0]),
    "many biclusters": flat(d.make_biclusters((300, 400), 4, random_state=26)[0][:5]),
    "checkerboard": flat(d.make_checkerboard((9, 11), (2, 3), noise=0.1, minval=1, maxval=2, random_state=27)[0]),
}))
