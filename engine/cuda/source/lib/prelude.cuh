// What all kernels share. The text is compiled by NVRTC for the GPU, and as C++ by the emulator, which
// defines LATHE_EMULATE and has included its own header before.
// A kernel takes one struct of 64-bit members, which begins with Head: the host fills it word by word.
typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef int i32;
typedef unsigned u32;
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;
typedef bool b8;

#ifndef LATHE_EMULATE
#define DEVICE __device__ __forceinline__
#define KERNEL(name, A) extern "C" __global__ void __launch_bounds__(256) name(const __grid_constant__ A a)
#define SHARED(T, name, n) __shared__ __align__(16) T name[n]
#define BARRIER() __syncthreads()
template <class T> using In = const T*;
template <class T> using Out = T*;
template <class T> using Tile = T*;
DEVICE u32 thread() { return threadIdx.x; }
DEVICE u32 threads() { return blockDim.x; }
DEVICE u32 block() { return blockIdx.x; }
DEVICE u32 block_y() { return blockIdx.y; }
DEVICE u32 block_z() { return blockIdx.z; }
DEVICE u32 blocks() { return gridDim.x; }
template <class T> DEVICE void atomic_add(T* p, i64 i, T v) { atomicAdd(p + i, v); }
DEVICE void atomic_add(i64* p, i64 i, i64 v) { atomicAdd((u64*)p + i, (u64)v); }
DEVICE bool first_fault(u64* p, u64 code) { return atomicCAS(p, 0ull, code) == 0; }
template <class R> struct complex;
template <class R> DEVICE void atomic_add(complex<R>* p, i64 i, complex<R> v) {
  atomicAdd(&p[i].re, v.re);
  atomicAdd(&p[i].im, v.im);
}
#endif

// Fault reports a value out of range: the first one is kept until the host looks.
enum { FAULT_INDEX = 1, FAULT_LABEL = 2, FAULT_ZERO = 3, FAULT_MATRIX = 4 };
struct Fault {
  u64* at;  // code, operator, value, bound
  i64 site;
  DEVICE void raise(int code, i64 value, i64 bound) const {
    if (first_fault(at, code)) {
      at[1] = site;
      at[2] = value;
      at[3] = bound;
    }
  }
};
struct Head {
  i64 words;  // in the whole struct
  Fault fault;
};

// first and step are the elements of a thread in a loop over all blocks.
template <class I> DEVICE I first() { return (I)block() * threads() + thread(); }
template <class I> DEVICE I step() { return (I)blocks() * threads(); }

template <class T> struct complex {
  T re, im;
};
typedef complex<f32> c64;
typedef complex<f64> c128;

// Half precision is a storage format: arithmetic is in f32.
struct f16 {
  unsigned short bits;
};
struct bf16 {
  unsigned short bits;
};
DEVICE f32 as_f32(u32 b) {
#ifdef LATHE_EMULATE
  f32 v;
  __builtin_memcpy(&v, &b, 4);
  return v;
#else
  return __uint_as_float(b);
#endif
}
DEVICE u32 as_u32(f32 v) {
#ifdef LATHE_EMULATE
  u32 b;
  __builtin_memcpy(&b, &v, 4);
  return b;
#else
  return __float_as_uint(v);
#endif
}
DEVICE f32 widen(bf16 x) { return as_f32((u32)x.bits << 16); }
DEVICE bf16 to_bf16(f32 v) {
  u32 b = as_u32(v);
  bf16 r;
  if (v != v) {
    r.bits = (unsigned short)(b >> 16 | 0x40);
  } else {
    r.bits = (unsigned short)((b + 0x7fff + (b >> 16 & 1)) >> 16);  // ties to even
  }
  return r;
}
#ifdef LATHE_EMULATE
DEVICE f32 widen(f16 x) {
  u32 sign = (u32)(x.bits & 0x8000) << 16, e = x.bits >> 10 & 31, m = x.bits & 1023;
  if (e == 31) return as_f32(sign | 0x7f800000 | m << 13);
  if (e == 0) return as_f32(sign | as_u32((f32)m * (1.0f / (1 << 24))));
  return as_f32(sign | (e + 112) << 23 | m << 13);
}
DEVICE f16 to_f16(f32 v) {
  u32 b = as_u32(v), sign = b >> 16 & 0x8000, a = b & 0x7fffffff;
  f16 r;
  if (a > 0x7f800000) {
    r.bits = (unsigned short)(sign | 0x7e00);
  } else if (a >= 0x477ff000) {
    r.bits = (unsigned short)(sign | 0x7c00);
  } else if (a < 0x38800000) {  // subnormal: the sum shifts and rounds
    r.bits = (unsigned short)(sign | (as_u32(as_f32(a) + 0.5f) - 0x3f000000));
  } else {
    a += 0xfff + (a >> 13 & 1) - (112 << 23);
    r.bits = (unsigned short)(sign | a >> 13);
  }
  return r;
}
#else
DEVICE f32 widen(f16 x) {
  f32 r;
  asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(x.bits));
  return r;
}
DEVICE f16 to_f16(f32 v) {
  f16 r;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r.bits) : "f"(v));
  return r;
}
#endif
DEVICE b8 widen(b8 x) { return x; }
DEVICE u8 widen(u8 x) { return x; }
DEVICE i8 widen(i8 x) { return x; }
DEVICE i16 widen(i16 x) { return x; }
DEVICE i32 widen(i32 x) { return x; }
DEVICE i64 widen(i64 x) { return x; }
DEVICE f32 widen(f32 x) { return x; }
DEVICE f64 widen(f64 x) { return x; }
DEVICE c64 widen(c64 x) { return x; }
DEVICE c128 widen(c128 x) { return x; }

