// Fourier transforms of lines that lie one behind the other: Stockham's passes, each over all lines; lengths with
// large prime factors by Bluestein's convolution. Tables of roots of unity are computed in f64.
template <class R> struct FourierArgs {
  Head h;
  i64 lines, n, radix, m, s, length, sign;
  Out<complex<R> > x, y, roots;
};

DEVICE c128 root_of_unity(i64 k, i64 n) {  // e^(2πi·k/n)
  f64 turn = 6.283185307179586476925 * ((f64)k / (f64)n);
  c128 z = {cos(turn), sin(turn)};
  return z;
}

// roots[k] = e^(sign·2πi·k/n).
template <class R> DEVICE void fourier_roots(const FourierArgs<R>& a) {
  for (i64 k = first<i64>(); k < a.n; k += step<i64>()) {
    a.roots[k] = narrow<complex<R> >(root_of_unity(a.sign > 0 || k == 0 ? k : a.n - k, a.n));
  }
}

// A pass of radix r over what is left of a length, r·m; s = n/(r·m) results of earlier passes lie beside each other.
// N is r where it is known to the compiler, else 0.
template <class R, int N> DEVICE void fourier_pass(const FourierArgs<R>& a) {
  typedef complex<R> C;
  const i64 r = N ? N : a.radix, each = N ? a.n / r : a.n;
  for (i64 i = first<i64>(); i < a.lines * each; i += step<i64>()) {
    i64 line = i / each * a.n, at = i % each, only = at / (a.n / r);
    at %= a.n / r;
    i64 q = at % a.s, p = at / a.s;
    C v[N ? N : 1];
    for (int j = 0; j < N; j++) v[j] = a.x[line + q + a.s * (p + a.m * j)];
    for (i64 k = N ? 0 : only; k < (N ? r : only + 1); k++) {
      C sum = {0, 0};
      for (i64 j = 0; j < r; j++) {
        C one = N ? v[j < N ? j : 0] : (C)a.x[line + q + a.s * (p + a.m * j)];
        sum = sum + one * (C)a.roots[j * k % r * (a.n / r)];
      }
      a.y[line + q + a.s * (r * p + k)] = sum * (C)a.roots[p * k * a.s];
    }
  }
}

// Bluestein: with chirps c[k] = e^(sign·πi·k²/n), y[k] = c[k]·Σ (x[j]·c[j])·conj(c[k − j]), a circular convolution of
// length n here; length is that of the lines. roots are those of 2·length.
template <class R> DEVICE complex<R> chirp(const FourierArgs<R>& a, i64 k) {
  return (complex<R>)a.roots[k * k % (2 * a.length)];
}
template <class R> DEVICE void chirp_in(const FourierArgs<R>& a) {
  for (i64 i = first<i64>(); i < a.lines * a.n; i += step<i64>()) {
    i64 k = i % a.n;
    complex<R> v = {0, 0};
    if (k < a.length) v = (complex<R>)a.x[i / a.n * a.length + k] * chirp(a, k);
    a.y[i] = v;
  }
}
template <class R> DEVICE void chirp_other(const FourierArgs<R>& a) {
  for (i64 i = first<i64>(); i < a.n; i += step<i64>()) {
    i64 k = i < a.length ? i : a.n - i;
    complex<R> v = {0, 0};
    if (k < a.length) v = chirp(a, k);
    v.im = -v.im;
    a.y[i] = v;
  }
}
template <class R> DEVICE void chirp_times(const FourierArgs<R>& a) {  // y *= x
  for (i64 i = first<i64>(); i < a.lines * a.n; i += step<i64>()) a.y[i] = (complex<R>)a.y[i] * (complex<R>)a.x[i % a.n];
}
template <class R> DEVICE void chirp_out(const FourierArgs<R>& a) {
  for (i64 i = first<i64>(); i < a.lines * a.length; i += step<i64>()) {
    i64 k = i % a.length;
    complex<R> v = (complex<R>)a.x[i / a.length * a.n + k] * chirp(a, k);
    v.re /= (R)a.n;
    v.im /= (R)a.n;
    a.y[i] = v;
  }
}
