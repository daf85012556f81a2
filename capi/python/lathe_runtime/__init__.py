"""Lathe's models in Python: files of Lathe, ONNX, Caffe and Caffe2 on NumPy arrays, without a compiler.

    import lathe_runtime, numpy
    model = lathe_runtime.Model("net.onnx")
    scores = model(numpy.zeros((1, 3, 224, 224), numpy.float32))

Contiguous arrays of the right type are read where they are; others are copied. A model may be called from several threads at
once: the interpreter's lock is not held while it runs.
"""

import ctypes
import os
import pathlib

import numpy

__all__ = ["Error", "Model", "set_threads"]

_RANK = 8
_TYPES = {1: "?", 2: "u1", 3: "i1", 4: "i2", 5: "i4", 6: "i8", 7: "f2", 9: "f4", 10: "f8", 11: "c8", 12: "c16"}


class Error(RuntimeError):
    """What the library says went wrong."""


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("dtype", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.c_int64 * _RANK),
    ]


class _Info(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char * 128),
        ("dtype", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.c_int64 * _RANK),
    ]


def _load():
    beside = pathlib.Path(__file__).with_name("liblathe.so")
    lib = ctypes.CDLL(os.environ.get("LATHE_LIBRARY", str(beside)))
    handle, number, text = ctypes.c_uint64, ctypes.c_int32, ctypes.c_char_p
    lib.lathe_error.restype = text
    lib.lathe_open.argtypes = [text, text, text, ctypes.POINTER(handle)]
    lib.lathe_close.argtypes = [handle]
    lib.lathe_close.restype = None
    lib.lathe_counts.argtypes = [handle, ctypes.POINTER(number), ctypes.POINTER(number)]
    lib.lathe_input.argtypes = lib.lathe_output.argtypes = [handle, number, ctypes.POINTER(_Info)]
    lib.lathe_run.argtypes = [handle, ctypes.POINTER(_Tensor), number, ctypes.POINTER(_Tensor), number]
    lib.lathe_threads.argtypes = [number]
    lib.lathe_threads.restype = None
    if lib.lathe_version() != 1:
        raise ImportError(f"liblathe.so speaks version {lib.lathe_version()}, want 1")
    return lib


_lib = _load()


def _check(code):
    if code:
        raise Error(_lib.lathe_error().decode("utf-8", "replace"))


def set_threads(n):
    """Sets how many threads a run may use; 0 is all processors. It holds for the whole process."""
    _lib.lathe_threads(n)


class Port:
    """An input or output: name, dtype and shape."""

    def __init__(self, info):
        self.name = info.name.decode("utf-8", "replace")
        if info.dtype not in _TYPES:
            raise Error(f"{self.name}: NumPy has no element type for number {info.dtype}")
        self.code = info.dtype
        self.dtype = numpy.dtype(_TYPES[info.dtype])
        self.shape = tuple(info.shape[: info.rank])

    def __repr__(self):
        return f"{self.name}: {self.dtype}{list(self.shape)}"


def _path(p):
    return None if p is None else os.fsencode(p)


class Model:
    """A model that runs. weights: the caffemodel of a prototxt or the init net of a predict net. shapes: extents of
    inputs that the file leaves free, {"data": (1, 3, 224, 224)}."""

    def __init__(self, path, weights=None, shapes=None):
        self._handle = ctypes.c_uint64()
        text = ";".join(f"{k}={','.join(map(str, v))}" for k, v in (shapes or {}).items())
        _check(_lib.lathe_open(_path(path), _path(weights), text.encode(), ctypes.byref(self._handle)))
        n_in, n_out = ctypes.c_int32(), ctypes.c_int32()
        _check(_lib.lathe_counts(self._handle, ctypes.byref(n_in), ctypes.byref(n_out)))
        self.inputs = [self._port(_lib.lathe_input, i) for i in range(n_in.value)]
        self.outputs = [self._port(_lib.lathe_output, i) for i in range(n_out.value)]

    def _port(self, ask, i):
        info = _Info()
        _check(ask(self._handle, i, ctypes.byref(info)))
        return Port(info)

    def run(self, *arrays, out=None):
        """Returns the outputs as a list of arrays, in those of out where it is given."""
        if len(arrays) != len(self.inputs):
            raise Error(f"{len(arrays)} inputs, the model has {len(self.inputs)}: {self.inputs}")
        kept = [numpy.ascontiguousarray(a, p.dtype).reshape(numpy.shape(a)) for a, p in zip(arrays, self.inputs)]
        if out is None:
            out = [numpy.empty(p.shape, p.dtype) for p in self.outputs]
        for a, p in zip(out, self.outputs):
            if a.dtype != p.dtype or not a.flags.c_contiguous or not a.flags.writeable:
                raise Error(f"out: want writeable contiguous arrays of {self.outputs}")
        _check(_lib.lathe_run(self._handle, _tensors(kept, self.inputs), len(kept), _tensors(out, self.outputs), len(out)))
        return list(out)

    def __call__(self, *arrays):
        """Returns the first output."""
        return self.run(*arrays)[0]

    def close(self):
        """Gives the model back."""
        handle, self._handle = self._handle, ctypes.c_uint64()
        _lib.lathe_close(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", None):
            self.close()

    def __repr__(self):
        return f"lathe_runtime.Model({self.inputs} -> {self.outputs})"


def _tensors(arrays, ports):
    out = (_Tensor * max(len(arrays), 1))()
    for t, a, p in zip(out, arrays, ports):
        t.data, t.dtype, t.rank = a.ctypes.data, p.code, a.ndim
        if a.ndim > _RANK:
            raise Error(f"{p.name}: rank {a.ndim}, want {len(p.shape)}")
        t.shape[: a.ndim] = a.shape
    return out
