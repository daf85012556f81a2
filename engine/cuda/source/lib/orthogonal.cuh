// Orthogonal factorisations of matrices in f64, row-major: a block for each. Pairs of Jacobi's methods are those of
// a tournament, so that the rotations of a round touch different rows.
struct OrthogonalArgs {
  Head h;
  i64 batch, m, n;
  f64 absolute, relative;
  Out<f64> a;            // [batch m n]
  Out<f64> b, s, v, work;  // what a kernel says
};
typedef SumOver<f64, f64> Adding;
typedef MaxOver<f64, f64> Largest;

DEVICE f64 block_sum(f64 x) { return block_join<f64, Adding>(x); }
DEVICE f64 block_max(f64 x) { return block_join<Largest::Acc, Largest>(Largest::of(x, thread())).v; }

// householder leaves R and, below its diagonal, reflections in a [m n], and their factors in s [min(m, n)], by
// LAPACK's rules for signs.
DEVICE void householder(const OrthogonalArgs& a) {
  const i64 m = a.m, n = a.n, k = m < n ? m : n;
  for (i64 w = block(); w < a.batch; w += blocks()) {
    Out<f64> x = a.a + w * m * n, tau = a.s + w * k;
    for (i64 j = 0; j < k; j++) {
      f64 top = 0, sum = 0, alpha = x[j * n + j];
      for (i64 i = j + 1 + thread(); i < m; i += threads()) {
        f64 v = fabs((f64)x[i * n + j]);
        if (v > top || v != v) top = v;
      }
      top = block_max(top);
      for (i64 i = j + 1 + thread(); i < m && top != 0; i += threads()) {
        f64 v = x[i * n + j] / top;
        sum += v * v;
      }
      f64 norm = top * sqrt(block_sum(sum)), beta = -copysign(hypot(alpha, norm), alpha);
      f64 t = norm == 0 ? 0 : (beta - alpha) / beta;
      for (i64 i = j + 1 + thread(); i < m && norm != 0; i += threads()) x[i * n + j] = x[i * n + j] / (alpha - beta);
      if (thread() == 0) {
        tau[j] = t;
        if (norm != 0) x[j * n + j] = beta;
      }
      BARRIER();
      for (i64 c = j + 1 + thread(); c < n; c += threads()) {
        f64 dot = x[j * n + c];
        for (i64 i = j + 1; i < m; i++) dot += x[i * n + j] * x[i * n + c];
        dot *= t;
        x[j * n + c] = x[j * n + c] - dot;
        for (i64 i = j + 1; i < m; i++) x[i * n + c] = x[i * n + c] - x[i * n + j] * dot;
      }
      BARRIER();
    }
  }
}

// orthonormal takes R out of what householder left, to b [n n], and turns the reflections into Q; m ≥ n.
DEVICE void orthonormal(const OrthogonalArgs& a) {
  const i64 m = a.m, n = a.n;
  for (i64 w = block(); w < a.batch; w += blocks()) {
    Out<f64> x = a.a + w * m * n, tau = a.s + w * n, r = a.b + w * n * n;
    for (i64 e = thread(); e < n * n; e += threads()) r[e] = e % n >= e / n ? (f64)x[e] : 0.0;
    BARRIER();
    for (i64 j = n - 1; j >= 0; j--) {
      f64 t = tau[j];
      for (i64 c = j + 1 + thread(); c < n; c += threads()) {
        f64 dot = x[j * n + c];
        for (i64 i = j + 1; i < m; i++) dot += x[i * n + j] * x[i * n + c];
        dot *= t;
        x[j * n + c] = x[j * n + c] - dot;
        for (i64 i = j + 1; i < m; i++) x[i * n + c] = x[i * n + c] - x[i * n + j] * dot;
      }
      BARRIER();
      for (i64 i = thread(); i < m; i += threads()) {
        f64 v = x[i * n + j];
        x[i * n + j] = i < j ? 0.0 : i == j ? 1 - t : -t * v;
      }
      BARRIER();
    }
  }
}

