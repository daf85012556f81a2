// Matrix products. P gives the elements of the operands in their type, P::Element, and stores results: move(b) goes
// to a matrix of the batch, left(b, row, k), right(b, k, column), store(b, row, column, sum). left_along_k and
// right_along_k say in which direction elements lie side by side; left_four and right_four fetch four of them in this
// direction if they can. With several parts, each sums up part of the products into partial.
struct GemmArgs {
  i64 batch, m, n, k, parts, part;
};

// Part is the tile of a result that a block computes.
struct Part {
  i64 row, column, b, lo, hi, which;
  DEVICE Part(const GemmArgs& g, i64 w, i64 tile) {
    const i64 rows = (g.m + tile - 1) / tile, columns = (g.n + tile - 1) / tile;
    row = w / columns % rows * tile;
    column = w % columns * tile;
    which = w / (rows * columns);
    b = which / g.parts;
    lo = which % g.parts * g.part;
    hi = lo + g.part < g.k ? lo + g.part : g.k;
  }
  static DEVICE i64 count(const GemmArgs& g, i64 tile) {
    return g.batch * g.parts * ((g.m + tile - 1) / tile) * ((g.n + tile - 1) / tile);
  }
};

template <class W, class P>
DEVICE void keep(const P& p, const GemmArgs& g, Out<W> partial, const Part& t, i64 r, i64 c, W sum) {
  if (r >= g.m || c >= g.n) return;
  if (g.parts > 1) {
    partial[(t.which * g.m + r) * g.n + c] = sum;
  } else {
    p.store(t.b, r, c, sum);
  }
}

// Fetch holds what a thread brings to shared memory for a step: four elements of each operand.
template <class W> struct Fetch {
  W v[4];
  // side is 0 for left, 1 for right; at and k are the first element's, along says which of them counts up.
  template <int SIDE, class P> DEVICE void fetch(const P& p, const Part& t, i64 at, i64 size, i64 k, bool along_k) {
    typedef typename P::Element E;
    Four<E> four;
    bool inside = along_k ? at < size && k + 3 < t.hi : at + 3 < size && k < t.hi;
    if (inside && (SIDE ? p.right_four(t.b, k, at, &four) : p.left_four(t.b, at, k, &four))) {
      for (int i = 0; i < 4; i++) v[i] = narrow<W>(widen(four.v[i]));
      return;
    }
    for (int i = 0; i < 4; i++) {
      i64 r = along_k ? at : at + i, c = along_k ? k + i : k;
      bool in = r < size && c < t.hi;
      v[i] = zero<W>();
      if (in) v[i] = narrow<W>(widen(SIDE ? (E)p.right(t.b, c, r) : (E)p.left(t.b, r, c)));
    }
  }
};

