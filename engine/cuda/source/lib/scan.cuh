// Running results along an axis: a thread for each line.
template <class T, class U, int R> struct ScanArgs {
  Head h;
  i64 lines, n;
  i64 shape[R], xs[R], xn, ys[R], yn;
  In<T> x;
  Out<U> y;
};
template <class T, class U, class K, int R> DEVICE void scan(const ScanArgs<T, U, R>& a) {
  for (i64 l = first<i64>(); l < a.lines; l += step<i64>()) {
    i64 x = place<R>(l, a.shape, a.xs), y = place<R>(l, a.shape, a.ys);
    typename K::Acc s = K::start();
    for (i64 i = 0; i < a.n; i++) {
      s = K::join(s, K::of(a.x[x + i * a.xn], i));
      a.y[y + i * a.yn] = K::done(s, i + 1, 0);
    }
  }
}

// RunningArg keeps the last of equals; from the first NaN on the last NaN.
template <class T, class U, bool B> struct RunningArg {
  typedef Best<Wide<T> > Acc;
  static DEVICE Acc start() { return ExtremeOver<T, U, B>::start(); }
  static DEVICE Acc of(T x, i64 i) { return ExtremeOver<T, U, B>::of(x, i); }
  static DEVICE Acc join(Acc x, Acc y) {
    if (x.at < 0) return y;
    return ExtremeOver<T, U, B>::before(x.v, y.v) ? x : y;
  }
  static DEVICE U done(Acc a, i64, f64) { return a.at; }
};
template <class T, class U> struct RunningArgMax : RunningArg<T, U, false> {};
template <class T, class U> struct RunningArgMin : RunningArg<T, U, true> {};

// Sorting of lines: a bitonic network over lines that are padded to a power of two, one launch for each step.
// Elements are positions in their line, −1 where it is padded. Of equals the first comes first.
template <class T, int R> struct SortArgs {
  Head h;
  i64 lines, n, room, descending, size, distance, keep;
  i64 shape[R], xs[R], xn, vs[R], vn, is[R], in_;
  In<T> x;
  Out<i64> order;
  Out<T> values;
  Out<i64> index;
};
template <class T, int R> DEVICE void sort_start(const SortArgs<T, R>& a) {
  for (i64 i = first<i64>(); i < a.lines * a.room; i += step<i64>()) {
    a.order[i] = i % a.room < a.n ? i % a.room : -1;
  }
}
template <class T, int R> DEVICE bool sorts_before(const SortArgs<T, R>& a, i64 line, i64 p, i64 q) {
  if (p < 0 || q < 0) return p >= 0;
  i64 at = place<R>(line, a.shape, a.xs);
  Wide<T> x = widen(a.x[at + p * a.xn]), y = widen(a.x[at + q * a.xn]);
  bool xy = x == x && (x < y || y != y), yx = y == y && (y < x || x != x);
  if (!xy && !yx) return p < q;
  return a.descending ? yx : xy;
}
template <class T, int R> DEVICE void sort_step(const SortArgs<T, R>& a) {
  for (i64 w = first<i64>(); w < a.lines * a.room / 2; w += step<i64>()) {
    i64 line = w / (a.room / 2), k = w % (a.room / 2);
    i64 i = k / a.distance * 2 * a.distance + k % a.distance, j = i + a.distance;
    i64 p = a.order[line * a.room + i], q = a.order[line * a.room + j];
    bool up = (i & a.size) == 0;
    if (p != q && sorts_before(a, line, q, p) == up) {
      a.order[line * a.room + i] = q;
      a.order[line * a.room + j] = p;
    }
  }
}
template <class T, int R> DEVICE void sort_end(const SortArgs<T, R>& a) {
  for (i64 w = first<i64>(); w < a.lines * a.keep; w += step<i64>()) {
    i64 line = w / a.keep, k = w % a.keep, p = a.order[line * a.room + k];
    a.values[place<R>(line, a.shape, a.vs) + k * a.vn] = (T)a.x[place<R>(line, a.shape, a.xs) + p * a.xn];
    a.index[place<R>(line, a.shape, a.is) + k * a.in_] = p;
  }
}
