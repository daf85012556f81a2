"""Cuts the first 4,000 images and labels out of Fashion-MNIST's test set.

Usage: python3 fashion.py t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz   (writes fashion-*.gz beside this file)
"""
import gzip
import pathlib
import struct
import sys

HERE, N = pathlib.Path(__file__).parent, 4000
images, labels = (gzip.open(p).read() for p in sys.argv[1:3])
images = images[:4] + struct.pack(">I", N) + images[8:16 + N * 784]
labels = labels[:4] + struct.pack(">I", N) + labels[8:8 + N]
for name, data in (("images-idx3", images), ("labels-idx1", labels)):
    (HERE / f"fashion-{name}-ubyte.gz").write_bytes(gzip.compress(data, 9, mtime=0))
