"""Writes photos in many kinds of JPEG, and what Pillow decodes from them, to cases.json.

Usage: python3 record.py PHOTO.png   (Pillow 13.0.0 with libjpeg-turbo; any photo of at least 200×120)
A case holds the file (base64), and for each reduction the size and the CRC-32 of the planes.
"""
import base64
import io
import json
import pathlib
import sys
import zlib

import numpy as np
from PIL import Image, features

PHOTO = Image.open(sys.argv[1]).convert("RGB")
cases = []


def planes(data, reduce):
    img = Image.open(io.BytesIO(data))
    if reduce > 1:
        want = (-(-img.width // reduce), -(-img.height // reduce))
        img.draft(None, want)
    img = img.convert("L" if img.mode == "L" else "RGB")
    a = np.asarray(img)
    a = a[None] if a.ndim == 2 else a.transpose(2, 0, 1)
    return [*a.shape, zlib.crc32(a.tobytes())]


def add(name, size, mode="RGB", **save):
    out = io.BytesIO()
    PHOTO.crop((30, 20, 30 + size[0], 20 + size[1])).convert(mode).save(out, "jpeg", **save)
    data = out.getvalue()
    reductions = [1, 2, 4, 8] if size[0] % 16 == 0 and size[1] % 16 == 0 else [1]
    cases.append({
        "name": name, "file": base64.b64encode(data).decode(),
        "want": {str(r): planes(data, r) for r in reductions},
    })


for sampling in ("4:4:4", "4:2:2", "4:2:0"):
    for progressive in (False, True):
        kind = "progressive " if progressive else ""
        add(f"{kind}{sampling}", (96, 64), subsampling=sampling, progressive=progressive, quality=85)
        add(f"{kind}{sampling} odd", (75, 43), subsampling=sampling, progressive=progressive, quality=85)
add("narrow", (5, 40), subsampling="4:2:0", quality=90)
add("4:2:0 one pixel", (1, 1), subsampling="4:2:0")
add("gray", (75, 43), mode="L", quality=80)
add("gray progressive", (64, 48), mode="L", quality=80, progressive=True)
add("cmyk", (50, 40), mode="CMYK", quality=90)
add("best", (64, 48), quality=100, subsampling="4:4:4", optimize=True)
add("worst", (96, 64), quality=3)
add("restarts", (96, 64), quality=75, restart_marker_blocks=3)
add("restarts progressive", (96, 64), quality=75, restart_marker_rows=1, progressive=True)
add("rgb", (64, 48), quality=90, keep_rgb=True)

here = pathlib.Path(__file__).parent
head = {"pillow": Image.__version__ if hasattr(Image, "__version__") else "",
        "libjpeg_turbo": features.version("libjpeg_turbo")}
lines = ",\n".join(json.dumps(c) for c in cases)
(here / "cases.json").write_text(f'{{"by": {json.dumps(head)}, "cases": [\n{lines}\n]}}\n')
