// Dense matrices in f64, row-major: a block for each. Faults say what a matrix is not.
struct FactorArgs {
  Head h;
  i64 batch, m, n, columns, upper, unit, transposed, lenient;
  Out<f64> a, b;            // [batch m n], [batch m columns]
  Out<i64> pivots, order;  // [batch min(m, n)] counted from 1, [batch m]
  Out<i64> info;           // [batch]
  Out<f64> sign, log;      // [batch]
};
enum { SINGULAR, NOT_DEFINITE };

// cholesky leaves the lower triangular factor in a, of which the lower part is read.
DEVICE void cholesky(const FactorArgs& a) {
  for (i64 w = block(); w < a.batch; w += blocks()) {
    Out<f64> l = a.a + w * a.n * a.n;
    i64 failed = 0;
    for (i64 j = 0; j < a.n && !failed; j++) {
      f64 d = l[j * a.n + j];
      BARRIER();
      failed = !(d > 0);
      f64 root = sqrt(d);
      if (thread() == 0) l[j * a.n + j] = root;
      for (i64 i = j + 1 + thread(); i < a.n; i += threads()) l[i * a.n + j] = l[i * a.n + j] / root;
      BARRIER();
      i64 rest = a.n - j - 1;
      for (i64 e = thread(); e < rest * rest; e += threads()) {
        i64 i = j + 1 + e / rest, k = j + 1 + e % rest;
        if (k <= i) l[i * a.n + k] = l[i * a.n + k] - l[i * a.n + j] * l[k * a.n + j];
      }
      BARRIER();
    }
    for (i64 e = thread(); e < a.n * a.n; e += threads()) {
      if (e % a.n > e / a.n) l[e] = 0;
    }
    if (thread() == 0) {
      a.info[w] = failed;
      if (failed && !a.lenient) a.h.fault.raise(FAULT_MATRIX, NOT_DEFINITE, 0);
    }
    BARRIER();
  }
}

// lu exchanges rows by the largest element of each column.
DEVICE void lu(const FactorArgs& a) {
  typedef MaxOver<f64, f64> K;
  const i64 least = a.m < a.n ? a.m : a.n;
  for (i64 w = block(); w < a.batch; w += blocks()) {
    Out<f64> x = a.a + w * a.m * a.n;
    if (thread() == 0) {
      for (i64 i = 0; i < a.m; i++) a.order[w * a.m + i] = i;
    }
    for (i64 j = 0; j < least; j++) {
      K::Acc best = K::start();
      for (i64 i = j + thread(); i < a.m; i += threads()) best = K::join(best, K::of(fabs((f64)x[i * a.n + j]), i));
      i64 p = block_join<K::Acc, K>(best).at;
      for (i64 c = thread(); c < a.n && p != j; c += threads()) {
        f64 u = x[j * a.n + c], v = x[p * a.n + c];
        x[j * a.n + c] = v;
        x[p * a.n + c] = u;
      }
      if (thread() == 0) {
        a.pivots[w * least + j] = p + 1;
        i64 u = a.order[w * a.m + j], v = a.order[w * a.m + p];
        a.order[w * a.m + j] = v;
        a.order[w * a.m + p] = u;
      }
      BARRIER();
      f64 d = x[j * a.n + j];
      for (i64 i = j + 1 + thread(); i < a.m && d != 0; i += threads()) x[i * a.n + j] = x[i * a.n + j] / d;
      BARRIER();
      i64 rows = a.m - j - 1, columns = a.n - j - 1;
      for (i64 e = thread(); e < rows * columns; e += threads()) {
        i64 i = j + 1 + e / columns, c = j + 1 + e % columns;
        x[i * a.n + c] = x[i * a.n + c] - x[i * a.n + j] * x[j * a.n + c];
      }
      BARRIER();
    }
  }
}

// log_det reads what lu left.
DEVICE void log_det(const FactorArgs& a) {
  for (i64 w = first<i64>(); w < a.batch; w += step<i64>()) {
    f64 sign = 1, sum = 0;
    for (i64 i = 0; i < a.n; i++) {
      f64 d = a.a[(w * a.n + i) * a.n + i];
      if (a.pivots[w * a.n + i] != i + 1) sign = -sign;
      sign = d < 0 ? -sign : d == 0 ? 0 : sign;
      sum += log(fabs(d));
    }
    a.sign[w] = sign;
    a.log[w] = sum;
  }
}

// substitute solves triangular systems in place: a thread for each column of b.
DEVICE void substitute(const FactorArgs& a) {
  for (i64 t = first<i64>(); t < a.batch * a.columns; t += step<i64>()) {
    i64 w = t / a.columns, c = t % a.columns;
    Out<f64> x = a.a + w * a.n * a.n, b = a.b + w * a.n * a.columns;
    bool down = (a.upper == 0) != (a.transposed != 0);
    for (i64 e = 0; e < a.n; e++) {
      i64 i = down ? e : a.n - 1 - e;
      f64 sum = b[i * a.columns + c];
      for (i64 k = down ? 0 : i + 1; k < (down ? i : a.n); k++) {
        sum -= x[a.transposed ? k * a.n + i : i * a.n + k] * b[k * a.columns + c];
      }
      f64 d = x[i * a.n + i];
      if (a.unit) d = 1;
      if (d == 0 && !a.lenient) a.h.fault.raise(FAULT_MATRIX, SINGULAR, 0);
      b[i * a.columns + c] = sum / d;
    }
  }
}
