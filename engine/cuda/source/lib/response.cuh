// Local response normalisation: a thread for each element sums the squares of the channels around it.
template <class T, int R> struct ResponseArgs {
  Head h;
  i64 n, channels, inner, size;  // inner: positions of a channel
  i64 shape[R], xs[R], ys[R];
  In<T> x;
  Out<T> y;
  f64 share, beta, k;
};
template <class T, int R> DEVICE void local_response(const ResponseArgs<T, R>& a) {
  typedef Wide<T> W;
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    i64 at = place<R>(i, a.shape, a.xs), channel = i / a.inner % a.channels, half = a.size / 2;
    W sum = 0;
    for (i64 c = channel < half ? -channel : -half; c <= half && channel + c < a.channels; c++) {
      W v = widen(a.x[at + c * a.xs[1]]);
      sum += v * v;
    }
    W u = (W)a.k + (W)a.share * sum;
    a.y[place<R>(i, a.shape, a.ys)] = narrow<T>(widen(a.x[at]) * pow(u, (W)-a.beta));
  }
}