// Plain computes tiles of 16·M rows and columns, M×M elements a thread, in steps of 64/M; operands of the next step
// are fetched while those of the last one are multiplied (CUTLASS's double buffering).
template <int M> struct Plain {
  static const int T = 16 * M, S = 64 / M, L = T + 4;  // tile, step, distance of lines in shared memory

  template <class W> static DEVICE void put(Tile<W> to, const Fetch<W>& f, u32 at, u32 k, bool along_k) {
    for (int i = 0; i < 4; i++) to[along_k ? (k + i) * L + at : k * L + at + i] = f.v[i];
  }
  // place is the row or column of element i of a thread: fours side by side.
  static DEVICE u32 place_of(u32 t, int i) { return i / 4 * 64 + t * 4 + i % 4; }

  template <class W, class P> static DEVICE void run(P p, const GemmArgs& g, Out<W> partial) {
    const int B = sizeof(W) > 8 ? 1 : 2;  // buffers: two of complex128 are too much
    SHARED(W, left, B * S * L);
    SHARED(W, right, B * S * L);
    const u32 t = thread(), ty = t / 16, tx = t % 16;
    const bool lk = p.left_along_k(), rk = p.right_along_k();
    const u32 la = lk ? t / (S / 4) : t % (T / 4) * 4, lc = lk ? t % (S / 4) * 4 : t / (T / 4);
    const u32 ra = rk ? t / (S / 4) : t % (T / 4) * 4, rc = rk ? t % (S / 4) * 4 : t / (T / 4);
    for (i64 w = block(); w < Part::count(g, T); w += blocks()) {
      Part at(g, w, T);
      p.move(at.b);
      W sum[M][M];
      for (int i = 0; i < M; i++) {
        for (int j = 0; j < M; j++) sum[i][j] = zero<W>();
      }
      Fetch<W> x, y;
      u32 now = 0;
      for (i64 k = at.lo - S; k < at.hi; k += S) {  // the first time there is nothing to multiply
        bool more = k + S < at.hi;
        if (more) {
          x.template fetch<0>(p, at, at.row + la, g.m, k + S + lc, lk);
          y.template fetch<1>(p, at, at.column + ra, g.n, k + S + rc, rk);
        }
        bool full = k >= at.lo;
        for (int c = 0; c < S && full; c++) {
          W u[M], v[M];
          for (int i = 0; i < M; i++) u[i] = left[(now * S + c) * L + place_of(ty, i)];
          for (int j = 0; j < M; j++) v[j] = right[(now * S + c) * L + place_of(tx, j)];
          for (int i = 0; i < M; i++) {
            for (int j = 0; j < M; j++) sum[i][j] = sum[i][j] + u[i] * v[j];
          }
        }
        now = (now + 1) % B;
        if (more && B == 1) BARRIER();
        if (more) {
          put<W>((Tile<W>)left + now * S * L, x, la, lc, lk);
          put<W>((Tile<W>)right + now * S * L, y, ra, rc, rk);
        }
        BARRIER();
      }
      for (int i = 0; i < M; i++) {
        for (int j = 0; j < M; j++) {
          keep<W>(p, g, partial, at, at.row + place_of(ty, i), at.column + place_of(tx, j), sum[i][j]);
        }
      }
    }
  }
};

template <class W, class P> DEVICE void gemm_join(P p, const GemmArgs& g, Out<W> partial) {
  for (i64 i = first<i64>(); i < g.batch * g.m * g.n; i += step<i64>()) {
    i64 b = i / (g.m * g.n), at = i % (g.m * g.n);
    W sum = zero<W>();
    for (i64 q = 0; q < g.parts; q++) {
      W one = partial[(b * g.parts + q) * g.m * g.n + at];
      sum = sum + one;
    }
    p.move(b);
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
};
template <class T, int R> struct MatMulOf {
  typedef T Element;
  const MatMulArgs<T, R>& a;
  i64 x, y, z;  // of the matrix of the batch
  DEVICE void move(i64 b) {
    x = place<R>(b, a.shape, a.xs);
    y = place<R>(b, a.shape, a.ys);
    z = place<R>(b, a.shape, a.zs);
  }
  DEVICE bool left_along_k() const { return a.xk == 1; }
  DEVICE bool right_along_k() const { return a.yn != 1; }
  DEVICE T left(i64, i64 r, i64 k) const { return a.x[x + r * a.xm + k * a.xk]; }
  DEVICE T right(i64, i64 k, i64 c) const { return a.y[y + k * a.yk + c * a.yn]; }
  DEVICE bool left_four(i64, i64 r, i64 k, Four<T>* v) const {
    i64 at = x + r * a.xm + k * a.xk;
    if ((a.xk != 1 && a.xm != 1) || !four_at(a.x, at)) return false;
    *v = load_four(a.x, at);
    return true;
  }
  DEVICE bool right_four(i64, i64 k, i64 c, Four<T>* v) const {
    i64 at = y + k * a.yk + c * a.yn;
    if ((a.yn != 1 && a.yk != 1) || !four_at(a.y, at)) return false;
    *v = load_four(a.y, at);
    return true;
  }
  DEVICE void store(i64, i64 r, i64 c, Sum<T> v) const {
    if (a.bias) v = v + narrow<Sum<T> >(widen(a.bias[c * a.bn]));
    a.z[z + r * a.zm + c * a.zn] = narrow<T>(v);
  }
};
template <class T, int R, class HOW> DEVICE void matmul(const MatMulArgs<T, R>& a) {
  MatMulOf<T, R> p = {a, 0, 0, 0};
  HOW::template run<Sum<T> >(p, a.g, a.partial);
}
template <class T, int R, class HOW> DEVICE void matmul_join(const MatMulArgs<T, R>& a) {
  MatMulOf<T, R> p = {a, 0, 0, 0};
  gemm_join<Sum<T> >(p, a.g, a.partial);
}

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
  DEVICE T tap(i64 n, i64 channel, u32 p, u32 k) const {
    u32 o[3], t[3];
    three(p, out, o);
    three(k, kernel, t);
    i64 at = n * xs[0] + channel * xs[1];
    for (int d = 0; d < 3; d++) {
      i64 i = (i64)o[d] * stride[d] + (i64)t[d] * dilation[d] - pad[d];
      if (i < 0 || i >= in[d]) return zero<T>();
      at += i * xs[2 + d];
    }
    return x[at];
  }
};

