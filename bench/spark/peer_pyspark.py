"""The operations of pyspark.go by pyspark: reads names from standard input, answers seconds and a number to compare.

    pip install 'pyspark[connect]==4.3.0'
    echo count | python3 bench/spark/peer_pyspark.py sc://localhost:15002
"""
import sys
import time

import pyspark.ml.util
from pyspark.ml.classification import LogisticRegression, RandomForestClassifier
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import PCA, StandardScaler, VectorAssembler
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.regression import LinearRegression
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

# A model that is collected while another call begins deadlocks pyspark 4.3.0: here none is deleted.
pyspark.ml.util.del_remote_cache = lambda ref: None
s = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
N = 20000


def rows():
    d = s.table("global_temp.bench")
    return VectorAssembler(inputCols=["x0", "x1", "x2", "x3"], outputCol="features").transform(d)


def score(m):
    return MulticlassClassificationEvaluator(metricName="accuracy").evaluate(m.transform(rows()))


OPS = {
    "collect 5M": lambda: s.range(0, 5000000).select("id", (F.col("id") * 0.5).alias("x")).toArrow().num_rows,
    "collect 1000": lambda: len(s.range(0, 1000).select("id", (F.col("id") * 0.5).alias("x")).collect()),
    "group": lambda: len(s.table("global_temp.bench").groupBy("label").agg(F.avg("x0"), F.max("x1")).collect()),
    "sql": lambda: s.sql("SELECT count(*) FROM global_temp.bench WHERE x0 > 0").collect()[0][0],
    "LogisticRegression": lambda: score(LogisticRegression(maxIter=5).fit(rows())),
    "LinearRegression": lambda: LinearRegression(labelCol="x3", featuresCol="features", maxIter=5).fit(rows()).intercept,
    "RandomForestClassifier": lambda: score(RandomForestClassifier(numTrees=5, maxDepth=4, seed=1).fit(rows())),
    "KMeans": lambda: KMeans(k=3, seed=1, maxIter=5).fit(rows()).summary.trainingCost,
    "PCA": lambda: float(PCA(inputCol="features", outputCol="p", k=2).fit(rows()).explainedVariance[0]),
    "StandardScaler": lambda: float(StandardScaler(inputCol="features", outputCol="p").fit(rows()).std[0]),
}

for line in sys.stdin:
    t = time.perf_counter()
    v = OPS[line.strip()]()
    print(time.perf_counter() - t, v, flush=True)
