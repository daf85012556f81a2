// Pooling over three spatial axes: a thread for each result.
template <class T> struct PoolArgs {
  Head h;
  i64 n, channels, in[3], kernel[3], out[3], stride[3], pad[3], dilation[3];
  i64 xs[5], ys[5], is[5];
  i64 count, divisor;
  In<T> x;
  Out<T> y;
  Out<i64> index;
};

struct Position {
  i64 sample, channel, at[3];
};
DEVICE Position position(i64 i, const i64* s, i64 channels) {
  Position p;
  for (int d = 2; d >= 0; d--) {
    p.at[d] = i % s[d];
    i /= s[d];
  }
  p.channel = i % channels;
  p.sample = i / channels;
  return p;
}
DEVICE i64 offset(const Position& p, const i64* strides) {
  i64 at = p.sample * strides[0] + p.channel * strides[1];
  for (int d = 0; d < 3; d++) at += p.at[d] * strides[2 + d];
  return at;
}

template <class T> DEVICE void max_pool(const PoolArgs<T>& a) {
  typedef Wide<T> W;
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    Position p = position(i, a.out, a.channels), q = p;
    W best = 0;
    i64 at = -1;
    for (i64 u = 0; u < a.kernel[0]; u++) {
      q.at[0] = p.at[0] * a.stride[0] - a.pad[0] + u * a.dilation[0];
      if (q.at[0] < 0 || q.at[0] >= a.in[0]) continue;
      for (i64 v = 0; v < a.kernel[1]; v++) {
        q.at[1] = p.at[1] * a.stride[1] - a.pad[1] + v * a.dilation[1];
        if (q.at[1] < 0 || q.at[1] >= a.in[1]) continue;
        for (i64 w = 0; w < a.kernel[2]; w++) {
          q.at[2] = p.at[2] * a.stride[2] - a.pad[2] + w * a.dilation[2];
          if (q.at[2] < 0 || q.at[2] >= a.in[2]) continue;
          W x = widen(a.x[offset(q, a.xs)]);
          if (at < 0 || x > best || (x != x && best == best)) {
            best = x;
            at = (q.at[0] * a.in[1] + q.at[1]) * a.in[2] + q.at[2];
          }
        }
      }
    }
    a.y[offset(p, a.ys)] = narrow<T>(best);
    a.index[offset(p, a.is)] = at;
  }
}

// share is what a window divides by.
template <class T> DEVICE i64 share(const PoolArgs<T>& a, const i64* window) {
  if (a.divisor != 0) return a.divisor;
  i64 n = 1;
  for (int d = 0; d < 3; d++) {
    i64 lo = window[d] * a.stride[d] - a.pad[d], k = a.kernel[d], inside = 0;
    if (a.count) {
      inside = lo + k < a.in[d] + a.pad[d] ? k : a.in[d] + a.pad[d] - lo;
    } else {
      for (i64 u = 0; u < k; u++) inside += lo + u * a.dilation[d] >= 0 && lo + u * a.dilation[d] < a.in[d];
    }
    n *= inside;
  }
  return n;
}

template <class T> DEVICE void avg_pool(const PoolArgs<T>& a) {
  typedef Wide<T> W;
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    Position p = position(i, a.out, a.channels), q = p;
    W sum = 0;
    for (i64 u = 0; u < a.kernel[0]; u++) {
      q.at[0] = p.at[0] * a.stride[0] - a.pad[0] + u * a.dilation[0];
      if (q.at[0] < 0 || q.at[0] >= a.in[0]) continue;
      for (i64 v = 0; v < a.kernel[1]; v++) {
        q.at[1] = p.at[1] * a.stride[1] - a.pad[1] + v * a.dilation[1];
        if (q.at[1] < 0 || q.at[1] >= a.in[1]) continue;
        for (i64 w = 0; w < a.kernel[2]; w++) {
          q.at[2] = p.at[2] * a.stride[2] - a.pad[2] + w * a.dilation[2];
          if (q.at[2] >= 0 && q.at[2] < a.in[2]) sum += widen(a.x[offset(q, a.xs)]);
        }
      }
    }
    a.y[offset(p, a.ys)] = narrow<T>(sum / (W)share(a, p.at));
  }
}

// x is dy, with strides xs; y is dx, with strides ys: for each element of dx the windows that cover it.
template <class T> DEVICE void avg_pool_grad(const PoolArgs<T>& a) {
  typedef Wide<T> W;
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    Position p = position(i, a.in, a.channels), q = p;
    W sum = 0;
    for (i64 u = 0; u < a.kernel[0]; u++) {
      i64 s = p.at[0] + a.pad[0] - u * a.dilation[0];
      if (s < 0 || s % a.stride[0] != 0 || (q.at[0] = s / a.stride[0]) >= a.out[0]) continue;
      for (i64 v = 0; v < a.kernel[1]; v++) {
        s = p.at[1] + a.pad[1] - v * a.dilation[1];
        if (s < 0 || s % a.stride[1] != 0 || (q.at[1] = s / a.stride[1]) >= a.out[1]) continue;
        for (i64 w = 0; w < a.kernel[2]; w++) {
          s = p.at[2] + a.pad[2] - w * a.dilation[2];
          if (s < 0 || s % a.stride[2] != 0 || (q.at[2] = s / a.stride[2]) >= a.out[2]) continue;
          sum += widen(a.x[offset(q, a.xs)]) / (W)share(a, q.at);
        }
      }
    }
    a.y[offset(p, a.ys)] = narrow<T>(sum);
  }
}