// players are pair t of a round among n, in ascending order; false where one of them is missing.
DEVICE bool players(i64 n, i64 round, i64 t, i64* p, i64* q) {
  i64 even = n + n % 2, u = even - 1 - t;
  i64 x = t == 0 ? 0 : 1 + (t - 1 + round) % (even - 1), y = 1 + (u - 1 + round) % (even - 1);
  *p = x < y ? x : y;
  *q = x < y ? y : x;
  return *q < n;
}
// rotation makes the off-diagonal element pq of a symmetric matrix 0.
DEVICE void rotation(f64 pp, f64 pq, f64 qq, f64* c, f64* s) {
  f64 theta = (qq - pp) / (2 * pq), t = copysign(1.0, theta) / (fabs(theta) + hypot(1.0, theta));
  if (pq == 0) t = 0;
  *c = 1 / sqrt(1 + t * t);
  *s = t * *c;
}

// mirror makes a symmetric from its lower part.
DEVICE void mirror(const OrthogonalArgs& a) {
  for (i64 e = first<i64>(); e < a.batch * a.n * a.n; e += step<i64>()) {
    i64 i = e / a.n % a.n, j = e % a.n, w = e - i * a.n - j;
    if (j < i) a.a[w + j * a.n + i] = (f64)a.a[e];
  }
}

// eigen finds the eigenvalues s [n], ascending, and vectors b [n n] of symmetric matrices a: Jacobi's method. v
// [n n] and work [n + 1] are room. What is not finite gives NaN.
DEVICE void eigen(const OrthogonalArgs& a) {
  const i64 n = a.n, pairs = (n + 1) / 2, rounds = n + n % 2 - 1;
  for (i64 w = block(); w < a.batch; w += blocks()) {
    Out<f64> x = a.a + w * n * n, v = a.v + w * n * n, cs = a.work + w * (n + 1), b = a.b + w * n * n, s = a.s + w * n;
    f64 odd = 0;
    for (i64 e = thread(); e < n * n; e += threads()) {
      f64 u = x[e];
      odd += u - u;
      v[e] = e / n == e % n ? 1.0 : 0.0;
    }
    odd = block_sum(odd);
    for (int sweep = 0; sweep < 50; sweep++) {
      f64 off = 0, all = 0;
      for (i64 e = thread(); e < n * n; e += threads()) {
        f64 u = x[e];
        all += u * u;
        if (e / n != e % n) off += u * u;
      }
      off = block_sum(off);
      all = block_sum(all);
      if (!(off > 1e-34 * all)) break;
      for (i64 round = 0; round < rounds; round++) {
        i64 p, q;
        for (i64 t = thread(); t < pairs; t += threads()) {
          if (!players(n, round, t, &p, &q)) continue;
          f64 c, r;
          rotation(x[p * n + p], x[p * n + q], x[q * n + q], &c, &r);
          cs[2 * t] = c;
          cs[2 * t + 1] = r;
        }
        BARRIER();
        for (i64 e = thread(); e < pairs * n; e += threads()) {
          i64 t = e / n, k = e % n;
          if (!players(n, round, t, &p, &q)) continue;
          f64 c = cs[2 * t], r = cs[2 * t + 1], xp = x[p * n + k], xq = x[q * n + k];
          x[p * n + k] = c * xp - r * xq;
          x[q * n + k] = r * xp + c * xq;
        }
        BARRIER();
        for (i64 e = thread(); e < pairs * n; e += threads()) {
          i64 t = e % pairs, k = e / pairs;
          if (!players(n, round, t, &p, &q)) continue;
          f64 c = cs[2 * t], r = cs[2 * t + 1], xp = x[k * n + p], xq = x[k * n + q];
          x[k * n + p] = k == q ? 0.0 : c * xp - r * xq;
          x[k * n + q] = k == p ? 0.0 : r * xp + c * xq;
          f64 vp = v[k * n + p], vq = v[k * n + q];
          v[k * n + p] = c * vp - r * vq;
          v[k * n + q] = r * vp + c * vq;
        }
        BARRIER();
      }
    }
    BARRIER();
    for (i64 i = thread(); i < n; i += threads()) {
      f64 value = x[i * n + i];
      i64 rank = 0;
      for (i64 j = 0; j < n; j++) {
        f64 u = x[j * n + j];
        rank += u < value || (u == value && j < i);
      }
      if (odd != 0) rank = i;
      s[rank] = odd != 0 ? Limits<f64>::nan() : value;
      for (i64 k = 0; k < n; k++) b[k * n + rank] = odd != 0 ? Limits<f64>::nan() : (f64)v[k * n + i];
    }
    BARRIER();
  }
}

