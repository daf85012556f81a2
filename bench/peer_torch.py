"""PyTorch's side of the paired benchmarks.

Reads lines "NAME COUNT" from standard input, runs the case COUNT times and answers with one line:
seconds and involuntary context switches. "NAME 0" prepares and warms up. THREADS sets the thread count.
"""
import os
import resource
import sys
import time

THREADS = int(os.environ.get("THREADS", "2"))
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)
os.environ["MKL_DYNAMIC"] = "FALSE"

import torch  # noqa: E402
import torch.nn as nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(THREADS)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5, padding=2)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.f1, self.f2, self.f3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.f3(F.relu(self.f2(F.relu(self.f1(x.flatten(1))))))


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.f1, self.f2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c2(F.relu(self.c1(x)))), 2)
        return self.f2(F.relu(self.f1(x.flatten(1))))


def train(model, *shape):
    torch.manual_seed(0)
    x, y = torch.randn(*shape), torch.randint(0, 10, (shape[0],))
    opt = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        opt.zero_grad()
        F.cross_entropy(model(x), y).backward()
        opt.step()

    return step


def gemm(m, n, k):
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
    return lambda: torch.mm(a, b, out=c)


def mlp():
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def add(n):
    a, b = torch.randn(n), torch.randn(n)
    return lambda: a + b


def make(name):
    kind, _, rest = name.partition("/")
    if kind == "gemm":
        return gemm(*map(int, rest.split("x")))
    if kind == "add":
        return add(int(rest))
    batch = int(rest.lstrip("b"))
    if kind == "mlp":
        return train(mlp(), batch, 784)
    if kind == "lenet":
        return train(LeNet(), batch, 1, 28, 28)
    if kind == "cnn":
        return train(CNN(), batch, 1, 28, 28)
    raise SystemExit(f"peer: unknown case {name}")


def main():
    cases = {}
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        if name not in cases:
            cases[name] = make(name)
            for _ in range(3):
                cases[name]()
        f = cases[name]
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        start = time.perf_counter()
        for _ in range(int(count)):
            f()
        seconds = time.perf_counter() - start
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - switches
        print(seconds, switches, flush=True)


main()
