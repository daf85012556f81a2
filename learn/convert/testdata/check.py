# Runs the models NAME.onnx of a folder in onnxruntime on the inputs of NAME.json and compares the outputs with
# what the estimators said.
import glob
import json
import sys

import numpy as np
import onnx
import onnxruntime

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(string)": object}
count, bad = 0, []
for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    name = path[: -len(".onnx")]
    with open(name + ".json") as f:
        case = json.load(f)
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        feeds = {}
        for v in session.get_inputs():
            rows = [[np.nan if x is None else x for x in row] for row in case["inputs"][v.name]]
            feeds[v.name] = np.array(rows, dtype=TYPES[v.type])
        double = any(v.type == "tensor(double)" for v in session.get_inputs())
        for output in session.get_outputs():
            want = case["outputs"].get(output.name)
            if want is None:
                continue
            want = np.array([[np.nan if x is None else x for x in row] for row in want])
            got = session.run([output.name], feeds)[0]
            scale = np.abs(want).max()
            tol = 0 if output.name == "label" else (2e-6 if double else 3e-5) * scale
            count += 1
            if got.size != want.size or not np.all(np.abs(got.reshape(want.shape) - want) <= tol):
                bad.append(f"{name} {output.name}: shapes {got.shape} {want.shape}, off by "
                           f"{np.abs(got.reshape(want.shape) - want).max() if got.size == want.size else '-'}")
    except Exception as e:
        bad.append(f"{name}: {str(e)[:600]}")
print("\n".join(bad))
print(f"{count} outputs compared, {len(bad)} failures")
sys.exit(len(bad) > 0 or count == 0)