// ordered is the end of singular: rows go to the rank of their norm.
DEVICE void ordered(const OrthogonalArgs& a, i64 w, f64 unit) {
  const i64 m = a.m, n = a.n, room = m * m + m;
  Out<f64> x = a.a + w * m * n, v = a.v + w * m * m, b = a.b + w * m * n, s = a.s + w * m;
  Out<f64> to = a.work + w * room, norms = a.work + (w * room + m * m);
  for (i64 i = thread(); i < m; i += threads()) {
    f64 sum = 0;
    for (i64 k = 0; k < n; k++) sum += x[i * n + k] * x[i * n + k];
    norms[i] = sqrt(sum);
  }
  BARRIER();
  for (i64 i = 0; i < m; i++) {
    f64 norm = norms[i], before = 0;
    for (i64 j = thread(); j < m; j += threads()) {
      f64 u = norms[j];
      before += u > norm || (j < i && (u == norm || norm != norm)) ? 1.0 : 0.0;
    }
    i64 rank = (i64)block_sum(before);
    for (i64 k = thread(); k < n; k += threads()) b[rank * n + k] = norm == 0 ? 0.0 : x[i * n + k] / norm;
    for (i64 k = thread(); k < m; k += threads()) to[rank * m + k] = (f64)v[i * m + k];
    if (thread() == 0) s[rank] = norm * unit;
  }
  BARRIER();
}

// complete gives rows of norm 0, which are the last, directions that no other row has (Gram and Schmidt, twice).
DEVICE void complete(const OrthogonalArgs& a, i64 w) {
  const i64 m = a.m, n = a.n;
  Out<f64> b = a.b + w * m * n, s = a.s + w * m;
  for (i64 j = 0; j < m; j++) {
    f64 norm = s[j];
    if (norm != 0) continue;
    Largest::Acc best = Largest::start();
    for (i64 k = thread(); k < n; k += threads()) {
      f64 rest = 1;
      for (i64 i = 0; i < j; i++) rest -= b[i * n + k] * b[i * n + k];
      best = Largest::join(best, Largest::of(rest, k));
    }
    i64 axis = block_join<Largest::Acc, Largest>(best).at;
    for (i64 k = thread(); k < n; k += threads()) b[j * n + k] = k == axis ? 1.0 : 0.0;
    BARRIER();
    for (i64 i = 0; i < 2 * j; i++) {
      i64 other = i % j;
      f64 dot = 0;
      for (i64 k = thread(); k < n; k += threads()) dot += b[other * n + k] * b[j * n + k];
      dot = block_sum(dot);
      for (i64 k = thread(); k < n; k += threads()) b[j * n + k] = b[j * n + k] - dot * b[other * n + k];
    }
    f64 sum = 0;
    for (i64 k = thread(); k < n; k += threads()) sum += b[j * n + k] * b[j * n + k];
    sum = sqrt(block_sum(sum));
    for (i64 k = thread(); k < n; k += threads()) b[j * n + k] = b[j * n + k] / sum;
    BARRIER();
  }
}

