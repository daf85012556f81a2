// Reductions. A reducer K has an accumulator Acc with zero, of one element, join of two, and done.
template <class A, class K> DEVICE A block_join(A v) {  // of all threads of a block; 256 of them
  SHARED(A, all, 256);
  all[thread()] = v;
  BARRIER();
  for (u32 k = 128; k > 0; k /= 2) {
    if (thread() < k) {
      A x = all[thread()], y = all[thread() + k];
      all[thread()] = K::join(x, y);
    }
    BARRIER();
  }
  A r = all[0];
  BARRIER();
  return r;
}

template <class T, class U> struct SumOver {
  typedef Sum<U> Acc;
  static DEVICE Acc start() { return zero<Acc>(); }
  static DEVICE Acc of(T x, i64) { return narrow<Acc>(widen(x)); }
  static DEVICE Acc join(Acc x, Acc y) { return x + y; }
  static DEVICE U done(Acc a, i64, f64) { return narrow<U>(a); }
};
template <class T, class U> struct MeanOver : SumOver<T, U> {
  static DEVICE U done(Sum<U> a, i64 n, f64) { return narrow<U>(a / n); }
};
template <class T, class U> struct ProdOver : SumOver<T, U> {
  typedef Sum<U> Acc;
  static DEVICE Acc start() { return narrow<Acc>(1); }
  static DEVICE Acc join(Acc x, Acc y) { return x * y; }
};
template <class T, class U> struct AllOver {
  typedef i32 Acc;
  static DEVICE Acc start() { return 1; }
  static DEVICE Acc of(T x, i64) { return narrow<b8>(widen(x)); }
  static DEVICE Acc join(Acc x, Acc y) { return x & y; }
  static DEVICE U done(Acc a, i64, f64) { return a != 0; }
};
template <class T, class U> struct AnyOver : AllOver<T, U> {
  static DEVICE i32 start() { return 0; }
  static DEVICE i32 join(i32 x, i32 y) { return x | y; }
};
template <class W> struct Best {
  W v;
  i64 at;  // −1: no element yet
};
// MaxOver and ArgMaxOver keep the first of equals, NaN before any number; B turns the order round.
template <class T, class U, bool B> struct ExtremeOver {
  typedef Best<Wide<T> > Acc;
  static DEVICE Acc start() {
    Acc a = {0, -1};
    return a;
  }
  static DEVICE Acc of(T x, i64 i) {
    Acc a = {widen(x), i};
    return a;
  }
  static DEVICE bool before(Wide<T> x, Wide<T> y) {
    return x != x ? y == y : B ? x < y : x > y;
  }
  static DEVICE Acc join(Acc x, Acc y) {
    if (x.at < 0 || y.at < 0) return x.at < 0 ? y : x;
    if (before(x.v, y.v)) return x;
    if (before(y.v, x.v)) return y;
    return x.at < y.at ? x : y;
  }
  static DEVICE U done(Acc a, i64, f64) { return narrow<U>(a.v); }
};
template <class T, class U> struct MaxOver : ExtremeOver<T, U, false> {};
template <class T, class U> struct MinOver : ExtremeOver<T, U, true> {};
template <class T, class U> struct ArgMaxOver : ExtremeOver<T, U, false> {
  static DEVICE U done(Best<Wide<T> > a, i64, f64) { return a.at; }
};
template <class T, class U> struct ArgMinOver : ExtremeOver<T, U, true> {
  static DEVICE U done(Best<Wide<T> > a, i64, f64) { return a.at; }
};
template <class W> struct Scaled {
  W top, sum;  // the sum of e^(x − top)
};
template <class T, class U> struct LogSumExpOver {
  typedef Wide<T> W;
  typedef Scaled<W> Acc;
  static DEVICE Acc start() {
    Acc a = {-Limits<W>::inf(), 0};
    return a;
  }
  static DEVICE Acc of(T x, i64) {
    Acc a = {widen(x), 1};
    return a;
  }
  static DEVICE Acc join(Acc x, Acc y) {
    if (x.top < y.top || y.top != y.top) {
      Acc z = x;
      x = y;
      y = z;
    }
    if (x.top != x.top || y.sum == 0) return x;
    x.sum += x.top == y.top ? y.sum : y.sum * exp(y.top - x.top);
    return x;
  }
  static DEVICE U done(Acc a, i64, f64) { return narrow<U>(a.sum == 0 ? a.top : a.top + log(a.sum)); }
};
template <class T, class U> struct NormOver {  // in f64, so that squares do not overflow early
  typedef f64 Acc;
  static DEVICE Acc start() { return 0; }
  static DEVICE Acc of(T x, i64) { return (f64)widen(x) * (f64)widen(x); }
  static DEVICE Acc join(Acc x, Acc y) { return x + y; }
  static DEVICE U done(Acc a, i64, f64) { return narrow<U>(sqrt(a)); }
};
template <class W> struct Moments {
  W n, mean, m2;
};
template <class W> struct MomentsOver {  // Chan et al. 1979
  typedef Moments<W> Acc;
  static DEVICE Acc start() {
    Acc a = {0, 0, 0};
    return a;
  }
  static DEVICE Acc of(W x) {
    Acc a = {1, x, 0};
    return a;
  }
  static DEVICE Acc join(Acc x, Acc y) {
    if (x.n == 0 || y.n == 0) return x.n == 0 ? y : x;
    W n = x.n + y.n, d = y.mean - x.mean;
    Acc a = {n, x.mean + d * (y.n / n), x.m2 + y.m2 + d * d * (x.n * y.n / n)};
    return a;
  }
};
template <class T, class U> struct VarianceOver : MomentsOver<Wide<T> > {
  typedef Moments<Wide<T> > Acc;
  static DEVICE Acc of(T x, i64) { return MomentsOver<Wide<T> >::of(widen(x)); }
  static DEVICE U done(Acc a, i64 n, f64 correction) {
    return narrow<U>(n == 0 ? Limits<Wide<T> >::nan() : a.m2 / ((Wide<T>)n - (Wide<T>)correction));
  }
};

