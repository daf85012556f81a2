"""Makes a folder of JPEG files of several sizes, qualities and samplings from a few photos.

Usage: python photos.py DIR PHOTO...   (Pillow; 64 files for each photo, which is a class)
Photos smaller than a size are tiled, larger ones are cropped.
"""
import pathlib
import random
import sys

from PIL import Image

SIZES = [(500, 375), (640, 480), (500, 333), (800, 600), (375, 500), (1024, 768), (640, 427), (300, 400)]
random.seed(0)
out = pathlib.Path(sys.argv[1])
for k, name in enumerate(sys.argv[2:]):
    photo = Image.open(name).convert("RGB")
    mirrored = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    (out / str(k)).mkdir(parents=True, exist_ok=True)
    for i in range(64):
        w, h = SIZES[i % len(SIZES)]
        nx, ny = -(-w // photo.width) + 1, -(-h // photo.height) + 1
        tiled = Image.new("RGB", (nx * photo.width, ny * photo.height))
        for x in range(nx):
            for y in range(ny):
                tiled.paste(mirrored if (x + y) % 2 else photo, (x * photo.width, y * photo.height))
        x, y = random.randint(0, tiled.width - w), random.randint(0, tiled.height - h)
        tiled.crop((x, y, x + w, y + h)).save(
            out / str(k) / f"{i:03d}.jpg", quality=(75, 85, 90, 95)[i % 4], subsampling=(2, 2, 1, 0)[i // 4 % 4])
