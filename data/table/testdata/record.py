"""Writes one small table as Parquet, Arrow and JSON lines files in several forms.

Usage: python3 record.py   (pyarrow 26.0.1; the test knows the values)
"""
import json
import pathlib
from decimal import Decimal

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
n = 50
rows = [{
    "whole": None if i % 7 == 3 else i * i - 100,
    "small": i % 5,
    "number": None if i % 11 == 5 else i / 4 - 3,
    "single": i / 8,
    "yes": None if i % 13 == 0 else i % 3 == 0,
    "word": None if i % 9 == 1 else f"Wört {i % 4}",
    "price": None if i % 10 == 0 else f"{i - 20}.{i % 10}5",
} for i in range(n)]
table = pa.table({
    "whole": pa.array([r["whole"] for r in rows], pa.int64()),
    "small": pa.array([r["small"] for r in rows], pa.int8()),
    "number": pa.array([r["number"] for r in rows], pa.float64()),
    "single": pa.array([r["single"] for r in rows], pa.float32()),
    "yes": pa.array([r["yes"] for r in rows], pa.bool_()),
    "word": pa.array([r["word"] for r in rows], pa.string()),
    "price": pa.array([None if r["price"] is None else Decimal(r["price"]) for r in rows], pa.decimal128(10, 2)),
})
dictionary = table.set_column(5, "word", table["word"].dictionary_encode())
for name, options in {
    "snappy": {}, "zstd-v2": {"compression": "zstd", "data_page_version": "2.0"},
    "plain": {"compression": "none", "use_dictionary": False}, "gzip-groups": {"compression": "gzip", "row_group_size": 17},
}.items():
    pq.write_table(table, here / f"{name}.parquet", **options)
pq.write_table(pa.table({"list": [[1], [2, 3]]}), here / "list.parquet")
pyarrow.feather.write_feather(table, here / "lz4.arrow", compression="lz4")
pyarrow.feather.write_feather(dictionary, here / "dictionary.arrow", compression="zstd", chunksize=20)
with pa.OSFile(str(here / "stream.arrows"), "wb") as f, pa.ipc.new_stream(f, table.schema) as w:
    w.write_table(table, max_chunksize=30)
(here / "rows.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