// Each result is joined from parts, of part elements each; with several they go to partial first.
template <class T, class U, class Acc, int RO, int RI> struct ReduceArgs {
  Head h;
  i64 outer, inner, parts, part;
  i64 shape[RO], xs[RO], over[RI], xi[RI];
  In<T> x;
  Out<U> y;
  Out<Acc> partial;
  f64 param;
};

// A block for each part of a result: for elements that lie side by side.
template <class T, class U, class K, int RO, int RI>
DEVICE void reduce_wide(const ReduceArgs<T, U, typename K::Acc, RO, RI>& a) {
  for (i64 w = block(); w < a.outer * a.parts; w += blocks()) {
    i64 o = w / a.parts, lo = w % a.parts * a.part, hi = lo + a.part < a.inner ? lo + a.part : a.inner;
    i64 at = place<RO>(o, a.shape, a.xs);
    typename K::Acc s = K::start();
    for (i64 i = lo + thread(); i < hi; i += threads()) s = K::join(s, K::of(a.x[at + place<RI>(i, a.over, a.xi)], i));
    s = block_join<typename K::Acc, K>(s);
    if (thread() == 0) {
      if (a.parts > 1) {
        a.partial[w] = s;
      } else {
        a.y[o] = K::done(s, a.inner, a.param);
      }
    }
  }
}

// A thread for each part of a result: for results that lie side by side.
template <class T, class U, class K, int RO, int RI>
DEVICE void reduce_thin(const ReduceArgs<T, U, typename K::Acc, RO, RI>& a) {
  for (i64 w = first<i64>(); w < a.outer * a.parts; w += step<i64>()) {
    i64 o = w % a.outer, lo = w / a.outer * a.part, hi = lo + a.part < a.inner ? lo + a.part : a.inner;
    i64 at = place<RO>(o, a.shape, a.xs);
    typename K::Acc s = K::start();
    for (i64 i = lo; i < hi; i++) s = K::join(s, K::of(a.x[at + place<RI>(i, a.over, a.xi)], i));
    if (a.parts > 1) {
      a.partial[o * a.parts + w / a.outer] = s;
    } else {
      a.y[o] = K::done(s, a.inner, a.param);
    }
  }
}

template <class T, class U, class K, int RO, int RI>
DEVICE void reduce_join(const ReduceArgs<T, U, typename K::Acc, RO, RI>& a) {
  for (i64 o = first<i64>(); o < a.outer; o += step<i64>()) {
    typename K::Acc s = K::start();
    for (i64 p = 0; p < a.parts; p++) {
      typename K::Acc one = a.partial[o * a.parts + p];
      s = K::join(s, one);
    }
    a.y[o] = K::done(s, a.inner, a.param);
  }
}
