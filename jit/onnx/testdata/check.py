# Checks the models NAME.onnx of a folder: onnx.checker, and onnxruntime on NAME.I.in.npy against NAME.out.npy. NAME.atol holds
# an allowed difference.
import glob
import os
import sys

import numpy as np
import onnx
import onnxruntime

bad = 0
for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    name = path[: -len(".onnx")]
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {v.name: np.load(f"{name}.{i}.in.npy") for i, v in enumerate(session.get_inputs())}
    got, want = session.run(None, feeds)[0], np.load(name + ".out.npy")
    atol = float(open(name + ".atol").read()) if os.path.exists(name + ".atol") else 1e-5
    if got.shape != want.shape or not np.allclose(got, want, rtol=1e-4, atol=atol):
        bad += 1
        print(f"{name}: shapes {got.shape} and {want.shape}, largest difference {np.abs(got - want).max() if got.shape == want.shape else '-'}")
    else:
        print(f"{name}: ok, {len(onnx.load(path).graph.node)} nodes")
sys.exit(bad)
