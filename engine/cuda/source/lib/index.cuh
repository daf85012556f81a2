// Elements at indices. A thread takes element i of shape: x is read, or y written, at place i plus an index
// times the stride of the axis.
template <class T, class L, int R> struct IndexArgs {
  Head h;
  i64 n, bound, axis;
  i64 shape[R], xs[R], ls[R], ys[R];
  In<T> x;
  In<L> index;
  Out<T> y;
};

template <class T, class L, int R> DEVICE i64 index_at(const IndexArgs<T, L, R>& a, i64 i) {
  i64 k = a.index[place<R>(i, a.shape, a.ls)];
  if (k >= 0 && k < a.bound) return k;
  a.h.fault.raise(FAULT_INDEX, k, a.bound);
  return -1;
}

template <class T, class L, int R> DEVICE void gather(const IndexArgs<T, L, R>& a) {
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    i64 k = index_at(a, i);
    if (k >= 0) a.y[place<R>(i, a.shape, a.ys)] = (T)a.x[place<R>(i, a.shape, a.xs) + k * a.axis];
  }
}

// T is a type that the GPU adds atomically: f32, f64, i64 or pairs of floats.
template <class T, class L, int R> DEVICE void scatter_add(const IndexArgs<T, L, R>& a) {
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    i64 k = index_at(a, i);
    if (k >= 0) atomic_add(a.y, place<R>(i, a.shape, a.ys) + k * a.axis, (T)a.x[place<R>(i, a.shape, a.xs)]);
  }
}

// The order of indices matters to these: a thread for each line along the axis.
template <class T, class L, int R> struct LineArgs {
  Head h;
  i64 lines, n, bound, axis;
  i64 shape[R], xs[R], ls[R], ys[R];
  i64 xn, ln;
  In<T> x;
  In<L> index;
  Out<T> y;
};
template <class T> struct Replace {
  static DEVICE T of(T, T y) { return y; }
};
template <class T> struct Multiply {
  static DEVICE T of(T x, T y) { return narrow<T>(widen(x) * widen(y)); }
};
template <class T> struct KeepMax {
  static DEVICE T of(T x, T y) { return narrow<T>(larger(widen(x), widen(y))); }
};
template <class T> struct KeepMin {
  static DEVICE T of(T x, T y) { return narrow<T>(smaller(widen(x), widen(y))); }
};
template <class T, class L, int R, class K> DEVICE void scatter_lines(const LineArgs<T, L, R>& a) {
  for (i64 l = first<i64>(); l < a.lines; l += step<i64>()) {
    i64 x = place<R>(l, a.shape, a.xs), p = place<R>(l, a.shape, a.ls), y = place<R>(l, a.shape, a.ys);
    for (i64 i = 0; i < a.n; i++) {
      i64 k = a.index[p + i * a.ln];
      if (k < 0 || k >= a.bound) {
        a.h.fault.raise(FAULT_INDEX, k, a.bound);
        continue;
      }
      T old = a.y[y + k * a.axis], v = a.x[x + i * a.xn];
      a.y[y + k * a.axis] = K::of(old, v);
    }
  }
}

// Positions in ordered values: NaN is greatest.
template <class T, int R> struct SearchArgs {
  Head h;
  i64 n, length, right;
  i64 shape[R], ss[R], vs[R], ys[R], sn;
  In<T> sorted, values;
  Out<i64> y;
};
template <class W> DEVICE bool less(W x, W y) { return x == x && (x < y || y != y); }
template <class T, int R> DEVICE void search(const SearchArgs<T, R>& a) {
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    i64 s = place<R>(i, a.shape, a.ss), lo = 0, hi = a.length;
    Wide<T> v = widen(a.values[place<R>(i, a.shape, a.vs)]);
    while (lo < hi) {
      i64 mid = (lo + hi) / 2;
      Wide<T> x = widen(a.sorted[s + mid * a.sn]);
      if (a.right ? !less(v, x) : less(x, v)) {
        lo = mid + 1;
      } else {
        hi = mid;
      }
    }
    a.y[place<R>(i, a.shape, a.ys)] = lo;
  }
}
