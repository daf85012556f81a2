// Matrix products. P gives the elements of the operands in the type W that is computed in, and stores results:
// left(b, row, k), right(b, k, column), store(b, row, column, sum). A block computes tiles of 64×64 in steps of
// 16, a thread 4×4 elements. With several parts, each sums up part of the products into partial.
struct GemmArgs {
  i64 batch, m, n, k, parts, part;
};

template <class W, class P> DEVICE void gemm(const P& p, const GemmArgs& g, Out<W> partial) {
  SHARED(W, left, 16 * 65);
  SHARED(W, right, 16 * 65);
  const u32 t = thread(), ty = t / 16, tx = t % 16;
  const i64 rows = (g.m + 63) / 64, columns = (g.n + 63) / 64, total = g.batch * g.parts * rows * columns;
  for (i64 w = block(); w < total; w += blocks()) {
    i64 row = w / columns % rows * 64, column = w % columns * 64, b = w / (rows * columns);
    i64 lo = b % g.parts * g.part, hi = lo + g.part < g.k ? lo + g.part : g.k, which = b;
    b /= g.parts;
    W sum[4][4];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) sum[i][j] = zero<W>();
    }
    for (i64 k = lo; k < hi; k += 16) {
      for (u32 e = t; e < 64 * 16; e += 256) {
        u32 r = e / 16, c = e % 16;
        left[c * 65 + r] = row + r < g.m && k + c < hi ? p.left(b, row + r, k + c) : zero<W>();
        c = e / 64;
        r = e % 64;
        right[c * 65 + r] = column + r < g.n && k + c < hi ? p.right(b, k + c, column + r) : zero<W>();
      }
      BARRIER();
      for (int c = 0; c < 16; c++) {
        W x[4], y[4];
        for (int i = 0; i < 4; i++) x[i] = left[c * 65 + ty * 4 + i];
        for (int j = 0; j < 4; j++) y[j] = right[c * 65 + tx + 16 * j];
        for (int i = 0; i < 4; i++) {
          for (int j = 0; j < 4; j++) sum[i][j] = sum[i][j] + x[i] * y[j];
        }
      }
      BARRIER();
    }
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        i64 r = row + ty * 4 + i, c = column + tx + 16 * j;
        if (r >= g.m || c >= g.n) continue;
        if (g.parts > 1) {
          partial[(which * g.m + r) * g.n + c] = sum[i][j];
        } else {
          p.store(b, r, c, sum[i][j]);
        }
      }
    }
  }
}

template <class W, class P> DEVICE void gemm_join(const P& p, const GemmArgs& g, Out<W> partial) {
  for (i64 i = first<i64>(); i < g.batch * g.m * g.n; i += step<i64>()) {
    i64 b = i / (g.m * g.n), at = i % (g.m * g.n);
    W sum = zero<W>();
    for (i64 q = 0; q < g.parts; q++) {
      W one = partial[(b * g.parts + q) * g.m * g.n + at];
      sum = sum + one;
    }
    p.store(b, at / g.n, at % g.n, sum);
  }
}

// z = x·y + bias, bias for each column.
template <class T, int R> struct MatMulArgs {
  Head h;
  GemmArgs g;
  i64 shape[R], xs[R], ys[R], zs[R];  // of the batch
  i64 xm, xk, yk, yn, zm, zn, bn;
  In<T> x, y, bias;
  Out<T> z;
  Out<Sum<T> > partial;
  DEVICE Sum<T> left(i64 b, i64 r, i64 k) const {
    return narrow<Sum<T> >(widen(x[place<R>(b, shape, xs) + r * xm + k * xk]));
  }
  DEVICE Sum<T> right(i64 b, i64 k, i64 c) const {
    return narrow<Sum<T> >(widen(y[place<R>(b, shape, ys) + k * yk + c * yn]));
  }
  DEVICE void store(i64 b, i64 r, i64 c, Sum<T> v) const {
    if (bias) v = v + narrow<Sum<T> >(widen(bias[c * bn]));
    z[place<R>(b, shape, zs) + r * zm + c * zn] = narrow<T>(v);
  }
};
template <class T, int R> DEVICE void matmul(const MatMulArgs<T, R>& a) { gemm<Sum<T> >(a, a.g, a.partial); }
template <class T, int R> DEVICE void matmul_join(const MatMulArgs<T, R>& a) { gemm_join<Sum<T> >(a, a.g, a.partial); }

// Convolution and its gradients as products of matrices that are not stored. Spatial sizes are those of three
// axes; c and o count the channels of a group. Positions fit in 32 bits.
template <class T> struct ConvArgs {
  Head h;
  GemmArgs g;
  i64 c, o, in[3], kernel[3], out[3], stride[3], pad[3], dilation[3];
  i64 xs[5], ws[5], ys[5], bn;
  In<T> x, w, y, bias;
  Out<T> z;
  Out<Sum<T> > partial;

  // at is where a position of axes that are counted together lies, but for channels.
  static DEVICE void three(u32 p, const i64* s, u32* v) {
    v[2] = p % (u32)s[2];
    p /= (u32)s[2];
    v[1] = p % (u32)s[1];
    v[0] = p / (u32)s[1];
  }
  static DEVICE u32 volume(const i64* s) { return (u32)(s[0] * s[1] * s[2]); }

  // x at output position p and tap k, both counted over three axes, of channel c of sample n.
  DEVICE Sum<T> tap(i64 n, i64 channel, u32 p, u32 k) const {
    u32 o[3], t[3];
    three(p, out, o);
    three(k, kernel, t);
    i64 at = n * xs[0] + channel * xs[1];
    for (int d = 0; d < 3; d++) {
      i64 i = (i64)o[d] * stride[d] + (i64)t[d] * dilation[d] - pad[d];
      if (i < 0 || i >= in[d]) return 0;
      at += i * xs[2 + d];
    }
    return narrow<Sum<T> >(widen(x[at]));
  }
};

