"""PyTorch's DataLoader over a folder of JPEG files: decode, resize, normalise, batches of 32.

Usage: python peer_loader.py DIR WORKERS DRAFT   (torch, torchvision, Pillow)
After a pass to warm up, every line read starts a pass whose seconds are printed. DRAFT 1 lets libjpeg decode
at a reduced size (Pillow's draft mode). Worker processes live on between passes.
"""
import sys
import time

import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

folder, workers, draft = sys.argv[1], *map(int, sys.argv[2:4])


def load(path):
    with open(path, "rb") as f:
        img = Image.open(f)
        if draft:
            img.draft("RGB", (224, 224))
        return img.convert("RGB")


torch.set_num_threads(2 if workers == 0 else 1)
data = datasets.ImageFolder(folder, transforms.Compose([
    transforms.Resize((224, 224)),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
]), loader=load)
loader = DataLoader(data, batch_size=32, num_workers=workers, persistent_workers=workers > 0)


def once():
    start, n = time.perf_counter(), 0
    for x, y in loader:
        n += len(y)
    assert n == len(data) and tuple(x.shape[1:]) == (3, 224, 224)
    return time.perf_counter() - start


once()
print("ready", flush=True)
for line in sys.stdin:
    print(once(), flush=True)
