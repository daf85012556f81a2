"""The cases of the paired benchmarks in PyTorch; a list holds ways of which the fastest counts."""
import torch
import torch.nn as nn
import torch.nn.functional as F

import peer_torch_models as models
import peer_torch_sequence as sequence


def train(model, *shape):
    torch.manual_seed(0)
    x, y = torch.randn(*shape), torch.randint(0, 10, (shape[0],))
    opt = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        opt.zero_grad()
        F.cross_entropy(model(x), y).backward()
        opt.step()

    return step


def compiled(name):
    """A training step in eager mode and through torch.compile."""
    make_model, shape = {
        "mlp/b32": (models.mlp, (32, 784)),
        "lenet/b64": (models.LeNet, (64, 1, 28, 28)),
        "cnn/b64": (models.CNN, (64, 1, 28, 28)),
    }.get(name) or sequence.MODELS[name]
    return [train(make_model(), *shape), train(torch.compile(make_model()), *shape)]


def chain(n):
    """gelu(x*w + b) in eager mode and through torch.compile."""
    x, w, b = torch.randn(n // 64, 64), torch.randn(64), torch.randn(64)

    def f(x):
        return F.gelu(x * w + b, approximate="tanh")

    c = torch.compile(f)
    return [torch.no_grad()(lambda: f(x)), torch.no_grad()(lambda: c(x))]


def fused_rows(kind, shape):
    """Softmax or layer norm of rows in eager mode and through torch.compile."""
    r, c = map(int, shape.split("x"))
    x, f = torch.randn(r, c), ROWS[kind](c)
    g = torch.compile(f)
    return [torch.no_grad()(lambda: f(x)), torch.no_grad()(lambda: g(x))]


def adam(n):
    """A step of Adam on one tensor: eager, foreach, fused, and through torch.compile."""
    def step(compiled, **how):
        p = torch.randn(n, requires_grad=True)
        p.grad = torch.randn(n)
        opt = torch.optim.Adam([p], lr=1e-3, **how)
        return torch.compile(opt.step) if compiled else opt.step

    return [step(False), step(False, fused=True), step(True)]


def train_nhwc(model, *shape):
    model = model.to(memory_format=torch.channels_last)
    x = torch.randn(*shape).to(memory_format=torch.channels_last)
    y = torch.randint(0, 10, (shape[0],))
    opt = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        opt.zero_grad()
        F.cross_entropy(model(x), y).backward()
        opt.step()

    return step


MODELS = {
    "mlp/b32": lambda: train(models.mlp(), 32, 784),
    "mlp/b64": lambda: train(models.mlp(), 64, 784),
    "lenet/b64": lambda: train(models.LeNet(), 64, 1, 28, 28),
    "cnn/b64": lambda: train(models.CNN(), 64, 1, 28, 28),
    "resnet18/b8": lambda: [train(models.resnet18(), 8, 3, 224, 224),
                            train_nhwc(models.resnet18(), 8, 3, 224, 224)],
}
MODELS |= {n: lambda m=m, s=s: train(m(), *s) for n, (m, s) in sequence.MODELS.items()}

# name: channels in, extent, channels out, kernel, stride, padding, groups
CONV = {
    "c3x3_64x56": (64, 56, 64, 3, 1, 1, 1),
    "c3x3_128x28": (128, 28, 128, 3, 1, 1, 1),
    "c3x3_256x14": (256, 14, 256, 3, 1, 1, 1),
    "c3x3_512x7": (512, 7, 512, 3, 1, 1, 1),
    "c1x1_64_256x56": (64, 56, 256, 1, 1, 0, 1),
    "c1x1_256_64x56": (256, 56, 64, 1, 1, 0, 1),
    "c1x1_1024_256x14": (1024, 14, 256, 1, 1, 0, 1),
    "c1x1s2_256_512x56": (256, 56, 512, 1, 2, 0, 1),
    "c7x7s2_3_64x224": (3, 224, 64, 7, 2, 3, 1),
    "c3x3s2_64_128x56": (64, 56, 128, 3, 2, 1, 1),
    "dw3x3_128x56": (128, 56, 128, 3, 1, 1, 128),
    "dw3x3s2_128x56": (128, 56, 128, 3, 2, 1, 128),
    "lenet5x5_6_16x14": (6, 14, 16, 5, 1, 0, 1),
    "caffenet1": (3, 227, 96, 11, 4, 0, 1),
    "caffenet2": (96, 27, 256, 5, 1, 2, 2),
    "caffenet3": (256, 13, 384, 3, 1, 1, 1),
    "caffenet4": (384, 13, 384, 3, 1, 1, 2),
    "caffenet5": (384, 13, 256, 3, 1, 1, 2),
}


def conv(kind, rest):
    name, _, n = rest.rpartition("_N")
    ci, h, co, k, s, p, g = CONV[name]
    ways = []
    for layout in (torch.contiguous_format, torch.channels_last):
        x = torch.randn(int(n), ci, h, h).to(memory_format=layout)
        w = torch.randn(co, ci // g, k, k).to(memory_format=layout)
        b = torch.randn(co)
        if kind == "conv_fwd":
            ways.append(lambda x=x, w=w, b=b: F.conv2d(x, w, b, s, p, 1, g))
            continue
        for t in (x, w, b):
            t.requires_grad_(True)
        y = F.conv2d(x, w, b, s, p, 1, g)
        dy = torch.ones_like(y)
        ways.append(lambda y=y, x=x, w=w, b=b, dy=dy: torch.autograd.grad(y, (x, w, b), dy, retain_graph=True))
    return ways


def quantised(kind, rest):
    """An 8-bit layer with ReLU; packed weights, bytes in and out."""
    def bytes_of(*shape):
        return torch.quantize_per_tensor(torch.full(shape, 0.05), 0.05, 64, torch.quint8)

    def weights(out, *shape):
        return torch.quantize_per_channel(torch.full((out, *shape), 0.02), torch.full((out,), 0.02),
                                          torch.zeros(out, dtype=torch.int64), 0, torch.qint8)

    if kind == "linear_int8":
        m, n, k = map(int, rest.split("x"))
        x, p = bytes_of(m, k), torch.ops.quantized.linear_prepack(weights(n, k), torch.zeros(n))
        return lambda: torch.ops.quantized.linear_relu(x, p, 0.1, 0)
    name, _, batch = rest.rpartition("_N")
    ci, h, co, k, s, pad, g = CONV[name]
    x = bytes_of(int(batch), ci, h, h).contiguous(memory_format=torch.channels_last)
    p = torch.ops.quantized.conv2d_prepack(weights(co, ci // g, k, k), torch.zeros(co), [s, s], [pad, pad], [1, 1], g)
    return lambda: torch.ops.quantized.conv2d_relu(x, p, 0.1, 0)


def gemm(kind, shape):
    m, n, k = map(int, shape.split("x"))
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
    if kind == "gemm_nt":
        b = torch.randn(n, k).t()
    return lambda: torch.mm(a, b, out=c)


def side(n):
    r = 1
    while r * r < n:
        r *= 2
    return r


def positive(n):
    return torch.rand(n) * 0.9 + 0.1


def one(f, make=torch.randn):
    def case(n):
        x = make(n)
        return lambda: f(x)
    return case


def two(f):
    def case(n):
        x, y = torch.randn(n), positive(n)
        return lambda: f(x, y)
    return case


def where(n):
    x, y = torch.randn(n), torch.randn(n)
    c = x > 0
    return lambda: torch.where(c, x, y)


def power(n):
    x, y = positive(n), torch.randn(n)
    return lambda: torch.pow(x, y)


def typed(f, dtype, count=1):
    def case(n):
        xs = [(torch.randn(n) * 10).to(dtype) for _ in range(count)]
        return lambda: f(*xs)
    return case


def broadcast(shape):
    def case(n):
        r = side(n)
        x, y = torch.randn(r, r), torch.randn(*shape(r))
        return lambda: x + y
    return case


def square(f):
    def case(n):
        x = torch.randn(side(n), side(n))
        return lambda: f(x)
    return case


def transposed(n):
    x, y = torch.randn(side(n), side(n)), torch.randn(side(n), side(n)).t()
    return lambda: x + y


OP = {
    "add": two(torch.add), "mul": two(torch.mul), "div": two(torch.div), "maximum": two(torch.maximum),
    "gt": two(torch.gt), "where": where, "add_scalar": one(lambda x: x + 2.5), "copy": one(torch.clone),
    "neg": one(torch.neg), "abs": one(torch.abs), "relu": one(torch.relu),
    "clamp": one(lambda x: x.clamp(-1, 1)), "exp": one(torch.exp), "expm1": one(torch.expm1),
    "log": one(torch.log, positive), "log1p": one(torch.log1p, positive), "tanh": one(torch.tanh),
    "sigmoid": one(torch.sigmoid), "erf": one(torch.erf), "gelu": one(F.gelu), "silu": one(F.silu),
    "softplus": one(F.softplus), "sin": one(torch.sin), "cos": one(torch.cos), "tan": one(torch.tan),
    "sqrt": one(torch.sqrt, positive), "rsqrt": one(torch.rsqrt, positive), "pow": power,
    "pow3": one(lambda x: x ** 3), "to_f64": one(lambda x: x.to(torch.float64)),
    "to_bf16": one(lambda x: x.to(torch.bfloat16)), "add_f64": typed(torch.add, torch.float64, 2),
    "exp_f64": typed(torch.exp, torch.float64), "add_i64": typed(torch.add, torch.int64, 2),
    "add_row": broadcast(lambda r: (r,)), "add_col": broadcast(lambda r: (r, 1)), "add_transposed": transposed,
    "dropout": one(lambda x: F.dropout(x, 0.1)), "rand": lambda n: lambda: torch.rand(n),
    "randn": lambda n: lambda: torch.randn(n),
}


def add_grad(n):
    x, y = torch.randn(n, requires_grad=True), torch.randn(n)
    return lambda: x + y


def mul_sum_backward(n):
    x, y = torch.randn(n, requires_grad=True), torch.randn(n)
    return lambda: (x * y).sum().backward()


OP["add_grad"], OP["mul_sum_backward"] = add_grad, mul_sum_backward

REDUCE = {
    "sum": one(torch.sum), "mean": one(torch.mean), "max": one(torch.max), "argmax": one(torch.argmax),
    "var": one(torch.var), "norm": one(torch.linalg.vector_norm),
    "sum_rows": square(lambda x: x.sum(1)), "sum_cols": square(lambda x: x.sum(0)),
    "max_rows": square(lambda x: x.amax(1)), "max_cols": square(lambda x: x.amax(0)),
    "logsumexp_rows": square(lambda x: x.logsumexp(1)),
    "cumsum_rows": square(lambda x: x.cumsum(1)), "cumsum_cols": square(lambda x: x.cumsum(0)),
}

ROWS = {
    "softmax": lambda c: lambda x: torch.softmax(x, 1),
    "log_softmax": lambda c: lambda x: torch.log_softmax(x, 1),
    "layernorm": lambda c: nn.LayerNorm(c),
}


def row_op(kind, shape):
    r, c = map(int, shape.split("x"))
    backward = kind.endswith("_bwd")
    f = ROWS[kind.removesuffix("_bwd")](c)
    x = torch.randn(r, c, requires_grad=backward)
    if not backward:
        def forward():
            with torch.no_grad():
                f(x)
        return forward if kind != "layernorm" else lambda: f(x)
    y, dy = f(x), torch.randn(r, c)
    return lambda: torch.autograd.grad(y, x, dy, retain_graph=True)


def crossentropy(shape):
    r, c = map(int, shape.split("x"))
    x, y = torch.randn(r, c, requires_grad=True), torch.randint(0, c, (r,))

    def step():
        x.grad = None
        F.cross_entropy(x, y).backward()

    return step


def sorting(kind, n):
    x = torch.randn(n)
    return (lambda: torch.sort(x)) if kind == "sort" else (lambda: torch.topk(x, 100))


def embedding(kind, shape):
    rows, width = map(int, shape.split("x"))
    w, ids = torch.randn(rows, width), torch.randint(0, rows, (4096,))
    if kind == "embedding":
        return lambda: F.embedding(ids, w)
    w.requires_grad_(True)
    dy = torch.randn(4096, width)

    def step():
        w.grad = None
        F.embedding(ids, w).backward(dy)

    return step


def into(name, n):
    f = getattr(torch, name) if name != "relu" else None
    x, y, out = positive(n), positive(n), torch.empty(n)
    if name == "relu":
        return lambda: torch.clamp(x, min=0, out=out)
    if name in ("add", "mul", "div", "maximum", "pow"):
        return lambda: f(x, y, out=out)
    return lambda: f(x, out=out)


def make(name):
    if name in MODELS:
        return MODELS[name]()
    kind, _, rest = name.partition("/")
    if kind in ("compiled", "graph"):
        return compiled(rest)
    if kind == "chain":
        return chain(int(rest))
    if kind == "adam":
        return adam(int(rest))
    if kind == "fused":
        which, _, shape = rest.partition("/")
        return fused_rows(which, shape)
    if kind in ("attention", "attention_step"):
        return sequence.attention(kind, rest)
    if kind in ("gemm", "gemm_nt"):
        return gemm(kind, rest)
    if kind in ("conv_fwd", "conv_bwd"):
        return conv(kind, rest)
    if kind in ("conv_int8", "linear_int8"):
        return quantised(kind, rest)
    if kind == "into":
        which, _, n = rest.partition("/")
        return into(which, int(n))
    if kind in ("op", "dropped", "reduce"):
        which, _, n = rest.partition("/")
        return (REDUCE if kind == "reduce" else OP)[which](int(n))
    if kind.removesuffix("_bwd") in ROWS:
        return row_op(kind, rest)
    if kind == "crossentropy_step":
        return crossentropy(rest)
    if kind in ("sort", "topk"):
        return sorting(kind, int(rest))
    if kind in ("embedding", "embedding_step"):
        return embedding(kind, rest)
    raise SystemExit(f"peer: unknown case {name}")
