"""Writes the reference files of the tests. Made with h5py 3.16.0 (HDF5 2.0) and numpy 2.4.6."""
import pathlib

import h5py
import numpy as np

here = pathlib.Path(__file__).parent
x = np.arange(60, dtype=np.float32).reshape(5, 3, 4) / 7


def fill(f):
    f["plain"] = x
    f["deep/er/double"] = x.astype(np.float64)
    f["deep/half"] = x.astype(np.float16)
    f["bytes"] = np.arange(-3, 4, dtype=np.int8)
    f["words"] = np.arange(7, dtype=np.uint16)
    f["longs"] = np.array([-(2**40), 0, 2**40])
    f["big"] = x.astype(">f4")
    f["truth"] = np.array([True, False, True])


def chunks(f):
    f.create_dataset("gzip", data=x, chunks=(2, 2, 3), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("lzf", data=np.zeros((5, 40), np.float32) + 3, chunks=(2, 40), compression="lzf")
    f.create_dataset("many", data=np.arange(1100, dtype=np.int32), chunks=(1,))
    f.create_dataset("one", data=x, chunks=x.shape, compression="gzip")
    sparse = f.create_dataset("sparse", shape=(6, 2), dtype="f4", chunks=(2, 2), fillvalue=9)
    sparse[2:4] = 1


with h5py.File(here / "earliest.h5", "w", libver="earliest") as f:
    fill(f)
    f["text"] = np.bytes_("lenet_iter_10.caffemodel.h5")
    for i in range(20):
        f[f"group/{i:02}"] = np.float32(i)
with h5py.File(here / "latest.h5", "w", libver="latest") as f:
    fill(f)
with h5py.File(here / "chunks.h5", "w", libver="earliest") as f:
    chunks(f)
    f.create_dataset("grows", data=x, chunks=(2, 3, 4), maxshape=(None, 3, 4))
with h5py.File(here / "chunks_latest.h5", "w", libver="latest") as f:
    chunks(f)
with h5py.File(here / "refused.h5", "w", libver="latest") as f:
    f.create_dataset("grows", data=x, chunks=(2, 3, 4), maxshape=(None, 3, 4))
    f["variable"] = "text"
    f["complex"] = np.zeros(2, np.complex64)
with h5py.File(here / "dense.h5", "w", libver="latest") as f:
    for i in range(20):
        f[f"{i:02}"] = np.float32(i)
