"""Writes a photo as PNG, WebP, GIF and JPEG files, and what Pillow reads from them, to files.json.

Usage: python3 record_files.py PHOTO.png   (Pillow 13.0.0; any photo of at least 240×120)
"""
import base64
import io
import json
import pathlib
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

photo = Image.open(sys.argv[1]).convert("RGB").crop((190, 60, 221, 97))
alpha = photo.copy()
alpha.putalpha(photo.convert("L"))
cases = []


def add(name, img, kind, mode="RGB", **save):
    out = io.BytesIO()
    img.save(out, kind, **save)
    read = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue()))).convert(mode)
    a = np.asarray(read)
    a = a[None] if a.ndim == 2 else a.transpose(2, 0, 1)
    cases.append({"name": name, "mode": mode, "file": base64.b64encode(out.getvalue()).decode(),
                  "shape": list(a.shape), "crc": zlib.crc32(a.tobytes()), "mean": float(a.mean())})


add("png", photo, "png")
add("png gray", photo.convert("L"), "png", "L")
add("png rgb as gray", photo, "png", "L")
add("png gray as rgb", photo.convert("L"), "png")
add("png palette", photo.quantize(40), "png")
add("png transparent", alpha, "png", "RGBA")
add("png transparent as rgb", alpha, "png")
add("webp lossless", photo, "webp", lossless=True)
add("webp", photo, "webp", quality=90)
add("webp transparent", alpha, "webp", "RGBA", quality=90)
add("gif", photo.quantize(32), "gif")
for o in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = o
    add(f"orientation {o}", photo, "jpeg", exif=exif, quality=90)
text = "[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n"
(pathlib.Path(__file__).parent / "files.json").write_text(text)
