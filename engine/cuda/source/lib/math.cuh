// Functions of elements that Def.CUDA expressions call. T is f32, f64 or an integer type.
template <class T> DEVICE T larger(T x, T y) { return x > y || x != x ? x : y; }
template <class T> DEVICE T smaller(T x, T y) { return x < y || x != x ? x : y; }
template <class T> DEVICE T magnitude(T x) { return x < 0 ? -x : x; }
DEVICE f32 magnitude(f32 x) { return fabsf(x); }
DEVICE f64 magnitude(f64 x) { return fabs(x); }
DEVICE f32 magnitude(c64 x) { return hypotf(x.re, x.im); }
DEVICE f64 magnitude(c128 x) { return hypot(x.re, x.im); }
template <class T> DEVICE T sign_of(T x) { return (T)((x > 0) - (x < 0)); }
template <class T> DEVICE T relu(T x) { return x < 0 ? (T)0 : x; }

// Rounding leaves integers alone.
template <class T> DEVICE T down(T x) { return x; }
template <class T> DEVICE T up(T x) { return x; }
template <class T> DEVICE T towards0(T x) { return x; }
template <class T> DEVICE T nearest(T x) { return x; }
DEVICE f32 down(f32 x) { return floorf(x); }
DEVICE f64 down(f64 x) { return floor(x); }
DEVICE f32 up(f32 x) { return ceilf(x); }
DEVICE f64 up(f64 x) { return ceil(x); }
DEVICE f32 towards0(f32 x) { return truncf(x); }
DEVICE f64 towards0(f64 x) { return trunc(x); }
DEVICE f32 nearest(f32 x) { return rintf(x); }
DEVICE f64 nearest(f64 x) { return rint(x); }

template <class T> DEVICE T conjugate(T x) { return x; }
template <class R> DEVICE complex<R> conjugate(complex<R> x) {
  complex<R> z = {x.re, -x.im};
  return z;
}
template <class R> DEVICE complex<R> join(R re, R im) {
  complex<R> z = {re, im};
  return z;
}
template <class T> DEVICE T divide(T x, T y) { return x / y; }
template <class R> DEVICE complex<R> divide(complex<R> x, complex<R> y) {
  complex<R> z;  // Smith 1962
  if (fabs(y.re) >= fabs(y.im)) {
    R r = y.im / y.re, d = y.re + y.im * r;
    z.re = (x.re + x.im * r) / d;
    z.im = (x.im - x.re * r) / d;
  } else {
    R r = y.re / y.im, d = y.re * r + y.im;
    z.re = (x.re * r + x.im) / d;
    z.im = (x.im * r - x.re) / d;
  }
  return z;
}
template <class T> DEVICE T angle_of(T x) {
  return x != x ? x : x < 0 ? (T)3.14159265358979323846 : (T)0;
}
DEVICE f32 angle_of(c64 x) { return atan2f(x.im, x.re); }
DEVICE f64 angle_of(c128 x) { return atan2(x.im, x.re); }

// Division of integers by 0 is a fault; that of floats is not.
template <class T> DEVICE T over(Fault fault, T x, T y) {
  if (y == 0) {
    fault.raise(FAULT_ZERO, 0, 0);
    return 0;
  }
  return (T)-1 < (T)0 && y == (T)-1 ? (T)(0 - x) : (T)(x / y);  // the least integer over −1 wraps
}
template <class T> DEVICE T trunc_div(Fault fault, T x, T y) { return over(fault, x, y); }
DEVICE f32 trunc_div(Fault, f32 x, f32 y) { return truncf(x / y); }
DEVICE f64 trunc_div(Fault, f64 x, f64 y) { return trunc(x / y); }
template <class T> DEVICE T remainder_of(Fault fault, T x, T y) {
  return (T)(x - over(fault, x, y) * y);
}
DEVICE f32 remainder_of(Fault, f32 x, f32 y) { return fmodf(x, y); }
DEVICE f64 remainder_of(Fault, f64 x, f64 y) { return fmod(x, y); }
template <class T> DEVICE T floor_div(Fault fault, T x, T y) {
  T q = over(fault, x, y);
  return (T)(x - q * y != 0 && (x < 0) != (y < 0) ? q - 1 : q);
}
DEVICE f32 floor_div(Fault, f32 x, f32 y) { return floorf(x / y); }
DEVICE f64 floor_div(Fault, f64 x, f64 y) { return floor(x / y); }
template <class T> DEVICE T modulo(Fault fault, T x, T y) {
  T r = remainder_of(fault, x, y);
  return r != 0 && (r < 0) != (y < 0) ? (T)(r + y) : r;
}

