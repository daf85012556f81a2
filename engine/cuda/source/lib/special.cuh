// Special functions, computed in f64 as engine/cpu/special.go does.
#define OF_ELEMENTS(name, f) \
  template <class T> DEVICE T name(T x) { return (T)f((f64)x); }

DEVICE f64 infinity() { return Limits<f64>::inf(); }
DEVICE f64 not_a_number() { return Limits<f64>::nan(); }

// inverse_erf64 starts with the polynomials of Giles 2012, and two steps of Newton's method complete the digits.
DEVICE f64 inverse_erf64(f64 y) {
  f64 a = fabs(y);
  if (!(a < 1)) return a == 1 ? y * infinity() : not_a_number();
  f64 w = -log((1 - y) * (1 + y)), p;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-08;
    p = 3.43273939e-07 + p * w;
    p = -3.5233877e-06 + p * w;
    p = -4.39150654e-06 + p * w;
    p = 0.00021858087 + p * w;
    p = -0.00125372503 + p * w;
    p = -0.00417768164 + p * w;
    p = 0.246640727 + p * w;
    p = 1.50140941 + p * w;
  } else {
    w = sqrt(w) - 3;
    p = -0.000200214257;
    p = 0.000100950558 + p * w;
    p = 0.00134934322 + p * w;
    p = -0.00367342844 + p * w;
    p = 0.00573950773 + p * w;
    p = -0.0076224613 + p * w;
    p = 0.00943887047 + p * w;
    p = 1.00167406 + p * w;
    p = 2.83297682 + p * w;
  }
  f64 x = p * a;
  for (int i = 0; i < 2; i++) {
    f64 miss = a < 0.5 ? erf(x) - a : (1 - a) - erfc(x);
    f64 u = miss * 0.88622692545275801365 * exp(x * x);  // √π/2
    x -= u / (1 + x * u);
  }
  return y < 0 ? -x : x;
}
OF_ELEMENTS(inverse_erf, inverse_erf64)

DEVICE f64 scaled_erfc64(f64 x) {
  if (x < 0 && x - x != 0) return infinity();
  if (x < 12) {
    f64 y = x * x;
    return exp(y) * (1 + fma(x, x, -y)) * erfc(x);  // y and what its rounding lost
  }
  f64 z = 0.5 / (x * x), sum = 1, term = 1;
  for (int k = 1; k < 30 && fabs(term) > 5.5511151231257827e-17; k++) {  // Abramowitz and Stegun 7.1.23
    term *= -z * (2 * k - 1);
    sum += term;
  }
  return sum / (x * 1.77245385090551602730);
}
OF_ELEMENTS(scaled_erfc, scaled_erfc64)

// Source: Abramowitz and Stegun 26.2.23, then Halley's method.
DEVICE f64 inverse_normal64(f64 p) {
  if (!(p >= 0 && p <= 1)) return not_a_number();
  if (p == 0 || p == 1) return p == 0 ? -infinity() : infinity();
  if (p > 0.25 && p < 0.75) return 1.41421356237309504880 * inverse_erf64(2 * p - 1);
  f64 q = p > 0.5 ? 1 - p : p, t = sqrt(-2 * log(q));
  f64 x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (int i = 0; i < 3; i++) {
    f64 u = (0.5 * scaled_erfc64(-x / 1.41421356237309504880) - q * exp(x * x / 2)) * 2.50662827463100050242;
    if (u - u != 0) break;
    x -= u / (1 + x * u / 2);
  }
  return p > 0.5 ? -x : x;
}
OF_ELEMENTS(inverse_normal, inverse_normal64)

// exp(−|x|)·Iₙ(x). Source: Abramowitz and Stegun 9.6.10 and 9.7.1.
DEVICE f64 bessel64(int n, f64 x) {
  f64 y = fabs(x), sum = 1, term = 1, mu = 4 * n * n;
  if (y < 30) {
    for (f64 k = 1; term > 5.5511151231257827e-17 * sum; k++) {
      term *= y * y / (4 * k * (k + n));
      sum += term;
    }
    sum *= (n == 1 ? y / 2 : 1) * exp(-y);
  } else {
    for (f64 k = 1; k < 60 && fabs(term) > 5.5511151231257827e-17; k++) {
      term *= ((2 * k - 1) * (2 * k - 1) - mu) / (8 * k * y);
      sum += term;
    }
    sum /= sqrt(6.28318530717958647692 * y);
  }
  return n == 1 && x < 0 ? -sum : sum;
}
template <class T> DEVICE T bessel_i0(T x) { return (T)bessel64(0, (f64)x); }
template <class T> DEVICE T bessel_i1(T x) { return (T)bessel64(1, (f64)x); }

