"""ONNX Runtime's side of classifying photos: they come decoded, in shared memory.

Usage: python peer_jpeg.py MODEL.onnx MEMORY BATCH   (onnxruntime, numpy)
MEMORY is a file of two batches of f32 [BATCH 3 224 224]. Each line read is the number of a batch; its classes are
printed. THREADS sets the thread count.
"""
import os
import sys

import numpy as np
import onnxruntime as ort

options = ort.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("THREADS", "2"))
options.log_severity_level = 3
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
slots = np.memmap(sys.argv[2], np.float32, "r", shape=(2, int(sys.argv[3]), 3, 224, 224))
name = session.get_inputs()[0].name
print(f"onnxruntime {ort.__version__}", flush=True)
for line in sys.stdin:
    scores = session.run(None, {name: np.asarray(slots[int(line)])})[0]
    print(*scores.argmax(axis=1), flush=True)
