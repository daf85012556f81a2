"""Writes inplace.txt: what PyTorch does for writes to tensors that autograd tracks.

    python inplace.py > inplace.txt

Each case of CASES is a small program, one statement a line, that this script and inplace_tape_test.go run.
After it come its results: tensors (%), gradients (+) and second gradients (*) of leaves, or the kind of error (!).
"""
import re
import sys

import torch

sys.path.insert(0, __file__.rsplit("/", 1)[0])

UNARY = "exp sigmoid relu sqrt neg square sin tanh clone detach abs log floor reciprocal round sign".split()
BINARY = "add sub mul div pow maximum".split()

ERRORS = [  # first match wins
    ("a view of a leaf Variable that requires grad", "view of a leaf"),
    ("a leaf Variable that requires grad", "leaf"),
    ("has been modified by an inplace operation", "modified"),
    ("created in no_grad mode", "no_grad view"),
    ("created inside a custom Function", "custom"),
    ("more than one element of the written-to tensor", "overlap"),
    ("result type .* can't be cast", "type"),
    ("doesn't match the broadcast shape", "shape"),
    ("output with shape", "shape"),
    ("expand\\(", "shape"),
    ("The size of tensor", "shape"),
    ("does not require grad", "no grad"),
    ("a second time", "freed"),
]


class Run:
    def __init__(self):
        self.vars, self.leaves, self.retained, self.out = {}, [], [], None
        self.results = []

    def value(self, w):
        return self.vars[w] if w in self.vars else float(w)

    def statement(self, line):
        words = line.split()
        if words[0] == "nograd":
            with torch.no_grad():
                return self.statement(" ".join(words[1:]))
        if words[0] == "backward":
            w = torch.arange(1, self.vars[words[1]].numel() + 1, dtype=torch.float64)
            y = self.vars[words[1]]
            return torch.autograd.backward(y, w.reshape(y.shape), retain_graph=True)
        if words[0] in ("out", "hook", "retain"):
            x = self.vars[words[1]]
            if words[0] == "out":
                self.out = words[1]
            elif words[0] == "hook":
                x.register_hook(lambda g, k=float(words[2]): g * k)
            else:
                x.retain_grad()
                self.retained.append(words[1])
            return None
        if len(words) > 2 and words[1] == "=":
            self.vars[words[0]] = self.make(words[0], words[2], words[3:])
            return None
        self.write(words[0], words[1:])

    def tensor(self, words):
        shape = [int(n) for n in re.match(r"\[(.*)\]", words[0]).group(1).split(",") if n]
        return torch.tensor([float(v) for v in words[1:]], dtype=torch.float64).reshape(shape).clone()

    def make(self, name, f, a):
        if f in ("leaf", "const"):
            x = self.tensor(a)
            if f == "leaf":
                x.requires_grad_()
                self.leaves.append(name)
            return x
        if f == "ints":
            return self.tensor(a).long()
        x, n = self.vars[a[0]], a[1:]
        if f in UNARY:
            return getattr(torch, f)(x) if f != "detach" else x.detach()
        if f in BINARY:
            v = self.value(n[0])
            return getattr(torch, f)(x, v if isinstance(v, torch.Tensor) or f != "maximum" else torch.tensor(v))
        i = [int(v) for v in n if re.fullmatch(r"-?\d+", v)]
        return {
            "narrow": lambda: x.narrow(*i), "select": lambda: x.select(*i), "reshape": lambda: x.reshape(i),
            "t": lambda: x.t(), "expand": lambda: x.expand(i), "diag": lambda: x.diagonal(),
            "unsqueeze": lambda: x.unsqueeze(*i), "permute": lambda: x.permute(i),
            "step": lambda: x[i[0]::i[1]], "sum": lambda: x.sum(), "gt": lambda: x > float(n[0]),
            "f32": lambda: x.float(), "cat": lambda: torch.cat([x, self.vars[n[0]]]),
            "matmul": lambda: x @ self.vars[n[0]], "leafview": lambda: x.detach().requires_grad_(),
        }[f]()

    def write(self, f, a):
        x, n = self.vars[a[0]], a[1:]
        name = f[:-1]
        if name in UNARY:
            return getattr(x, f)()
        if name in BINARY:
            return getattr(x, f)(self.value(n[0]))
        v = [self.value(w) for w in n]
        if f == "set":  # x[mask] = v
            x[v[0]] = v[1]
        elif f == "setindex":
            x[int(v[0])] = v[1]
        elif f == "setslice":
            x[int(v[0]):int(v[1])] = v[2]
        else:
            {
                "copy_": lambda: x.copy_(torch.as_tensor(v[0], dtype=torch.float64)),
                "fill_": lambda: x.fill_(v[0]), "zero_": lambda: x.zero_(),
                "clamp_": lambda: x.clamp_(v[0], v[1]),
                "masked_fill_": lambda: x.masked_fill_(v[0], v[1]),
                "index_add_": lambda: x.index_add_(0, v[0], v[1]),
                "index_copy_": lambda: x.index_copy_(0, v[0], v[1]),
                "index_fill_": lambda: x.index_fill_(0, v[0], v[1]),
                "index_put_": lambda: x.index_put_((v[0],), v[1]),
                "scatter_": lambda: x.scatter_(0, v[0], v[1]),
                "scatter_add_": lambda: x.scatter_add_(0, v[0], v[1]),
                "masked_scatter_": lambda: x.masked_scatter_(v[0], v[1]),
                "lerp_": lambda: x.lerp_(v[0], v[1]),
                "addcmul_": lambda: x.addcmul_(v[0], v[1]),
                "requires_grad_": lambda: x.requires_grad_(),
            }[f]()

    def finish(self):
        y = self.vars[self.out]
        self.show("%", self.out, y)
        for name in sorted(self.vars):
            x = self.vars[name]
            if x.dtype == torch.float64 and name != self.out and name not in self.leaves:
                self.show("%", name, x)
        w = torch.arange(1, y.numel() + 1, dtype=y.dtype).reshape(y.shape)
        xs = [self.vars[n] for n in self.leaves]
        if not y.requires_grad:
            raise RuntimeError("does not require grad")
        torch.autograd.backward(y, w, retain_graph=True)
        for name in self.leaves + self.retained:
            self.show("+", name, self.vars[name].grad)
        gs = torch.autograd.grad(y, xs, w, create_graph=True, allow_unused=True)
        loss = sum((g * g).sum() for g in gs if g is not None)
        if isinstance(loss, torch.Tensor) and loss.requires_grad:
            for name, g in zip(self.leaves, torch.autograd.grad(loss, xs, allow_unused=True)):
                self.show("*", name, g)

    def show(self, mark, name, x):
        numbers = "none" if x is None else " ".join(
            "%.12g" % v for v in (x.detach().double() + torch.zeros(x.shape)).flatten().tolist())
        self.results.append(f"{mark} {name} {numbers}")


def kind(e):
    for pattern, name in ERRORS:
        if re.search(pattern, str(e)):
            return name
    raise e


def main():
    text = open(__file__.rsplit("/", 1)[0] + "/inplace_cases.txt").read()
    print(f"# Recorded by inplace.py from PyTorch {torch.__version__.split('+')[0]}.")
    for case in text.strip().split("\n\n"):
        lines = [line for line in case.split("\n") if not line.startswith("//")]
        run = Run()
        try:
            for line in lines[1:]:
                run.statement(line)
            run.finish()
        except RuntimeError as e:
            run.results.append("! " + kind(e))
        print("\n" + "\n".join(lines + run.results))


main()