// Σ (q + k)⁻ˣ over k ≥ 0. Source: Cephes.
DEVICE f64 zeta64(f64 x, f64 q) {
  if (x == 1) return infinity();
  if (!(x >= 1) || q != q) return not_a_number();
  if (q <= 0 && q == floor(q)) return infinity();
  if (q <= 0 && x != floor(x)) return not_a_number();
  if (q - q != 0) return 0;
  const f64 divisors[12] = {12, -720, 30240, -1209600, 47900160, -1.8924375803183791606e9, 7.47242496e10,
                            -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
                            1.8152105401943546773e17, -7.1661652561756670113e18};
  const f64 eps = 1.1102230246251565e-16;
  f64 s = pow(q, -x), w = q, b = 0;
  for (int i = 0; i < 9 || w <= 9; i++) {
    w++;
    b = pow(w, -x);
    s += b;
    if (fabs(b) < eps * fabs(s)) return s;
  }
  s += b * w / (x - 1) - 0.5 * b;
  f64 a = 1, k = 0;
  for (int i = 0; i < 12; i++) {
    a *= x + k;
    b /= w;
    f64 t = a * b / divisors[i];
    s += t;
    if (fabs(t) < eps * fabs(s)) break;
    a *= x + k + 1;
    b /= w;
    k += 2;
  }
  return s;
}
template <class T> DEVICE T zeta(T x, T q) { return (T)zeta64((f64)x, (f64)q); }

// Source: Abramowitz and Stegun 6.3.5–6.3.18.
DEVICE f64 digamma64(f64 x) {
  if (x == 0) return copysign(infinity(), -x);
  if (x != x || (x > 0 && x - x != 0)) return x;
  if (x < 0 && (x == floor(x) || x - x != 0)) return not_a_number();
  f64 y = 0;
  if (x < 0) {
    y = -3.14159265358979323846 / tan(3.14159265358979323846 * (x - trunc(x)));
    x = 1 - x;
  }
  for (; x < 12; x++) y -= 1 / x;
  f64 z = 1 / (x * x);
  f64 series = z * (1. / 12 - z * (1. / 120 - z * (1. / 252 - z * (1. / 240 - z * (1. / 132 - z * (691. / 32760 - z / 12))))));
  return y + log(x) - 0.5 / x - series;
}
template <class T> DEVICE T polygamma(i64 n, T x) {
  if (n == 0) return (T)digamma64((f64)x);
  return (T)((n % 2 == 0 ? -1 : 1) * tgamma((f64)(n + 1)) * zeta64((f64)(n + 1), (f64)x));
}

// log Γ(1 + a), accurate for small a.
DEVICE f64 log_gamma_1p(f64 a) {
  if (a > 0.5) return lgamma(1 + a);
  f64 sum = -0.57721566490153286061 * a, power = -a;
  for (int n = 2; n < 60; n++) {
    power *= -a;
    f64 term = zeta64(n, 1) * power / n;
    sum += term;
    if (fabs(term) <= 5.5511151231257827e-17 * fabs(sum)) break;
  }
  return sum;
}

// The regularized incomplete gamma functions. Source: Abramowitz and Stegun 6.5.29 and 6.5.31, DLMF 8.7.3.
DEVICE f64 gamma64(f64 a, f64 x, bool upper) {
  bool infinite_a = a > 0 && a - a != 0, infinite_x = x > 0 && x - x != 0;
  if (!(a >= 0) || !(x >= 0) || (a == 0 && x == 0) || (infinite_a && infinite_x)) return not_a_number();
  if (a == 0 || infinite_x) return upper ? 0 : 1;
  if (x == 0 || infinite_a) return upper ? 1 : 0;
  const f64 eps = 1.1102230246251565e-16;
  if ((x <= 1.1 && a < 1.1 * x) || (x <= 0.5 && a < -0.4 / log(x))) {
    f64 sum = 0, factor = 1;
    for (int n = 1; n < 100; n++) {
      factor *= -x / n;
      f64 term = factor / (a + n);
      sum += term;
      if (fabs(term) <= eps / 2 * fabs(sum)) break;
    }
    f64 power = a * log(x) - log_gamma_1p(a), q = -expm1(power) - a * exp(power) * sum;
    return upper ? q : 1 - q;
  }
  f64 front = exp(a * log(x) - x - lgamma(a));
  if (x < a + 1) {
    f64 term = 1 / a, sum = term;
    for (int n = 1; n < 1 << 16 && term > eps * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return upper ? 1 - front * sum : front * sum;
  }
  f64 b = x + 1 - a, c = infinity(), d = 1 / b, h = d;  // Lentz's method
  for (f64 n = 1; n < 1 << 16; n++) {
    f64 an = n * (a - n);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (fabs(d * c - 1) < eps * 4) break;
  }
  return upper ? front * h : 1 - front * h;
}
template <class T> DEVICE T gamma_p(T a, T x) { return (T)gamma64((f64)a, (f64)x, false); }
template <class T> DEVICE T gamma_q(T a, T x) { return (T)gamma64((f64)a, (f64)x, true); }
