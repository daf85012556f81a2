"""Does with pyspark what compose_full_test.go does, and writes what comes out to compose.json.

    pip install 'pyspark[connect]==4.3.0'
    python3 spark/ml/testdata/compose.py sc://localhost:15002
"""
import gzip
import importlib.util
import json
import os
import sys

import pyspark
import pyspark.ml.util
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression, OneVsRest
from pyspark.ml.clustering import PowerIterationClustering
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.ml.fpm import PrefixSpan
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit
from pyspark.sql import SparkSession

# A model that is collected while another call begins deadlocks pyspark 4.3.0: here none is deleted.
pyspark.ml.util.del_remote_cache = lambda ref: None

HERE = os.path.dirname(os.path.abspath(__file__))
s = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
rows = json.load(gzip.open(os.path.join(HERE, "record.json.gz")))["rows"]
names = ["id", "x0", "x1", "x2", "x3", "kind", "label"]
d = s.createDataFrame([[r[n] for n in names] for r in rows], "id bigint, x0 double, x1 double, x2 double, x3 double, kind double, label double").coalesce(1)
d = VectorAssembler(inputCols=["x0", "x1", "x2", "x3"], outputCol="features").transform(d)
out = {"pyspark": pyspark.__version__}

m = OneVsRest(classifier=LogisticRegression(maxIter=10), labelCol="kind").fit(d)
p = m.transform(d).orderBy("id").collect()
out["one_vs_rest"] = [r["prediction"] for r in p]
out["one_vs_rest_raw"] = [list(r["rawPrediction"].toArray()) for r in p[:10]]

fit = LogisticRegression(featuresCol="scaled", maxIter=5)
pipe = Pipeline(stages=[StandardScaler(inputCol="features", outputCol="scaled"), fit])
grid = ParamGridBuilder().addGrid(fit.regParam, [10.0, 0.01]).build()
ev = BinaryClassificationEvaluator()
out["cross_validator"] = CrossValidator(estimator=pipe, estimatorParamMaps=grid, evaluator=ev, numFolds=2, seed=7).fit(d).avgMetrics
out["split"] = TrainValidationSplit(estimator=pipe, estimatorParamMaps=grid, evaluator=ev, seed=3).fit(d).validationMetrics

edges = s.createDataFrame([(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0), (3, 4, 1.0), (4, 5, 1.0), (3, 5, 1.0), (2, 3, 0.1)], "src bigint, dst bigint, weight double")
pic = PowerIterationClustering(k=2, maxIter=20, initMode="degree", weightCol="weight")
out["power_iteration"] = sorted([[r["id"], r["cluster"]] for r in pic.assignClusters(edges).collect()])

seqs = s.createDataFrame([([[1, 2], [3]],), ([[1], [3, 2], [1, 2]],), ([[1, 2], [5]],), ([[6]],)], "sequence array<array<int>>")
found = PrefixSpan(minSupport=0.5, maxPatternLength=5).findFrequentSequentialPatterns(seqs)
out["prefix_span"] = sorted([[r["sequence"], r["freq"]] for r in found.collect()], key=str)
with open(os.path.join(HERE, "compose.json"), "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")
