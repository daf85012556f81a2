// What a kernel needs of CUDA when it is compiled as C++ for the CPU. Every access of memory is checked: that it
// lies in an allocation, is aligned, and that no other thread touches the same element between barriers.
#pragma once
#define LATHE_EMULATE 1
#include <math.h>  // with C++'s overloads
#include <stddef.h>
#include <string.h>

namespace emulate {
enum Access { READ, WRITE, ATOMIC };

// Cell remembers the accesses of an element in the running launch.
struct Cell {
  unsigned serial, writer, write_epoch, reader, read_epoch;
  unsigned char written, read, several, blocks, atomic;
};

// Machine is the running thread and what its kernel calls.
struct Machine {
  unsigned thread, block[3], threads, blocks;
  void (*barrier)();
  void* (*global)(void* p, size_t size, Access how);               // the place to use
  void (*shared)(Cell* c, long long i, long long n, Access how);  // element i of n
  void (*fail)(const char* what, long long at, long long of);
  const void* (*exchange)(const void* mine, size_t n);  // what all threads of the warp gave
};
}  // namespace emulate

extern "C" emulate::Machine* lathe_machine;
#ifndef LATHE_DRIVER
emulate::Machine* lathe_machine;

#define DEVICE inline
#define BARRIER() lathe_machine->barrier()
#define KERNEL(name, A)                                                             \
  static void name##_body(const A& a);                                              \
  extern "C" void name(const void* p) {                                             \
    A a;                                                                            \
    memcpy((void*)&a, p, sizeof a);                                                 \
    if (a.h.words * 8 != (long long)sizeof a) {                                     \
      lathe_machine->fail("arguments of " #name, a.h.words, (long long)sizeof a / 8); \
      return;                                                                       \
    }                                                                               \
    name##_body(a);                                                                 \
  }                                                                                 \
  static void name##_body(const A& a)

namespace emulate {
template <class T> T* use(T* p, Access how) {
  return (T*)lathe_machine->global((void*)p, sizeof(T), how);
}

// Ref is an element that may be written.
template <class T> struct Ref {
  T* p;
  operator T() const { return *use(p, READ); }
  template <class U> operator U() const = delete;  // would hide a conversion that a GPU does not make
  const Ref& operator=(T v) const {
    *use(p, WRITE) = v;
    return *this;
  }
  const Ref& operator=(const Ref& o) const { return *this = (T)o; }
  const Ref& operator+=(T v) const { return *this = (T)((T) * this + v); }
};

template <class T> struct SharedRef {
  T* p;
  Cell* c;
  long long i, n;
  bool inside(Access how) const {
    lathe_machine->shared(c, i, n, how);
    return i >= 0 && i < n;
  }
  operator T() const { return inside(READ) ? p[i] : T(); }
  template <class U> operator U() const = delete;
  const SharedRef& operator=(T v) const {
    if (inside(WRITE)) p[i] = v;
    return *this;
  }
  const SharedRef& operator=(const SharedRef& o) const { return *this = (T)o; }
};
}  // namespace emulate

template <class T> struct In {
  const T* p;
  T operator[](long long i) const { return *emulate::use(p + i, emulate::READ); }
  In operator+(long long i) const {
    In r = {p + i};
    return r;
  }
  explicit operator bool() const { return p != 0; }
};
template <class T> struct Out {
  T* p;
  emulate::Ref<T> operator[](long long i) const {
    emulate::Ref<T> r = {p + i};
    return r;
  }
  Out operator+(long long i) const {
    Out r = {p + i};
    return r;
  }
  explicit operator bool() const { return p != 0; }
};
template <class T> struct Tile {
  T* p;
  emulate::Cell* c;
  long long n;
  emulate::SharedRef<T> operator[](long long i) const {
    emulate::SharedRef<T> r = {p, c, i, n};
    return r;
  }
  Tile operator+(long long i) const {
    Tile t = {p + i, c + i, n - i};
    return t;
  }
};
template <class T, int N> struct SharedArray {
  T v[N];
  emulate::Cell cells[N];
  emulate::SharedRef<T> operator[](long long i) {
    emulate::SharedRef<T> r = {v, cells, i, N};
    return r;
  }
  operator Tile<T>() {
    Tile<T> t = {v, cells, N};
    return t;
  }
};
#define SHARED(T, name, n) static SharedArray<T, n> name

template <class T> inline void atomic_add(Out<T> o, long long i, T v) {
  T* p = emulate::use(o.p + i, emulate::ATOMIC);
  *p = (T)(*p + v);
}
inline const void* exchange(const void* mine, size_t n) { return lathe_machine->exchange(mine, n); }
inline unsigned thread() { return lathe_machine->thread; }
inline unsigned threads() { return lathe_machine->threads; }
inline unsigned block() { return lathe_machine->block[0]; }
inline unsigned block_y() { return lathe_machine->block[1]; }
inline unsigned block_z() { return lathe_machine->block[2]; }
inline unsigned blocks() { return lathe_machine->blocks; }
inline bool first_fault(unsigned long long* p, unsigned long long code) {
  if (*p) return false;
  *p = code;
  return true;
}
#endif
