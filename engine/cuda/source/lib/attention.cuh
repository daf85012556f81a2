// Attention: a block for each query, and in the gradient for each key. Scores are computed again where they are
// needed instead of being stored. M is the type of the mask: b8 keeps where it is true, numbers are added.
template <class T, class M> struct AttentionArgs {
  typedef Wide<T> W;
  Head h;
  i64 batch, heads, keys_heads, t, s, d, e;
  i64 qs[4], ks[4], vs[4], ms[4], ys[4], dys[4], ls[3], es[3];  // es: of delta
  i64 dqs[4], dks[4], dvs[4];
  i64 causal, seed, offset;
  f64 scale, keep;
  In<T> q, k, v;
  In<M> mask;
  In<T> dy;
  In<W> lse, delta;
  Out<T> y;
  Out<W> sums;
  Out<T> dq, dk, dv;

  // score is −∞ for a key that the query does not see.
  DEVICE W score(i64 b, i64 head, i64 i, i64 j) const {
    if (causal && j > i) return -Limits<W>::inf();
    i64 at = b * qs[0] + head * qs[1] + i * qs[2];
    i64 to = b * ks[0] + head / (heads / keys_heads) * ks[1] + j * ks[2];
    W sum = 0;
    for (i64 c = 0; c < d; c++) sum += widen(q[at + c * qs[3]]) * (W)scale * widen(k[to + c * ks[3]]);
    if (!mask) return sum;
    return masked(sum, widen(mask[b * ms[0] + head * ms[1] + i * ms[2] + j * ms[3]]));
  }
  static DEVICE W masked(W sum, b8 m) { return m ? sum : -Limits<W>::inf(); }
  template <class V> static DEVICE W masked(W sum, V m) { return sum + (W)m; }
  // dropped is the factor of dropout.
  DEVICE W dropped(i64 b, i64 head, i64 i, i64 j) const {
    if (keep >= 1) return 1;
    return bernoulli(((b * heads + head) * t + i) * s + j, seed, offset, keep) ? (W)(1 / keep) : 0;
  }
  // slope is the gradient of the score, weight what multiplies dy for v.
  DEVICE W slope(i64 b, i64 head, i64 i, i64 j, W* weight) const {
    W p = exp(score(b, head, i, j) - (W)lse[b * ls[0] + head * ls[1] + i * ls[2]]), f = dropped(b, head, i, j);
    *weight = p * f;
    if (p == 0) return 0;
    i64 at = b * dys[0] + head * dys[1] + i * dys[2];
    i64 to = b * vs[0] + head / (heads / keys_heads) * vs[1] + j * vs[2];
    W sum = 0;
    for (i64 c = 0; c < e; c++) sum += widen(dy[at + c * dys[3]]) * widen(v[to + c * vs[3]]);
    return p * (sum * f - (W)delta[b * es[0] + head * es[1] + i * es[2]]);
  }
};

template <class T, class M> DEVICE void attention(const AttentionArgs<T, M>& a) {
  typedef Wide<T> W;
  typedef LogSumExpOver<W, W> K;
  SHARED(W, weights, 256);
  for (i64 w = block(); w < a.batch * a.heads * a.t; w += blocks()) {
    i64 i = w % a.t, head = w / a.t % a.heads, b = w / a.t / a.heads;
    i64 v = b * a.vs[0] + head / (a.heads / a.keys_heads) * a.vs[1];
    typename K::Acc sum = K::start();
    for (i64 j = thread(); j < a.s; j += threads()) sum = K::join(sum, K::of(a.score(b, head, i, j), j));
    sum = block_join<typename K::Acc, K>(sum);
    bool none = a.s == 0 || sum.top == -Limits<W>::inf();
    if (thread() == 0) a.sums[w] = none ? (W)0 : sum.top + log(sum.sum);
    for (i64 c0 = 0; c0 < a.e; c0 += threads()) {
      i64 c = c0 + thread();
      W y = 0;
      for (i64 j0 = 0; j0 < a.s && !none; j0 += threads()) {
        i64 j = j0 + thread();
        weights[thread()] = j < a.s ? exp(a.score(b, head, i, j) - sum.top) / sum.sum * a.dropped(b, head, i, j) : (W)0;
        BARRIER();
        for (i64 n = 0; n < threads() && j0 + n < a.s && c < a.e; n++) {
          W p = weights[n];
          y += p * widen(a.v[v + (j0 + n) * a.vs[2] + c * a.vs[3]]);
        }
        BARRIER();
      }
      if (c < a.e) a.y[b * a.ys[0] + head * a.ys[1] + i * a.ys[2] + c * a.ys[3]] = narrow<T>(y);
    }
  }
}

