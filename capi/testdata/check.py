"""Runs the model of argv[1], y = relu(x·w + b), through the installed wheel."""
import sys
import threading

import lathe_runtime
import numpy

want = numpy.array([[14.5, 0], [32.5, 0]], numpy.float32)
x = numpy.arange(1, 7, dtype=numpy.float32).reshape(2, 3)
model = lathe_runtime.Model(sys.argv[1])
assert [repr(p) for p in model.inputs + model.outputs] == ["x: float32[2, 3]", "y: float32[2, 2]"], model
assert (model(x) == want).all()
assert (model(x.astype(float)) == want).all(), "another type is converted"
assert (model(numpy.asfortranarray(x)) == want).all(), "another order is copied"
out = numpy.full((2, 2), -1, numpy.float32)
assert model.run(x, out=[out])[0] is out and (out == want).all(), "results lie where the caller says"


def refused(f, text):
    try:
        f()
    except lathe_runtime.Error as e:
        assert text in str(e), e
    else:
        raise AssertionError(f"no error with {text!r}")


refused(lambda: lathe_runtime.Model("none.onnx"), "no such file")
refused(lambda: lathe_runtime.Model(sys.argv[2]), "not")
refused(lambda: model(x[:1]), "shape [1 3]")
refused(lambda: model(x, x), "2 inputs, the model has 1")
refused(lambda: model.run(x, out=[out.astype(float)]), "out: want")


def many():
    for _ in range(200):
        assert (model(x) == want).all()


threads = [threading.Thread(target=many) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
with lathe_runtime.Model(sys.argv[1], shapes={"x": (5, 3)}) as wide:
    assert wide.outputs[0].shape == (5, 2), wide
model.close()
refused(lambda: model.run(x), "not open")
print("passed")
