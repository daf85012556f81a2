"""Records what torchvision's functional transforms make of a photo, in transforms.json.gz.

Usage: python3 record.py PHOTO.png   (torchvision 0.29.2; any photo of at least 240×120)
Every case: name, arguments (as the test reads them), dtype, shape and the bytes of the result.
"""
import base64
import gzip
import json
import pathlib
import sys

import torch
import torchvision
from torchvision.transforms.v2 import functional as F
from torchvision.transforms import InterpolationMode as I
from torchvision.io import ImageReadMode, decode_image

photo = decode_image(sys.argv[1], mode=ImageReadMode.RGB)[:, 60:97, 190:231].contiguous()  # 37×41
floats = F.to_dtype(photo, torch.float32, scale=True)
MODES = {"bilinear": I.BILINEAR, "bicubic": I.BICUBIC, "nearest": I.NEAREST, "nearest exact": I.NEAREST_EXACT}
cases = []


def pack(x):
    return {"dtype": str(x.dtype).removeprefix("torch."), "shape": list(x.shape),
            "data": base64.b64encode(x.contiguous().numpy().tobytes()).decode()}


def add(name, result, *args, source="u8"):
    cases.append({"name": name, "args": args, "source": source, **pack(result)})


for kind, mode in MODES.items():
    for size in ([15, 20], [60, 53], [37, 19]):
        for antialias in (True, False):
            if not antialias and "nearest" in kind:
                continue
            add(f"resize {kind}{'' if antialias else ' plain'}", F.resize(photo, size, mode, antialias=antialias), *size)
for antialias in (True, False):
    for kind in ("bilinear", "bicubic"):
        add(f"resize {kind}{'' if antialias else ' plain'}",
            F.resize(floats, [15, 20], MODES[kind], antialias=antialias), 15, 20, source="f32")
add("fit", F.resize(photo, [24]), 24, 0)
add("fit", F.resize(photo, [24], max_size=25), 24, 25)
for size in ([20, 21], [50, 44], [20, 50]):
    add("center crop", F.center_crop(photo, size), *size)
for f in (0.0, 0.4, 1.7):
    for name, g in (("brightness", F.adjust_brightness), ("contrast", F.adjust_contrast),
                    ("saturation", F.adjust_saturation), ("sharpness", F.adjust_sharpness)):
        add(name, g(photo, f), f)
for name, g in (("brightness", F.adjust_brightness), ("contrast", F.adjust_contrast), ("saturation", F.adjust_saturation),
                ("sharpness", F.adjust_sharpness)):
    add(name, g(floats, 1.7), 1.7, source="f32")
for f in (-0.4, 0.1, 0.5):
    add("hue", F.adjust_hue(photo, f), f)
for n in (1, 3):
    add("gray", F.rgb_to_grayscale(photo, n), n)
for mode, k in (("constant", 0), ("edge", 1), ("reflect", 2), ("symmetric", 3)):
    add("pad", F.pad(photo, [3, 5, 7, 2], fill=9 if k == 0 else None, padding_mode=mode), k)
for kernel, sigma in ((3, 0.8), (9, 2.5), (5, None)):
    add("blur", F.gaussian_blur(photo, [kernel, kernel], None if sigma is None else [sigma, sigma]), kernel, sigma or 0)
for angle, mode, expand in ((30, I.NEAREST, False), (-75, I.BILINEAR, False), (30, I.BILINEAR, True), (90, I.NEAREST, True)):
    add("rotate", F.rotate(photo, angle, mode, expand), angle, int(mode == I.BILINEAR), int(expand))
for args in ((20, 4, -3, 1.2, 0, 0, 1), (-10, 0, 0, 0.7, 15, -8, 0), (0, 5, 2, 1, 0, 0, 0)):
    a, tx, ty, s, hx, hy, lin = args
    add("affine", F.affine(photo, a, [tx, ty], s, [hx, hy], I.BILINEAR if lin else I.NEAREST), *args)
add("invert", F.invert(photo))
add("solarize", F.solarize(photo, 128), 128)
add("posterize", F.posterize(photo, 3), 3)
add("auto contrast", F.autocontrast(photo[:, 3:20, 3:20]))
add("equalize", F.equalize(photo))
add("horizontal flip", F.horizontal_flip(photo))
add("vertical flip", F.vertical_flip(photo))
add("normalize", F.normalize(floats, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
add("to u8", F.to_dtype(floats, torch.uint8, scale=True), source="f32")

out = {"by": f"torchvision {torchvision.__version__}", "photo": pack(photo), "cases": cases}
text = "{" + f'"by": {json.dumps(out["by"])}, "photo": {json.dumps(out["photo"])}, "cases": [\n'
text += ",\n".join(map(json.dumps, cases)) + "\n]}\n"
(pathlib.Path(__file__).parent / "transforms.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
