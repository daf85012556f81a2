// What the stand-ins for NVIDIA's libraries share: they ask libcuda.so.1, which the process has loaded, about
// memory, contexts and streams, and give it their work in the order of the stream.
#pragma once
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <functional>

namespace library {
inline void* driver(const char* name) {
  static void* lib = dlopen(getenv("LATHE_LIBCUDA"), RTLD_NOW | RTLD_LOCAL);
  void* f = lib ? dlsym(lib, name) : 0;
  if (!f) fprintf(stderr, "emulator: no %s in the driver\n", name), abort();
  return f;
}
inline bool has(const void* p, size_t n) {
  static auto f = (int (*)(const void*, size_t))driver("lathe_memory");
  return f(p, n);
}
inline bool context() {
  static auto f = (int (*)())driver("lathe_context");
  return f();
}
inline bool stream(void* s) {
  static auto f = (int (*)(void*))driver("lathe_stream");
  return f(s);
}
// enqueue has work done on a stream.
inline void enqueue(void* s, std::function<void()> work) {
  static auto f = (void (*)(void*, void (*)(void*), void*))driver("lathe_enqueue");
  auto run = [](void* p) {
    auto* w = (std::function<void()>*)p;
    (*w)();
    // not deleted: a graph does it again
  };
  f(s, run, new std::function<void()>(std::move(work)));
}
inline bool wrong(const char* what, long long a = 0, long long b = 0) {
  fprintf(stderr, "emulator: %s (%lld, %lld)\n", what, a, b);
  return true;
}

enum Type { F32, F64, F16, BF16, C64, C128 };
inline size_t size_of(Type t) {
  const size_t sizes[] = {4, 8, 2, 2, 8, 16};
  return sizes[t];
}
struct Number {
  double re, im;
};
inline float from_bits(unsigned b) {
  float v;
  memcpy(&v, &b, 4);
  return v;
}
inline unsigned to_bits(float v) {
  unsigned b;
  memcpy(&b, &v, 4);
  return b;
}
inline Number load(Type t, const void* p, long long i) {
  Number z = {0, 0};
  unsigned short h;
  switch (t) {
    case F32: z.re = ((const float*)p)[i]; break;
    case F64: z.re = ((const double*)p)[i]; break;
    case C64: z.re = ((const float*)p)[2 * i], z.im = ((const float*)p)[2 * i + 1]; break;
    case C128: z.re = ((const double*)p)[2 * i], z.im = ((const double*)p)[2 * i + 1]; break;
    case BF16: z.re = from_bits((unsigned)((const unsigned short*)p)[i] << 16); break;
    case F16:
      h = ((const unsigned short*)p)[i];
      int e = h >> 10 & 31;
      double m = h & 1023;
      z.re = e == 31 ? (m ? NAN : INFINITY) : e == 0 ? ldexp(m, -24) : ldexp(1024 + m, e - 25);
      if (h & 0x8000) z.re = -z.re;
      break;
  }
  return z;
}
inline void store(Type t, void* p, long long i, Number z) {
  switch (t) {
    case F32: ((float*)p)[i] = z.re; break;
    case F64: ((double*)p)[i] = z.re; break;
    case C64: ((float*)p)[2 * i] = z.re, ((float*)p)[2 * i + 1] = z.im; break;
    case C128: ((double*)p)[2 * i] = z.re, ((double*)p)[2 * i + 1] = z.im; break;
    case BF16: {
      unsigned b = to_bits((float)z.re);
      ((unsigned short*)p)[i] = z.re != z.re ? 0x7fc0 : (b + 0x7fff + (b >> 16 & 1)) >> 16;
      break;
    }
    case F16: {
      double a = fabs(z.re);
      unsigned short s = signbit(z.re) ? 0x8000 : 0, h;
      int e;
      if (a != a) h = 0x7e00;
      else if (a >= 65520) h = 0x7c00;
      else if (a < 0x1p-14) h = (unsigned short)nearbyint(ldexp(a, 24));
      else frexp(a, &e), h = (unsigned short)(((e + 13) << 10) + nearbyint(ldexp(a, 11 - e)));
      ((unsigned short*)p)[i] = s | h;
      break;
    }
  }
}
}  // namespace library