template <class T> DEVICE T power(T x, T y) {
  if (y < 0) return x == 1 ? (T)1 : x == (T)-1 ? (T)(y % 2 == 0 ? 1 : -1) : (T)0;
  T r = 1;
  for (; y > 0; y /= 2) {
    if (y % 2 != 0) r = (T)(r * x);
    x = (T)(x * x);
  }
  return r;
}
DEVICE f32 power(f32 x, f32 y) { return powf(x, y); }
DEVICE f64 power(f64 x, f64 y) { return pow(x, y); }
template <class T> DEVICE T gcd(T x, T y) {
  while (y != 0) {
    T r = y == (T)-1 ? (T)0 : (T)(x % y);
    x = y;
    y = r;
  }
  return x < 0 ? (T)-x : x;
}
template <class T> DEVICE T lcm(T x, T y) {
  T g = gcd(x, y);
  T l = g == 0 ? (T)0 : (T)(x / g * y);
  return l < 0 ? (T)-l : l;
}
template <class T> DEVICE T shift_left(T x, T y) {
  return y < 0 || (u64)y >= 8 * sizeof(T) ? (T)0 : (T)((u64)x << (u64)y);
}
template <class T> DEVICE T shift_right(T x, T y) {
  return y < 0 || (u64)y >= 8 * sizeof(T) ? (T)(x < 0 ? -1 : 0) : (T)(x >> y);
}
template <class T> DEVICE T inverted(T x) { return (T)~x; }
DEVICE b8 inverted(b8 x) { return !x; }
template <class T> DEVICE bool is_negative(T x) { return x < 0; }
DEVICE bool is_negative(f32 x) { return as_u32(x) >> 31; }
DEVICE bool is_negative(f64 x) { return copysign(1.0, x) < 0; }
template <class T> DEVICE T bounded(T x, f64 lo, f64 hi) {
  if ((f64)x < lo) x = (T)(i64)lo;
  return (f64)x > hi ? (T)(i64)hi : x;
}
DEVICE f32 bounded(f32 x, f64 lo, f64 hi) {
  f32 l = (f32)lo, h = (f32)hi;
  x = x < l ? l : x;
  return x > h ? h : x;
}
DEVICE f64 bounded(f64 x, f64 lo, f64 hi) {
  x = x < lo ? lo : x;
  return x > hi ? hi : x;
}

// Activations and their derivatives.
template <class T> DEVICE T sigmoid(T x) { return 1 / (1 + exp(-x)); }
template <class T> DEVICE T normal_cdf(T x) { return (T)0.5 * erfc(x * (T)-0.70710678118654752440); }
template <class T> DEVICE T normal_pdf(T x) {
  return (T)0.39894228040143267794 * exp((T)-0.5 * x * x);
}
template <class T> DEVICE T gelu(T x) { return x * normal_cdf(x); }
template <class T> DEVICE T gelu_grad(T dy, T x) { return dy * (normal_cdf(x) + x * normal_pdf(x)); }
template <class T> DEVICE T gelu_tanh(T x) {
  T u = (T)0.79788456080286535588 * (x + (T)0.044715 * x * x * x);
  return (T)0.5 * x * (1 + tanh(u));
}
template <class T> DEVICE T gelu_tanh_grad(T dy, T x) {
  const T c = (T)0.79788456080286535588, k = (T)0.044715;
  T t = tanh(c * (x + k * x * x * x)), slope = c * (1 + 3 * k * x * x);
  return dy * ((T)0.5 * (1 + t) + (T)0.5 * x * (1 - t * t) * slope);
}
template <class T> DEVICE T silu_grad(T dy, T x) {
  T s = sigmoid(x);
  return dy * (s + x * s * (1 - s));
}
template <class T> DEVICE T softplus(T x) {
  return (x > 0 ? x : x != x ? x : (T)0) + log1p(exp(-magnitude(x)));
}
template <class T> DEVICE T entropy(T x) {
  return x == 0 ? (T)0 : x < 0 ? -Limits<T>::inf() : -x * log(x);
}

// Frexp: 0, infinities and NaN have exponent 0.
template <class T> DEVICE bool has_exponent(T x) { return x != 0 && x - x == 0; }
template <class T> DEVICE T mantissa(T x) {
  int e = 0;
  return has_exponent(x) ? frexp(x, &e) : x;
}
template <class T> DEVICE i32 exponent(T x) {
  int e = 0;
  if (has_exponent(x)) frexp(x, &e);
  return e;
}
