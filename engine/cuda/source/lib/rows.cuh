// Softmax and normalisations: a block for each row.
template <class T, int R> struct RowArgs {
  Head h;
  i64 rows, n;
  i64 shape[R], xs[R], xn;
  In<T> x;
  i64 zs[R], zn;
  In<T> z;
  i64 ys[R], yn;
  Out<T> y;
};

template <class T, int R, bool LOG> DEVICE void softmax(const RowArgs<T, R>& a) {
  typedef LogSumExpOver<T, T> K;
  typedef Wide<T> W;
  for (i64 r = block(); r < a.rows; r += blocks()) {
    i64 x = place<R>(r, a.shape, a.xs), y = place<R>(r, a.shape, a.ys);
    typename K::Acc s = K::start();
    for (i64 i = thread(); i < a.n; i += threads()) s = K::join(s, K::of(a.x[x + i * a.xn], i));
    s = block_join<typename K::Acc, K>(s);
    for (i64 i = thread(); i < a.n; i += threads()) {
      W v = widen(a.x[x + i * a.xn]) - s.top;
      a.y[y + i * a.yn] = narrow<T>(LOG ? v - log(s.sum) : exp(v) / s.sum);
    }
  }
}

// x is dy, z the result.
template <class T, int R, bool LOG> DEVICE void softmax_grad(const RowArgs<T, R>& a) {
  typedef SumOver<T, T> K;
  typedef Wide<T> W;
  for (i64 r = block(); r < a.rows; r += blocks()) {
    i64 x = place<R>(r, a.shape, a.xs), y = place<R>(r, a.shape, a.ys), z = place<R>(r, a.shape, a.zs);
    W s = 0;
    for (i64 i = thread(); i < a.n; i += threads()) {
      W dy = widen(a.x[x + i * a.xn]);
      s += LOG ? dy : dy * widen(a.z[z + i * a.zn]);
    }
    s = block_join<W, K>(s);
    for (i64 i = thread(); i < a.n; i += threads()) {
      W dy = widen(a.x[x + i * a.xn]), v = widen(a.z[z + i * a.zn]);
      a.y[y + i * a.yn] = narrow<T>(LOG ? dy - exp(v) * s : v * (dy - s));
    }
  }
}

// Normalisation of groups of elements. Parameters belong to elements (LayerNorm), or to groups (BatchNorm).
template <class T, int RO, int RI> struct NormArgs {
  Head h;
  i64 groups, n;
  i64 shape[RO], xs[RO], ys[RO], over[RI], xi[RI], yi[RI], gi[RI], bi[RI];
  i64 gs, bs;
  In<T> x, gamma, beta;
  Out<T> y, mean, stat;
  f64 eps;
};

template <class T, int RO, int RI, bool BATCH> DEVICE void normalise(const NormArgs<T, RO, RI>& a) {
  typedef Wide<T> W;
  typedef MomentsOver<W> K;
  for (i64 g = block(); g < a.groups; g += blocks()) {
    i64 x = place<RO>(g, a.shape, a.xs), y = place<RO>(g, a.shape, a.ys);
    typename K::Acc m = K::start();
    for (i64 i = thread(); i < a.n; i += threads()) m = K::join(m, K::of(widen(a.x[x + place<RI>(i, a.over, a.xi)])));
    m = block_join<typename K::Acc, K>(m);
    W var = m.m2 / (W)a.n, rstd = 1 / sqrt(var + (W)a.eps);
    if (thread() == 0) {
      a.mean[g] = narrow<T>(m.mean);
      a.stat[g] = narrow<T>(BATCH ? var : rstd);
    }
    for (i64 i = thread(); i < a.n; i += threads()) {
      W v = (widen(a.x[x + place<RI>(i, a.over, a.xi)]) - m.mean) * rstd;
      if (a.gamma) v *= widen(a.gamma[BATCH ? g * a.gs : place<RI>(i, a.over, a.gi)]);
      if (a.beta) v += widen(a.beta[BATCH ? g * a.bs : place<RI>(i, a.over, a.bi)]);
      a.y[y + place<RI>(i, a.over, a.yi)] = narrow<T>(v);
    }
  }
}

template <class T, int RO, int RI> struct NormGradArgs {
  Head h;
  i64 groups, n;
  i64 shape[RO], xs[RO], ds[RO], ys[RO], ms[RO], rs[RO], over[RI], xi[RI], di[RI], yi[RI], gi[RI];
  i64 gs;
  In<T> dy, x, mean, rstd, gamma;
  Out<T> dx, dgamma, dbeta;
};
template <class W> struct Pair {
  W a, b;
};
template <class W> struct PairSum {
  static DEVICE Pair<W> join(Pair<W> x, Pair<W> y) {
    Pair<W> z = {x.a + y.a, x.b + y.b};
    return z;
  }
};

