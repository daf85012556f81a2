"""Fits the operators of cases.json with pyspark and writes what comes out to record.json.gz.

    pip install 'pyspark[connect]==4.3.0'
    python3 spark/ml/testdata/record.py sc://localhost:15002
"""
import gzip
import importlib
import json
import os
import random
import sys

import pyspark
from pyspark.ml.linalg import DenseMatrix, DenseVector, Matrix, SparseVector, Vectors
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import array_to_vector

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = "classification regression clustering recommendation feature fpm evaluation".split()


def data():
    r = random.Random(3)
    rows = []
    for i in range(120):
        kind = i % 3
        x = [round(r.gauss(m, 1), 4) for m in (kind, -kind, kind * kind / 2, 0.0)]
        x[3] = round(x[3] / 4, 4)
        z = x[0] - x[1] + 0.5 * r.gauss(0, 1)
        rows.append({
            "id": i, "x0": x[0], "x1": x[1], "x2": x[2], "x3": x[3], "kind": float(kind), "label": float(z > 2),
            "y": round(2 * x[0] - x[2] + 0.1 * r.gauss(0, 1), 4), "time": round(abs(r.gauss(0, 1)) + 0.5 + kind, 4),
            "censor": float(i % 4 > 0), "count": float(r.randrange(3) + kind), "c0": float(r.randrange(3) + kind),
            "c1": float(r.randrange(3)), "c2": float(r.randrange(2) + 2 * (kind == 1)), "hole": None if i % 7 == 3 else x[0],
            "cat": "abcab"[i % 5], "text": ["red apple", "blue sky", "red sky at night"][kind] + " b" * (i % 2),
            "user": i % 12, "item": (i * 7) % 10, "rating": float(1 + i * 31 % 5),
        })
    return rows


def plain(v):
    if isinstance(v, (DenseVector, SparseVector)):
        return [float(x) for x in v.toArray()]
    if isinstance(v, Matrix):
        return [float(x) for row in v.toArray() for x in row]
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if hasattr(v, "tolist"):
        return v.tolist()
    return v


def frame(s, rows):
    names = list(rows[0])
    types = {"id": "bigint", "cat": "string", "text": "string", "user": "int", "item": "int"}
    d = s.createDataFrame([[r[n] for n in names] for r in rows], ", ".join(f"{n} {types.get(n, 'double')}" for n in names)).coalesce(1)
    d = d.withColumn("words", F.split("text", " ")).withColumn("set", F.array_distinct(F.split("text", " ")))
    d = d.withColumn("kindInt", F.col("kind").cast("int"))
    d = VectorAssembler(inputCols=["x0", "x1", "x2", "x3"], outputCol="features").transform(d)
    return VectorAssembler(inputCols=["c0", "c1", "c2"], outputCol="counts").transform(d)


def operator(name):
    for m in MODULES:
        c = getattr(importlib.import_module("pyspark.ml." + m), name, None)
        if c is not None:
            return c
    raise KeyError(name)


def main():
    s = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
    rows = data()
    d = frame(s, rows)
    results = []
    for case in json.load(open(os.path.join(HERE, "cases.json"))):
        params = dict(case["params"])
        if "scalingVec" in params:
            params["scalingVec"] = Vectors.dense(params["scalingVec"])
        o = operator(case["op"])()._set(**params)
        res = {"op": case["op"]}
        if hasattr(o, "evaluate"):
            res["score"] = o.evaluate(d)
        else:
            m = o.fit(d) if hasattr(o, "fit") else o
            for a in case.get("get", []):
                v = m
                for part in a.split("."):
                    v = getattr(v, part)
                    v = v() if callable(v) else v
                res.setdefault("get", {})[a] = plain(v)
            if case["out"]:
                out = m.transform(d).orderBy("id").select(*case["out"]).collect()
                res["out"] = {c: [plain(r[c]) for r in out] for c in case["out"]}
            else:
                res["rows"] = m.transform(d).count()
        results.append(res)
        print(case["op"], file=sys.stderr)
    with gzip.GzipFile(os.path.join(HERE, "record.json.gz"), "w", 9, mtime=0) as f:
        f.write(json.dumps({"pyspark": pyspark.__version__, "rows": rows, "results": results}).encode())


main()
