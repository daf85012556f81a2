"""Packs the small data sets of a scikit-learn wheel (1.9.1) as CSV with one header line.

Usage: python3 pack.py scikit_learn-1.9.1-....whl   (writes *.csv.gz beside this file)
The last column (linnerud: the last three) is the target; class labels are integers.
"""

import csv
import gzip
import io
import pathlib
import re
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
WHEEL = zipfile.ZipFile(sys.argv[1])
BASE = "sklearn/datasets/"
SOURCE = WHEEL.read(BASE + "_base.py").decode()


def text(name):
    raw = WHEEL.read(BASE + "data/" + name)
    return (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()


def names(loader):
    """Returns the feature names that a load_* function lists."""
    body = SOURCE[SOURCE.index(f"def {loader}(") :]
    found = re.search(r"feature_names\s*=\s*(?:np\.array\()?\s*\[(.*?)\]", body, re.S)
    return re.findall(r'"([^"]+)"', found.group(1))


def write(name, header, rows):
    out = io.StringIO()
    w = csv.writer(out, lineterminator="\n")
    w.writerow(header)
    w.writerows(rows)
    (HERE / f"{name}.csv.gz").write_bytes(gzip.compress(out.getvalue().encode(), 9, mtime=0))
    print(name, len(rows), "rows,", len(header), "columns")


def table(name, sep=","):
    return [line.split(sep) for line in text(name).splitlines() if line.strip()]


write("iris", names("load_iris") + ["species"], table("iris.csv")[1:])
write("wine", names("load_wine") + ["class"], table("wine_data.csv")[1:])
write("breast_cancer", names("load_breast_cancer") + ["diagnosis"], table("breast_cancer.csv")[1:])
pixels = [f"pixel_{r}_{c}" for r in range(8) for c in range(8)]
write("digits", pixels + ["digit"], table("digits.csv.gz"))
raw = table("diabetes_data_raw.csv.gz", None)
target = table("diabetes_target.csv.gz", None)
write("diabetes", names("load_diabetes") + ["progression"],
      [r + [f"{float(y[0]):g}"] for r, y in zip(raw, target)])
exercise, body = table("linnerud_exercise.csv", None), table("linnerud_physiological.csv", None)
write("linnerud", exercise[0] + body[0], [a + b for a, b in zip(exercise[1:], body[1:])])