template <class T> struct ConvForward {
  const ConvArgs<T>& a;
  DEVICE Sum<T> left(i64 b, i64 r, i64 k) const {
    u32 taps = a.volume(a.kernel), places = a.volume(a.out);
    return a.tap((u32)r / places, b * a.c + (u32)k / taps, (u32)r % places, (u32)k % taps);
  }
  DEVICE Sum<T> right(i64 b, i64 k, i64 c) const {
    u32 taps = a.volume(a.kernel), t[3];
    a.three((u32)k % taps, a.kernel, t);
    i64 at = (b * a.o + c) * a.ws[0] + (i64)((u32)k / taps) * a.ws[1];
    for (int d = 0; d < 3; d++) at += t[d] * a.ws[2 + d];
    return narrow<Sum<T> >(widen(a.w[at]));
  }
  DEVICE void store(i64 b, i64 r, i64 c, Sum<T> v) const {
    u32 places = a.volume(a.out), o[3];
    a.three((u32)r % places, a.out, o);
    i64 at = (i64)((u32)r / places) * a.ys[0] + (b * a.o + c) * a.ys[1];
    for (int d = 0; d < 3; d++) at += o[d] * a.ys[2 + d];
    if (a.bias) v = v + narrow<Sum<T> >(widen(a.bias[(b * a.o + c) * a.bn]));
    a.z[at] = narrow<T>(v);
  }
};

// dx: for each position of x, over output channels and taps that reach it.
template <class T> struct ConvInput {
  const ConvArgs<T>& a;
  DEVICE Sum<T> left(i64 b, i64 r, i64 k) const {
    u32 taps = a.volume(a.kernel), places = a.volume(a.in), i[3], t[3];
    a.three((u32)r % places, a.in, i);
    a.three((u32)k % taps, a.kernel, t);
    i64 at = (i64)((u32)r / places) * a.ys[0] + (b * a.o + (u32)k / taps) * a.ys[1];
    for (int d = 0; d < 3; d++) {
      i64 p = (i64)i[d] + a.pad[d] - (i64)t[d] * a.dilation[d];
      if (p < 0 || p % a.stride[d] != 0 || p / a.stride[d] >= a.out[d]) return 0;
      at += p / a.stride[d] * a.ys[2 + d];
    }
    return narrow<Sum<T> >(widen(a.y[at]));
  }
  DEVICE Sum<T> right(i64 b, i64 k, i64 c) const {
    u32 taps = a.volume(a.kernel), t[3];
    a.three((u32)k % taps, a.kernel, t);
    i64 at = (b * a.o + (u32)k / taps) * a.ws[0] + c * a.ws[1];
    for (int d = 0; d < 3; d++) at += t[d] * a.ws[2 + d];
    return narrow<Sum<T> >(widen(a.w[at]));
  }
  DEVICE void store(i64 b, i64 r, i64 c, Sum<T> v) const {
    u32 places = a.volume(a.in), i[3];
    a.three((u32)r % places, a.in, i);
    i64 at = (i64)((u32)r / places) * a.xs[0] + (b * a.c + c) * a.xs[1];
    for (int d = 0; d < 3; d++) at += i[d] * a.xs[2 + d];
    a.z[at] = narrow<T>(v);
  }
};

// dw: for each output channel and each tap of each input channel, over positions of y.
template <class T> struct ConvWeight {
  const ConvArgs<T>& a;
  DEVICE Sum<T> left(i64 b, i64 r, i64 k) const {
    u32 places = a.volume(a.out), o[3];
    a.three((u32)k % places, a.out, o);
    i64 at = (i64)((u32)k / places) * a.ys[0] + (b * a.o + r) * a.ys[1];
    for (int d = 0; d < 3; d++) at += o[d] * a.ys[2 + d];
    return narrow<Sum<T> >(widen(a.y[at]));
  }
  DEVICE Sum<T> right(i64 b, i64 k, i64 c) const {
    u32 taps = a.volume(a.kernel), places = a.volume(a.out);
    return a.tap((u32)k / places, b * a.c + (u32)c / taps, (u32)k % places, (u32)c % taps);
  }
  DEVICE void store(i64 b, i64 r, i64 c, Sum<T> v) const {
    u32 taps = a.volume(a.kernel), t[3];
    a.three((u32)c % taps, a.kernel, t);
    i64 at = (b * a.o + r) * a.ws[0] + (i64)((u32)c / taps) * a.ws[1];
    for (int d = 0; d < 3; d++) at += t[d] * a.ws[2 + d];
    a.z[at] = narrow<T>(v);
  }
};
template <class T, template <class> class P> DEVICE void conv(const ConvArgs<T>& a) {
  P<T> p = {a};
  gemm<Sum<T> >(p, a.g, a.partial);
}
template <class T, template <class> class P> DEVICE void conv_join(const ConvArgs<T>& a) {
  P<T> p = {a};
  gemm_join<Sum<T> >(p, a.g, a.partial);
}