// singular makes the m rows of a, of n ≥ m elements, orthogonal by rotations from the left, which it collects in v
// [m m]: one-sided Jacobi (Hestenes 1958). Then b [m n] holds the rows with norm 1 and s [m] the norms, descending;
// v goes to the front of work [m m + m] in that order. What is not finite gives NaN.
DEVICE void singular(const OrthogonalArgs& a) {
  SHARED(f64, dots, 3 * 256);
  SHARED(f64, turns, 2 * 8);
  const i64 m = a.m, n = a.n, pairs = (m + 1) / 2, rounds = m + m % 2 - 1;
  const u32 group = thread() / 32, lane = thread() % 32;
  for (i64 w = block(); w < a.batch; w += blocks()) {
    Out<f64> x = a.a + w * m * n, v = a.v + w * m * m;
    f64 top = 0, odd = 0;
    for (i64 e = thread(); e < m * n; e += threads()) {
      f64 u = fabs((f64)x[e]);
      if (u > top) top = u;
      odd += u - u;
    }
    for (i64 e = thread(); e < m * m; e += threads()) v[e] = e / m == e % m ? 1.0 : 0.0;
    top = block_max(top);
    odd = block_sum(odd);
    f64 unit = top > 0 && odd == 0 ? top : 1.0;
    for (i64 e = thread(); e < m * n; e += threads()) x[e] = odd == 0 ? x[e] / unit : Limits<f64>::nan();
    BARRIER();
    bool busy = odd == 0;
    for (int sweep = 0; sweep < 60 && busy; sweep++) {
      f64 turned = 0;
      for (i64 round = 0; round < rounds; round++) {
        for (i64 t0 = 0; t0 < pairs; t0 += 8) {
          i64 p = 0, q = 0;
          bool plays = t0 + group < pairs && players(m, round, t0 + group, &p, &q);
          f64 pp = 0, pq = 0, qq = 0;
          for (i64 k = lane; k < n && plays; k += 32) {
            f64 xp = x[p * n + k], xq = x[q * n + k];
            pp += xp * xp;
            pq += xp * xq;
            qq += xq * xq;
          }
          dots[thread()] = pp;
          dots[256 + thread()] = pq;
          dots[512 + thread()] = qq;
          BARRIER();
          if (lane == 0) {
            for (u32 k = 1; k < 32; k++) {
              pp += dots[thread() + k];
              pq += dots[256 + thread() + k];
              qq += dots[512 + thread() + k];
            }
            f64 c = 1, r = 0;
            if (fabs(pq) > 1e-15 * sqrt(pp) * sqrt(qq)) {
              rotation(pp, pq, qq, &c, &r);
              turned++;
            }
            turns[2 * group] = c;
            turns[2 * group + 1] = r;
          }
          BARRIER();
          f64 c = turns[2 * group], r = turns[2 * group + 1];
          for (i64 k = lane; k < n && plays && r != 0; k += 32) {
            f64 xp = x[p * n + k], xq = x[q * n + k];
            x[p * n + k] = c * xp - r * xq;
            x[q * n + k] = r * xp + c * xq;
          }
          for (i64 k = lane; k < m && plays && r != 0; k += 32) {
            f64 vp = v[p * m + k], vq = v[q * m + k];
            v[p * m + k] = c * vp - r * vq;
            v[q * m + k] = r * vp + c * vq;
          }
          BARRIER();
        }
      }
      busy = block_sum(turned) > 0;
    }
    ordered(a, w, unit);
    complete(a, w);
  }
}

// pseudo_inverse is a [m n] = Σ v[·, i]·u[·, i]ᵀ / s[i] over the values above the limit; b: u [n k], v: vt [k m].
DEVICE void pseudo_inverse(const OrthogonalArgs& a) {
  const i64 m = a.m, n = a.n, k = m < n ? m : n;
  for (i64 e = first<i64>(); e < a.batch * m * n; e += step<i64>()) {
    i64 w = e / (m * n), i = e / n % m, j = e % n;
    f64 limit = a.relative * a.s[w * k], sum = 0;
    if (limit < a.absolute) limit = a.absolute;
    for (i64 c = 0; c < k; c++) {
      f64 s = a.s[w * k + c];
      if (s > limit || s != s) sum += a.v[(w * k + c) * m + i] * a.b[(w * n + j) * k + c] / s;
    }
    a.a[e] = sum;
  }
}
