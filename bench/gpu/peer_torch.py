"""PyTorch's times of the cases of bench/gpu, in seconds by mode and name, as JSON."""
import json
import sys
import time

import torch
import torch.nn.functional as F

DEV = "cuda"
SIDE, MANY, BATCH = 2048, 1 << 24, 256


def timed(f, n):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(n):
        f()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(f):
    for _ in range(3):
        f()
    n = 1
    while timed(f, n) < 0.02 and n <= 4096:
        n *= 2
    return sorted(timed(f, n) / n for _ in range(5))[2]


def lenet():
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)).to(DEV)


def training(batch, wrap):
    m = lenet()
    x, labels = torch.rand(batch, 1, 28, 28, device=DEV), torch.randint(0, 10, (batch,), device=DEV)
    o = torch.optim.SGD(m.parameters(), lr=0.01, momentum=0.9)
    forward = wrap(lambda x, labels: F.cross_entropy(m(x), labels))

    def step():
        o.zero_grad()
        forward(x, labels).backward()
        o.step()
    return step


def cases(wrap):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    x = torch.rand(MANY, device=DEV)
    a = torch.rand(SIDE, SIDE, device=DEV)
    h = a.half()
    conv = torch.nn.Conv2d(64, 64, 3, padding=1).to(DEV)
    image = torch.rand(BATCH // 8, 64, 56, 56, device=DEV)
    plain = {
        "add": (lambda x: x + x, x),
        "gelu": (F.gelu, x),
        "sum": (torch.sum, x),
        "softmax of rows of 1024": (lambda x: x.reshape(-1, 1024).softmax(1), x),
        f"matmul {SIDE}³ f32": (lambda a: a @ a, a),
        f"matmul {SIDE}³ f16": (lambda h: h @ h, h),
        "conv 64→64 3×3 of 56×56": (conv, image),
    }
    for name, (f, x) in plain.items():
        f = wrap(f)

        def call(f=f, x=x):
            with torch.no_grad():
                f(x)
        yield name, call
    yield "LeNet step", training(BATCH, wrap)
    yield "LeNet step, small batch", training(BATCH // 8 + 1, wrap)


if __name__ == "__main__":
    if not torch.cuda.is_available():
        sys.exit(f"torch {torch.__version__} sees no GPU")
    print(json.dumps({
        "version": torch.__version__,
        "eager": {name: measure(f) for name, f in cases(lambda f: f)},
        "compiled": {name: measure(f) for name, f in cases(torch.compile)},
    }))