// ConvOf is what the three have in common: elements are fetched one by one.
template <class T> struct ConvOf {
  typedef T Element;
  DEVICE void move(i64) const {}
  DEVICE bool left_four(i64, i64, i64, Four<T>*) const { return false; }
  DEVICE bool right_four(i64, i64, i64, Four<T>*) const { return false; }
};
template <class T> struct ConvForward : ConvOf<T> {
  const ConvArgs<T>& a;
  DEVICE ConvForward(const ConvArgs<T>& args) : a(args) {}
  DEVICE bool left_along_k() const { return false; }
  DEVICE bool right_along_k() const { return true; }
  DEVICE T left(i64 b, i64 r, i64 k) const {
    u32 taps = a.volume(a.kernel), places = a.volume(a.out);
    return a.tap((u32)r / places, b * a.c + (u32)k / taps, (u32)r % places, (u32)k % taps);
  }
  DEVICE T right(i64 b, i64 k, i64 c) const {
    u32 taps = a.volume(a.kernel), t[3];
    a.three((u32)k % taps, a.kernel, t);
    i64 at = (b * a.o + c) * a.ws[0] + (i64)((u32)k / taps) * a.ws[1];
    for (int d = 0; d < 3; d++) at += t[d] * a.ws[2 + d];
    return a.w[at];
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
template <class T> struct ConvInput : ConvOf<T> {
  const ConvArgs<T>& a;
  DEVICE ConvInput(const ConvArgs<T>& args) : a(args) {}
  DEVICE bool left_along_k() const { return false; }
  DEVICE bool right_along_k() const { return true; }
  DEVICE T left(i64 b, i64 r, i64 k) const {
    u32 taps = a.volume(a.kernel), places = a.volume(a.in), i[3], t[3];
    a.three((u32)r % places, a.in, i);
    a.three((u32)k % taps, a.kernel, t);
    i64 at = (i64)((u32)r / places) * a.ys[0] + (b * a.o + (u32)k / taps) * a.ys[1];
    for (int d = 0; d < 3; d++) {
      i64 p = (i64)i[d] + a.pad[d] - (i64)t[d] * a.dilation[d];
      if (p < 0 || p % a.stride[d] != 0 || p / a.stride[d] >= a.out[d]) return zero<T>();
      at += p / a.stride[d] * a.ys[2 + d];
    }
    return a.y[at];
  }
  DEVICE T right(i64 b, i64 k, i64 c) const {
    u32 taps = a.volume(a.kernel), t[3];
    a.three((u32)k % taps, a.kernel, t);
    i64 at = (b * a.o + (u32)k / taps) * a.ws[0] + c * a.ws[1];
    for (int d = 0; d < 3; d++) at += t[d] * a.ws[2 + d];
    return a.w[at];
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
template <class T> struct ConvWeight : ConvOf<T> {
  const ConvArgs<T>& a;
  DEVICE ConvWeight(const ConvArgs<T>& args) : a(args) {}
  DEVICE bool left_along_k() const { return true; }
  DEVICE bool right_along_k() const { return true; }
  DEVICE T left(i64 b, i64 r, i64 k) const {
    u32 places = a.volume(a.out), o[3];
    a.three((u32)k % places, a.out, o);
    i64 at = (i64)((u32)k / places) * a.ys[0] + (b * a.o + r) * a.ys[1];
    for (int d = 0; d < 3; d++) at += o[d] * a.ys[2 + d];
    return a.y[at];
  }
  DEVICE T right(i64 b, i64 k, i64 c) const {
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
template <class T, template <class> class P, class HOW> DEVICE void conv(const ConvArgs<T>& a) {
  HOW::template run<Sum<T> >(P<T>(a), a.g, a.partial);
}
template <class T, template <class> class P, class HOW> DEVICE void conv_join(const ConvArgs<T>& a) {
  gemm_join<Sum<T> >(P<T>(a), a.g, a.partial);
}