// narrow converts a computed value to the element type T.
template <class T> struct Narrow {
  template <class V> static DEVICE T of(V v) { return (T)v; }
  template <class R> static DEVICE T of(complex<R> v) { return (T)v.re; }
  static DEVICE T of(f16 v) { return (T)widen(v); }
  static DEVICE T of(bf16 v) { return (T)widen(v); }
};
template <> struct Narrow<b8> {
  template <class V> static DEVICE b8 of(V v) { return v != (V)0; }
  template <class R> static DEVICE b8 of(complex<R> v) { return v.re != 0 || v.im != 0; }
};
template <> struct Narrow<f16> {
  template <class V> static DEVICE f16 of(V v) { return to_f16((f32)v); }
  template <class R> static DEVICE f16 of(complex<R> v) { return to_f16((f32)v.re); }
};
template <> struct Narrow<bf16> {
  template <class V> static DEVICE bf16 of(V v) { return to_bf16((f32)v); }
  template <class R> static DEVICE bf16 of(complex<R> v) { return to_bf16((f32)v.re); }
};
template <class R> struct Narrow<complex<R> > {
  template <class V> static DEVICE complex<R> of(V v) {
    complex<R> z = {(R)v, 0};
    return z;
  }
  template <class S> static DEVICE complex<R> of(complex<S> v) {
    complex<R> z = {(R)v.re, (R)v.im};
    return z;
  }
};
template <class T, class V> DEVICE T narrow(V v) { return Narrow<T>::of(v); }

// Wide<T> is the type that T is computed in, Sum<T> that of sums.
template <class T> struct WideOf { typedef T type; };
template <> struct WideOf<f16> { typedef f32 type; };
template <> struct WideOf<bf16> { typedef f32 type; };
template <class T> using Wide = typename WideOf<T>::type;
template <class T> struct SumOf { typedef i64 type; };
template <> struct SumOf<f16> { typedef f32 type; };
template <> struct SumOf<bf16> { typedef f32 type; };
template <> struct SumOf<f32> { typedef f32 type; };
template <> struct SumOf<f64> { typedef f64 type; };
template <> struct SumOf<c64> { typedef c64 type; };
template <> struct SumOf<c128> { typedef c128 type; };
template <class T> using Sum = typename SumOf<T>::type;

template <class R> DEVICE complex<R> operator+(complex<R> x, complex<R> y) {
  complex<R> z = {x.re + y.re, x.im + y.im};
  return z;
}
template <class R> DEVICE complex<R> operator-(complex<R> x, complex<R> y) {
  complex<R> z = {x.re - y.re, x.im - y.im};
  return z;
}
template <class R> DEVICE complex<R> operator-(complex<R> x) {
  complex<R> z = {-x.re, -x.im};
  return z;
}
template <class R> DEVICE complex<R> operator*(complex<R> x, complex<R> y) {
  complex<R> z = {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re};
  return z;
}
template <class R> DEVICE bool operator==(complex<R> x, complex<R> y) {
  return x.re == y.re && x.im == y.im;
}
template <class R> DEVICE bool operator!=(complex<R> x, complex<R> y) { return !(x == y); }
template <class T> DEVICE T zero() { return narrow<T>(0); }

// Four elements side by side: one access where their address is a multiple of their size.
template <class T> struct alignas(sizeof(T) < 4 ? 4 * sizeof(T) : 16) Four {
  T v[4];
};
template <class T> DEVICE bool four_at(In<T> p, i64 at) {
#ifdef LATHE_EMULATE
  return (u64)(p.p + at) % sizeof(Four<T>) == 0;
#else
  return ((u64)(p + at) & (alignof(Four<T>) - 1)) == 0;
#endif
}
template <class T> DEVICE Four<T> load_four(In<T> p, i64 at) {
#ifdef LATHE_EMULATE
  Four<T> r = {{p[at], p[at + 1], p[at + 2], p[at + 3]}};
  return r;
#else
  return *(const Four<T>*)(p + at);
#endif
}

// Infinity and NaN without the headers that NVRTC lacks.
template <class T> struct Limits;
template <> struct Limits<f32> {
  static DEVICE f32 inf() { return as_f32(0x7f800000u); }
  static DEVICE f32 nan() { return as_f32(0x7fc00000u); }
};
template <> struct Limits<f64> {
  static DEVICE f64 inf() { return (f64)as_f32(0x7f800000u); }
  static DEVICE f64 nan() { return (f64)as_f32(0x7fc00000u); }
};

// element is the value that the first bytes of a word hold.
template <class T> DEVICE T element(u64 w) { return *(const T*)&w; }

// place is where element i of a shape lies under strides.
template <int R, class I> DEVICE i64 place(I i, const i64* shape, const i64* strides) {
  i64 at = 0;
  for (int d = R - 1; d > 0; d--) {
    I q = i / (I)shape[d];
    at += (i64)(i - q * (I)shape[d]) * strides[d];
    i = q;
  }
  return R > 0 ? at + (i64)i * strides[0] : 0;
}