template <class T, class M> DEVICE void attention_dq(const AttentionArgs<T, M>& a) {
  typedef Wide<T> W;
  SHARED(W, slopes, 256);
  for (i64 w = block(); w < a.batch * a.heads * a.t; w += blocks()) {
    i64 i = w % a.t, head = w / a.t % a.heads, b = w / a.t / a.heads;
    i64 k = b * a.ks[0] + head / (a.heads / a.keys_heads) * a.ks[1];
    for (i64 c0 = 0; c0 < a.d; c0 += threads()) {
      i64 c = c0 + thread();
      W sum = 0;
      for (i64 j0 = 0; j0 < a.s; j0 += threads()) {
        i64 j = j0 + thread();
        W weight;
        slopes[thread()] = j < a.s ? a.slope(b, head, i, j, &weight) : (W)0;
        BARRIER();
        for (i64 n = 0; n < threads() && j0 + n < a.s && c < a.d; n++) {
          W ds = slopes[n];
          sum += ds * widen(a.k[k + (j0 + n) * a.ks[2] + c * a.ks[3]]);
        }
        BARRIER();
      }
      if (c < a.d) a.dq[b * a.dqs[0] + head * a.dqs[1] + i * a.dqs[2] + c * a.dqs[3]] = narrow<T>(sum * (W)a.scale);
    }
  }
}

template <class T, class M> DEVICE void attention_dkv(const AttentionArgs<T, M>& a) {
  typedef Wide<T> W;
  SHARED(W, slopes, 256);
  SHARED(W, weights, 256);
  const i64 group = a.heads / a.keys_heads, queries = group * a.t, width = a.d > a.e ? a.d : a.e;
  for (i64 w = block(); w < a.batch * a.keys_heads * a.s; w += blocks()) {
    i64 j = w % a.s, kh = w / a.s % a.keys_heads, b = w / a.s / a.keys_heads;
    for (i64 c0 = 0; c0 < width; c0 += threads()) {
      i64 c = c0 + thread();
      W dk = 0, dv = 0;
      for (i64 i0 = 0; i0 < queries; i0 += threads()) {
        i64 i = i0 + thread();
        W weight = 0, ds = i < queries ? a.slope(b, kh * group + i / a.t, i % a.t, j, &weight) : (W)0;
        slopes[thread()] = ds;
        weights[thread()] = weight;
        BARRIER();
        for (i64 n = 0; n < threads() && i0 + n < queries; n++) {
          i64 head = kh * group + (i0 + n) / a.t, q = (i0 + n) % a.t;
          W s = slopes[n], p = weights[n];
          if (c < a.d) dk += s * widen(a.q[b * a.qs[0] + head * a.qs[1] + q * a.qs[2] + c * a.qs[3]]);
          if (c < a.e) dv += p * widen(a.dy[b * a.dys[0] + head * a.dys[1] + q * a.dys[2] + c * a.dys[3]]);
        }
        BARRIER();
      }
      if (c < a.d) a.dk[b * a.dks[0] + kh * a.dks[1] + j * a.dks[2] + c * a.dks[3]] = narrow<T>(dk * (W)a.scale);
      if (c < a.e) a.dv[b * a.dvs[0] + kh * a.dvs[1] + j * a.dvs[2] + c * a.dvs[3]] = narrow<T>(dv);
    }
  }
}
