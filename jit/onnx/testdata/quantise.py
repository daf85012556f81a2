"""Writes testdata/quant: a small network with residual, depthwise and padded layers, quantised by onnxruntime 1.32.0 (onnx
1.23.2) in several ways, an input and what onnxruntime computes. Run in this folder: python quantise.py
"""
import logging

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic,
                                      quantize_static)

logging.disable(logging.WARNING)
rng = np.random.default_rng(1)


def network():
    inits, nodes = [], []

    def weight(name, *shape):
        scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
        inits.append(numpy_helper.from_array((rng.standard_normal(shape) * scale).astype(np.float32), name))
        return name

    def node(kind, inputs, output, **attrs):
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attrs))
        return output

    x = node("Conv", ["x", weight("w0", 8, 3, 3, 3), weight("b0", 8)], "c0", pads=[1, 1, 1, 1], strides=[2, 2])
    x = node("Relu", [x], "r0")
    x = y = node("MaxPool", [x], "p0", kernel_shape=[2, 2], strides=[2, 2])
    inits.append(numpy_helper.from_array(np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64), "pads"))
    x = node("Pad", [x, "pads"], "pad")
    x = node("Conv", [x, weight("w1", 8, 1, 3, 3), weight("b1", 8)], "c1", group=8)
    inits.append(numpy_helper.from_array(np.array(0, np.float32), "lo"))
    inits.append(numpy_helper.from_array(np.array(1.5, np.float32), "hi"))
    x = node("Clip", [x, "lo", "hi"], "r1")
    x = node("Conv", [x, weight("w2", 8, 8, 1, 1)], "c2")
    x = node("Add", [x, y], "sum")
    x = node("Concat", [x, y], "cat", axis=1)
    x = node("Transpose", [x], "turned", perm=[0, 1, 3, 2])
    x = node("GlobalAveragePool", [x], "mean")
    x = node("Flatten", [x], "flat")
    x = node("Gemm", [x, weight("w3", 10, 16), weight("b3", 10)], "g", transB=1)
    x = node("MatMul", [x, weight("w4", 10, 5)], "y")
    graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3, 16, 16])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 5])], inits)
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(m)
    onnx.save(m, "/tmp/net.onnx")


class Examples(CalibrationDataReader):
    def __init__(self):
        self.left = [{"x": rng.standard_normal((1, 3, 16, 16)).astype(np.float32)} for _ in range(16)]

    def get_next(self):
        return self.left.pop() if self.left else None


network()
U, I = QuantType.QUInt8, QuantType.QInt8
for name, how in {
    "qdq": dict(quant_format=QuantFormat.QDQ, per_channel=True, activation_type=U, weight_type=I),
    "qdq-signed": dict(quant_format=QuantFormat.QDQ, activation_type=I, weight_type=I),
    "qdq-unsigned": dict(quant_format=QuantFormat.QDQ, activation_type=U, weight_type=U),
    "qoperator": dict(quant_format=QuantFormat.QOperator, per_channel=True, activation_type=U, weight_type=I),
}.items():
    quantize_static("/tmp/net.onnx", f"quant/{name}.onnx", Examples(), **how)
quantize_dynamic("/tmp/net.onnx", "quant/dynamic.onnx", weight_type=I)
x = rng.standard_normal((3, 3, 16, 16)).astype(np.float32)
np.save("quant/x.npy", x)
for name in ["qdq", "qdq-signed", "qdq-unsigned", "qoperator", "dynamic"]:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    y = ort.InferenceSession(f"quant/{name}.onnx", options).run(None, {"x": x})[0]
    np.save(f"quant/{name}.npy", y)