template <class T, int RO, int RI, bool BATCH> DEVICE void normalise_grad(const NormGradArgs<T, RO, RI>& a) {
  typedef Wide<T> W;
  for (i64 g = block(); g < a.groups; g += blocks()) {
    i64 x = place<RO>(g, a.shape, a.xs), d = place<RO>(g, a.shape, a.ds), y = place<RO>(g, a.shape, a.ys);
    W mean = widen(a.mean[place<RO>(g, a.shape, a.ms)]), rstd = widen(a.rstd[place<RO>(g, a.shape, a.rs)]);
    Pair<W> s = {0, 0}, p = {0, 0};  // of u and u·x̂, of dy and dy·x̂
    for (i64 i = thread(); i < a.n; i += threads()) {
      W dy = widen(a.dy[d + place<RI>(i, a.over, a.di)]), u = dy;
      W hat = (widen(a.x[x + place<RI>(i, a.over, a.xi)]) - mean) * rstd;
      if (a.gamma) u *= widen(a.gamma[BATCH ? g * a.gs : place<RI>(i, a.over, a.gi)]);
      s.a += u;
      s.b += u * hat;
      p.a += dy;
      p.b += dy * hat;
    }
    s = block_join<Pair<W>, PairSum<W> >(s);
    if (BATCH) {
      p = block_join<Pair<W>, PairSum<W> >(p);
      if (thread() == 0) {
        a.dbeta[g] = narrow<T>(p.a);
        a.dgamma[g] = narrow<T>(p.b);
      }
    }
    for (i64 i = thread(); i < a.n; i += threads()) {
      W u = widen(a.dy[d + place<RI>(i, a.over, a.di)]);
      W hat = (widen(a.x[x + place<RI>(i, a.over, a.xi)]) - mean) * rstd;
      if (a.gamma) u *= widen(a.gamma[BATCH ? g * a.gs : place<RI>(i, a.over, a.gi)]);
      a.dx[y + place<RI>(i, a.over, a.yi)] = narrow<T>(rstd * (u - s.a / (W)a.n - hat * (s.b / (W)a.n)));
    }
  }
}

// The parameters of LayerNorm: a thread for each element of a group.
template <class T, int RO, int RI> DEVICE void parameter_grad(const NormGradArgs<T, RO, RI>& a) {
  typedef Wide<T> W;
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    i64 x = place<RI>(i, a.over, a.xi), d = place<RI>(i, a.over, a.di);
    W gamma = 0, beta = 0;
    for (i64 g = 0; g < a.groups; g++) {
      W dy = widen(a.dy[d + place<RO>(g, a.shape, a.ds)]);
      W mean = widen(a.mean[place<RO>(g, a.shape, a.ms)]), rstd = widen(a.rstd[place<RO>(g, a.shape, a.rs)]);
      beta += dy;
      gamma += dy * (widen(a.x[x + place<RO>(g, a.shape, a.xs)]) - mean) * rstd;
    }
    a.dgamma[i] = narrow<T>(gamma);
    a.dbeta[i] = narrow<T>(beta);
  }
}

// Cross entropy of logits x and labels: a block for each sample.
template <class T, class L, int R> struct LossArgs {
  Head h;
  i64 rows, n;
  i64 shape[R], xs[R], ls[R], ds[R], ys[R];
  i64 xn, yn;
  In<T> x;
  In<L> labels;
  In<T> dy;
  Out<T> y;
  f64 share;
};

template <class T, class L, int R> DEVICE i64 label(const LossArgs<T, L, R>& a, i64 r) {
  i64 l = a.labels[place<R>(r, a.shape, a.ls)];
  if (l >= 0 && l < a.n) return l;
  if (thread() == 0) a.h.fault.raise(FAULT_LABEL, l, a.n);
  return 0;
}

template <class T, class L, int R> DEVICE Scaled<Wide<T> > partition(const LossArgs<T, L, R>& a, i64 x) {
  typedef LogSumExpOver<T, T> K;
  typename K::Acc s = K::start();
  for (i64 i = thread(); i < a.n; i += threads()) s = K::join(s, K::of(a.x[x + i * a.xn], i));
  return block_join<typename K::Acc, K>(s);
}

template <class T, class L, int R> DEVICE void cross_entropy(const LossArgs<T, L, R>& a) {
  for (i64 r = block(); r < a.rows; r += blocks()) {
    i64 x = place<R>(r, a.shape, a.xs), l = label(a, r);
    Scaled<Wide<T> > s = partition(a, x);
    if (thread() == 0) a.y[r] = narrow<T>(log(s.sum) + (s.top - widen(a.x[x + l * a.xn])));
  }
}

template <class T, class L, int R> DEVICE void cross_entropy_grad(const LossArgs<T, L, R>& a) {
  typedef Wide<T> W;
  for (i64 r = block(); r < a.rows; r += blocks()) {
    i64 x = place<R>(r, a.shape, a.xs), y = place<R>(r, a.shape, a.ys), l = label(a, r);
    Scaled<W> s = partition(a, x);
    W dy = widen(a.dy[place<R>(r, a.shape, a.ds)]) * (W)a.share;
    for (i64 i = thread(); i < a.n; i += threads()) {
      W p = exp(widen(a.x[x + i * a.xn]) - s.top) / s.sum;
      a.y[y + i * a.yn] = narrow<T>(dy * (p - (i == l ? 1 : 0)));
    }
  }
}
