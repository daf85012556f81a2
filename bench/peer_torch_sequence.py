"""Attention, a transformer and a recurrent network of the paired benchmarks in PyTorch."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.m1, self.m2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, t, 3, self.h, d // self.h).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v)
        x = x + self.o(a.transpose(1, 2).reshape(b, t, d))
        return x + self.m2(F.gelu(self.m1(self.n2(x))))


class Transformer(nn.Module):
    def __init__(self, d=128, h=4, layers=2, classes=10):
        super().__init__()
        self.b = nn.Sequential(*[Block(d, h) for _ in range(layers)])
        self.f = nn.Linear(d, classes)

    def forward(self, x):
        return self.f(self.b(x).mean(1))


class Recurrent(nn.Module):
    def __init__(self, kind, i=128, h=128, classes=10):
        super().__init__()
        self.l = kind(i, h, batch_first=True)
        self.f = nn.Linear(h, classes)

    def forward(self, x):
        return self.f(self.l(x)[0][:, -1])


MODELS = {
    "transformer/b8": (Transformer, (8, 64, 128)),
    "lstm/b32": (lambda: Recurrent(nn.LSTM), (32, 32, 128)),
    "gru/b32": (lambda: Recurrent(nn.GRU), (32, 32, 128)),
}


def attention(kind, rest):
    """attention/BxHxTxD, forward without gradients; attention_step is forward and backward."""
    size, _, causal = rest.partition("_")
    b, h, t, d = map(int, size.split("x"))
    step = kind == "attention_step"
    q, k, v = (torch.randn(b, h, t, d, requires_grad=step) for _ in range(3))
    g = torch.randn(b, h, t, d)

    def run():
        y = F.scaled_dot_product_attention(q, k, v, is_causal=bool(causal))
        if step:
            q.grad = k.grad = v.grad = None
            y.backward(g)

    return run
