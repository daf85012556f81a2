// Running results along an axis: a thread for each line where there are many.
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

// scan_wide is scan by a block for each line: each thread takes a stretch of it, what the stretches before come to is
// joined in shared memory (Hillis and Steele 1986), and each element is read twice.
template <class T, class U, class K, int R> DEVICE void scan_wide(const ScanArgs<T, U, R>& a) {
  typedef typename K::Acc A;
  SHARED(A, all, 2 * 256);
  for (i64 l = block(); l < a.lines; l += blocks()) {
    i64 x = place<R>(l, a.shape, a.xs), y = place<R>(l, a.shape, a.ys), size = (a.n + 255) / 256;
    i64 lo = thread() * size, hi = lo + size < a.n ? lo + size : a.n;
    A s = K::start();
    for (i64 i = lo; i < hi; i++) s = K::join(s, K::of(a.x[x + i * a.xn], i));
    u32 now = 0;
    all[thread()] = s;
    BARRIER();
    for (u32 k = 1; k < 256; k *= 2) {
      A v = all[now * 256 + thread()];
      if (thread() >= k) {
        A before = all[now * 256 + thread() - k];
        v = K::join(before, v);
      }
      now ^= 1;
      all[now * 256 + thread()] = v;
      BARRIER();
    }
    s = K::start();
    if (thread() > 0) s = all[now * 256 + thread() - 1];
    for (i64 i = lo; i < hi; i++) {
      s = K::join(s, K::of(a.x[x + i * a.xn], i));
      a.y[y + i * a.yn] = K::done(s, i + 1, 0);
    }
    BARRIER();
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

// Sorting of lines: a bitonic network over lines that are padded to a power of two. Steps over distances below 1024
// are done in shared memory, all that follow each other in one launch; longer ones take a launch each.
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
// goes_before orders positions p and q of a line, −1 where it is padded, with values x and y: NaN is greatest, and of
// equals the first comes first.
template <class W> DEVICE bool goes_before(i64 descending, i64 p, W x, i64 q, W y) {
  if (p < 0 || q < 0) return p >= 0;
  bool xy = x == x && (x < y || y != y), yx = y == y && (y < x || x != x);
  if (!xy && !yx) return p < q;
  return descending ? yx : xy;
}
template <class T, int R> DEVICE bool sorts_before(const SortArgs<T, R>& a, i64 line, i64 p, i64 q) {
  i64 at = place<R>(line, a.shape, a.xs);
  if (p < 0 || q < 0) return p >= 0;
  return goes_before<Wide<T> >(a.descending, p, widen(a.x[at + p * a.xn]), q, widen(a.x[at + q * a.xn]));
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
// sort_block does the steps of sizes from size to the last one of this launch, those below distance 1024 of each: a
// block for 1024 positions, whose elements it holds. From size 2 on it begins with positions in order.
template <class T, int R> DEVICE void sort_block(const SortArgs<T, R>& a, bool begins) {
  SHARED(i32, order, 1024);
  SHARED(Wide<T>, value, 1024);
  const i64 room = a.room < 1024 ? a.room : 1024, chunks = a.room / room;
  for (i64 w = block(); w < a.lines * chunks; w += blocks()) {
    const i64 line = w / chunks, from = w % chunks * room, at = place<R>(line, a.shape, a.xs);
    for (u32 i = thread(); i < room; i += threads()) {
      i64 p = begins ? (from + i < a.n ? from + i : -1) : (i64)a.order[line * a.room + from + i];
      order[i] = (i32)p;
      if (p >= 0) value[i] = widen(a.x[at + p * a.xn]);
      if (p < 0) value[i] = zero<Wide<T> >();
    }
    BARRIER();
    for (i64 size = a.size; size <= (begins ? room : a.size); size *= 2) {
      for (u32 d = (u32)(size < room ? size : room) / 2; d > 0; d /= 2) {
        for (u32 k = thread(); k < room / 2; k += threads()) {
          u32 i = k / d * 2 * d + k % d, j = i + d;
          i32 p = order[i], q = order[j];
          Wide<T> x = value[i], y = value[j];
          bool up = ((from + i) & size) == 0;
          if (p != q && goes_before<Wide<T> >(a.descending, q, y, p, x) == up) {
            order[i] = q;
            order[j] = p;
            value[i] = y;
            value[j] = x;
          }
        }
        BARRIER();
      }
    }
    for (u32 i = thread(); i < room; i += threads()) a.order[line * a.room + from + i] = (i64)(i32)order[i];
    BARRIER();
  }
}
template <class T, int R> DEVICE void sort_begin(const SortArgs<T, R>& a) { sort_block<T, R>(a, true); }
template <class T, int R> DEVICE void sort_rest(const SortArgs<T, R>& a) { sort_block<T, R>(a, false); }
template <class T, int R> DEVICE void sort_end(const SortArgs<T, R>& a) {
  for (i64 w = first<i64>(); w < a.lines * a.keep; w += step<i64>()) {
    i64 line = w / a.keep, k = w % a.keep, p = a.order[line * a.room + k];
    a.values[place<R>(line, a.shape, a.vs) + k * a.vn] = (T)a.x[place<R>(line, a.shape, a.xs) + p * a.xn];
    a.index[place<R>(line, a.shape, a.is) + k * a.in_] = p;
  }
}
