"""The side of ONNX Runtime, and of OpenVINO where it is installed, in the inference benchmarks: the faster counts.

Argument: a folder with NAME.onnx, and NAME.npy as its input. Reads lines "NAME COUNT" from standard input as
peer_torch.py does. NAME/int8 is the model quantised by onnxruntime's own tool: u8 activations, i8 weights with a
scale for each channel. THREADS sets the thread count.
"""
import logging
import os
import resource
import sys
import time

import numpy as np
import onnxruntime as ort

try:
    import openvino as ov
except ImportError:
    ov = None

THREADS = int(os.environ.get("THREADS", "2"))


def int8(path):
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Once(CalibrationDataReader):
        def __init__(self, name, x):
            self.feeds = [{name: x}]

        def get_next(self):
            return self.feeds.pop() if self.feeds else None

    logging.disable(logging.WARNING)
    name = ort.InferenceSession(path + ".onnx").get_inputs()[0].name
    quantize_static(path + ".onnx", path + "-int8.onnx", Once(name, np.load(path + ".npy")),
                    quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8)
    return path + "-int8.onnx"


def make(folder, name):
    base = os.path.join(folder, name.removesuffix("/int8").replace("/", "_"))
    model = int8(base) if name.endswith("/int8") else base + ".onnx"
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 3
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    x = np.load(base + ".npy")
    feed = {session.get_inputs()[0].name: x}
    ways = {"onnxruntime": lambda: session.run(None, feed)}
    if ov is not None:
        core = ov.Core()
        try:
            # exact f32, as on the other side: OpenVINO may take bfloat16 by itself
            request = core.compile_model(model, "CPU", {
                "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1",
                "INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
            ways["openvino"] = lambda: request.infer([x], share_inputs=True, share_outputs=True)
        except RuntimeError as e:  # it refuses some quantised models
            print(name, "openvino:", str(e).strip().splitlines()[-1], file=sys.stderr)
    return best(name, ways)


def best(name, ways):
    """The fastest way, by the least of many runs."""
    least = {}
    for way, f in ways.items():
        for _ in range(5):
            f()
        end, least[way] = time.perf_counter() + 0.4, float("inf")
        while time.perf_counter() < end:
            start = time.perf_counter()
            f()
            least[way] = min(least[way], time.perf_counter() - start)
    print(name, {k: f"{1e3 * v:.4f} ms" for k, v in least.items()}, file=sys.stderr)
    return ways[min(ways, key=least.get)]


def main():
    known = {}
    peers = f"onnxruntime {ort.__version__}"
    print(peers if ov is None else f"{peers} and OpenVINO {ov.__version__.partition('-')[0]}, the faster of them", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        if name not in known:
            known.clear()
            known[name] = make(sys.argv[1], name)
            for _ in range(3):
                known[name]()
        f = known[name]
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        start = time.perf_counter()
        for _ in range(int(count)):
            f()
        seconds = time.perf_counter() - start
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - switches, flush=True)


main()
