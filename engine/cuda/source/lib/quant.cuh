// Layers over bytes: exact sums of products, then scales, a bias, a residual and bounds in f32, in this order and
// without contraction, so that results are the CPU's. Convolutions and linear layers are one product.
#ifdef LATHE_EMULATE
DEVICE f32 times(f32 x, f32 y) { return x * y; }
DEVICE f32 plus(f32 x, f32 y) { return x + y; }
#else
DEVICE f32 times(f32 x, f32 y) { return __fmul_rn(x, y); }
DEVICE f32 plus(f32 x, f32 y) { return __fadd_rn(x, y); }
#endif
template <class X, class Y, class R> struct QuantArgs {
  Head h;
  GemmArgs g;
  i64 c, o, in[3], kernel[3], out[3], stride[3], pad[3], dilation[3];
  i64 xs[5], ws[5], ys[5], rs[5];
  i64 x_zero, residual_zero, zero;
  f64 scale, shift, residual_scale, low, high;
  In<X> x;
  In<i8> w;
  In<f32> scales, bias;
  In<R> residual;
  Out<Y> y;
  Out<i32> partial;

  static DEVICE void three(u32 p, const i64* s, u32* v) {
    v[2] = p % (u32)s[2];
    p /= (u32)s[2];
    v[1] = p % (u32)s[1];
    v[0] = p / (u32)s[1];
  }
  static DEVICE u32 volume(const i64* s) { return (u32)(s[0] * s[1] * s[2]); }
  DEVICE i32 left(i64 b, i64 r, i64 k) const {
    u32 taps = volume(kernel), places = volume(out), p[3], t[3];
    three((u32)r % places, out, p);
    three((u32)k % taps, kernel, t);
    i64 at = (i64)((u32)r / places) * xs[0] + (b * c + (u32)k / taps) * xs[1];
    for (int d = 0; d < 3; d++) {
      i64 i = (i64)p[d] * stride[d] + (i64)t[d] * dilation[d] - pad[d];
      if (i < 0 || i >= in[d]) return 0;
      at += i * xs[2 + d];
    }
    return (i32)widen(x[at]) - (i32)x_zero;
  }
  DEVICE i32 right(i64 b, i64 k, i64 column) const {
    u32 taps = volume(kernel), t[3];
    three((u32)k % taps, kernel, t);
    i64 at = (b * o + column) * ws[0] + (i64)((u32)k / taps) * ws[1];
    for (int d = 0; d < 3; d++) at += t[d] * ws[2 + d];
    return (i32)w[at];
  }
  DEVICE i64 result(u32 places, i64 r, i64 channel, const i64* strides) const {
    u32 p[3];
    three((u32)r % places, out, p);
    i64 at = (i64)((u32)r / places) * strides[0] + channel * strides[1];
    for (int d = 0; d < 3; d++) at += p[d] * strides[2 + d];
    return at;
  }
  DEVICE void store(i64 b, i64 r, i64 column, i32 sum) const {
    i64 channel = b * o + column;
    u32 places = volume(out);
    finish(y, result(places, r, channel, ys), sum, channel, r, places);
  }
  DEVICE void finish(Out<i32> to, i64 at, i32 sum, i64, i64, u32) const { to[at] = sum; }
  template <class V> DEVICE void finish(Out<V> to, i64 at, i32 sum, i64 channel, i64 r, u32 places) const {
    f32 s = times(scales[channel], (f32)scale), bias_of = (f32)bias[channel] / (f32)shift;
    if (residual) bias_of = plus(bias_of, -times((f32)residual_scale, (f32)residual_zero));
    f32 v = plus(times((f32)sum, s), bias_of);
    if (residual) v = plus(v, times((f32)widen(residual[result(places, r, channel, rs)]), (f32)residual_scale));
    if (!(v > (f32)low)) v = (f32)low;
    if (!(v < (f32)high)) v = (f32)high;
    to[at] = rounded(v, zero, to);
  }
  static DEVICE f32 rounded(f32 v, i64, Out<f32>) { return v; }
  template <class V> static DEVICE V rounded(f32 v, i64 zero, Out<V>) { return (V)((i32)rintf(v) + (i32)zero); }
};


// QuantOf is QuantArgs where they lie.
template <class A> struct QuantOf {
  typedef i32 Element;
  const A& a;
  DEVICE void move(i64) const {}
  DEVICE bool left_along_k() const { return false; }
  DEVICE bool right_along_k() const { return true; }
  DEVICE bool left_four(i64, i64, i64, Four<i32>*) const { return false; }
  DEVICE bool right_four(i64, i64, i64, Four<i32>*) const { return false; }
  DEVICE i32 left(i64 b, i64 r, i64 k) const { return a.left(b, r, k); }
  DEVICE i32 right(i64 b, i64 k, i64 c) const { return a.right(b, k, c); }
  DEVICE void store(i64 b, i64 r, i64 c, i32 v) const { a.store(b, r, c, v); }
};
template <class X, class Y, class R, class HOW> DEVICE void quantized(const QuantArgs<X, Y, R>& a) {
  QuantOf<QuantArgs<X, Y, R> > p = {a};
  HOW::template run<i32>(p, a.g, a.partial);
}
template <class X, class Y, class R, class HOW> DEVICE void quantized_join(const QuantArgs<X, Y, R>& a) {
  QuantOf<QuantArgs<X, Y, R> > p = {a};
  gemm_join<i32>(p, a.g, a.partial);
}
