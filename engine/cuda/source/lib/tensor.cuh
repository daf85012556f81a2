// Products by tensor cores (sm_80 and newer). Operands are words of 32 bits along k: two f16 or bf16, or one TF32.
// A warp multiplies 16 rows by 8 columns over 8 words: mma.sync with the layout of its registers as NVIDIA documents it
// (PTX ISA, m16n8k16 and m16n8k8), which is the same for all three types.
template <class T> struct Words;
#ifdef LATHE_EMULATE
struct Operands {
  u32 a[4], b[2];
};
// multiply_words sums the products of row r and column c: of lanes' registers as the hardware spreads them.
template <class K> DEVICE void multiply_words(f32* d, const u32* a, const u32* b) {
  Operands mine = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  const Operands* all = (const Operands*)exchange(&mine, sizeof mine);
  const u32 lane = thread() % 32;
  for (int i = 0; i < 4; i++) {
    u32 r = lane / 4 + i / 2 * 8, c = lane % 4 * 2 + i % 2;
    for (u32 k = 0; k < 8; k++) {
      d[i] += K::dot(all[r % 8 * 4 + k % 4].a[r / 8 + k / 4 * 2], all[c * 4 + k % 4].b[k / 4]);
    }
  }
}
#define MULTIPLY_WORDS(name) \
  static DEVICE void multiply(f32* d, const u32* a, const u32* b) { multiply_words<Words>(d, a, b); }
DEVICE u32 round_tf32(f32 v) { return (as_u32(v) + 0x1000) & ~0x1fffu; }
#else
#define MULTIPLY_WORDS(name)                                                                                          \
  static DEVICE void multiply(f32* d, const u32* a, const u32* b) {                                                   \
    asm volatile("mma.sync.aligned." name " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"        \
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                     \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                                  \
  }
DEVICE u32 round_tf32(f32 v) {
  u32 r;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(v));
  return r;
}
#endif
template <class H> struct Halves {
  static const int per = 2;
  static DEVICE u32 pack(const H* v) { return (u32)v[0].bits | (u32)v[1].bits << 16; }
  static DEVICE f32 dot(u32 x, u32 y) {
    H a = {(unsigned short)x}, b = {(unsigned short)y}, c = {(unsigned short)(x >> 16)}, d = {(unsigned short)(y >> 16)};
    return widen(a) * widen(b) + widen(c) * widen(d);
  }
};
template <> struct Words<f16> : Halves<f16> { MULTIPLY_WORDS("m16n8k16.row.col.f32.f16.f16.f32") };
template <> struct Words<bf16> : Halves<bf16> { MULTIPLY_WORDS("m16n8k16.row.col.f32.bf16.bf16.f32") };
template <> struct Words<f32> {
  static const int per = 1;
  static DEVICE u32 pack(const f32* v) { return round_tf32(v[0]); }
  static DEVICE f32 dot(u32 x, u32 y) { return as_f32(x) * as_f32(y); }
  MULTIPLY_WORDS("m16n8k8.row.col.f32.tf32.tf32.f32")
};

// Tensor computes tiles of 128×128 in steps of 16 words; a warp 64×32 of them. Lines of 20 words in shared memory
// spread what a warp reads over all banks.
struct Tensor {
  static const int T = 128, L = 20, each = 8;  // each: words of an operand that a thread brings

  // line and word are where word e of a thread's goes.
  static DEVICE u32 line(u32 e, bool along_k) { return along_k ? thread() / 4 + e / 4 * 64 : thread() % 32 * 4 + e % 4; }
  static DEVICE u32 word(u32 e, bool along_k) { return along_k ? thread() % 4 * 4 + e % 4 : thread() / 32 + e / 4 * 8; }

  // A thread fetches fours of elements that lie side by side: along k they make words, along lines parts of four.
  template <int SIDE, class P, class K> static DEVICE void fetch(const P& p, const Part& t, i64 at, i64 size, i64 k,
                                                                 bool along_k, u32* v) {
    typedef typename P::Element E;
    for (u32 e = 0; e < each; e += 4) {
      E x[4][K::per];
      for (u32 q = 0; q < K::per; q++) {
        // along k: elements 4·q … 4·q + 3 of the 4·per of these words; else element q of each of four words
        i64 r = at + line(e, along_k), c = k + word(e, along_k) * K::per + (along_k ? 4 * q : q);
        Four<E> four;
        bool in = along_k ? r < size && c + 3 < t.hi : r + 3 < size && c < t.hi;
        bool all = in && (SIDE ? p.right_four(t.b, c, r, &four) : p.left_four(t.b, r, c, &four));
        for (u32 i = 0; i < 4; i++) {
          i64 ri = along_k ? r : r + i, ci = along_k ? c + i : c;
          E one = zero<E>();
          if (all) {
            one = four.v[i];
          } else if (ri < size && ci < t.hi) {
            one = SIDE ? p.right(t.b, ci, ri) : p.left(t.b, ri, ci);
          }
          u32 n = along_k ? 4 * q + i : i * K::per + q;
          x[n / K::per][n % K::per] = one;
        }
      }
      for (u32 i = 0; i < 4; i++) v[e + i] = K::pack(x[i]);
    }
  }
  static DEVICE void put(Tile<u32> to, const u32* v, bool along_k) {
    for (u32 e = 0; e < each; e++) to[line(e, along_k) * L + word(e, along_k)] = v[e];
  }

  template <class W, class P> static DEVICE void run(P p, const GemmArgs& g, Out<W> partial) {
    typedef Words<typename P::Element> K;
    SHARED(u32, left, 2 * T * L);
    SHARED(u32, right, 2 * T * L);
    const bool lk = p.left_along_k(), rk = p.right_along_k();
    const u32 warp = thread() / 32, lane = thread() % 32, row0 = warp / 4 * 64, column0 = warp % 4 * 32;
    const i64 step = 16 * K::per;
    for (i64 w = block(); w < Part::count(g, T); w += blocks()) {
      Part at(g, w, T);
      p.move(at.b);
      f32 sum[4][4][4];
      for (int i = 0; i < 64; i++) sum[i / 16][i / 4 % 4][i % 4] = 0;
      u32 x[each], y[each], now = 0;
      for (i64 k = at.lo - step; k < at.hi; k += step) {  // the first time there is nothing to multiply
        bool more = k + step < at.hi, full = k >= at.lo;
        if (more) {
          fetch<0, P, K>(p, at, at.row, g.m, k + step, lk, x);
          fetch<1, P, K>(p, at, at.column, g.n, k + step, rk, y);
        }
        for (u32 c = lane % 4; c < 16 && full; c += 8) {
          u32 a[4][4], b[4][2];
          for (u32 i = 0; i < 4; i++) {
            u32 r = (now * T + row0 + 16 * i + lane / 4) * L + c, q = (now * T + column0 + 8 * i + lane / 4) * L + c;
            a[i][0] = left[r];
            a[i][1] = left[r + 8 * L];
            a[i][2] = left[r + 4];
            a[i][3] = left[r + 8 * L + 4];
            b[i][0] = right[q];
            b[i][1] = right[q + 4];
          }
          for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) K::multiply(sum[i][j], a[i], b[j]);
          }
        }
        now ^= 1;
        if (more) {
          put((Tile<u32>)left + now * T * L, x, lk);
          put((Tile<u32>)right + now * T * L, y, rk);
        }
        BARRIER();
      }
      for (u32 i = 0; i < 64; i++) {
        i64 r = at.row + row0 + i / 16 * 16 + lane / 4 + i / 2 % 2 * 8;
        i64 c = at.column + column0 + i / 4 % 4 * 8 + lane % 4 * 2 + i % 2;
        keep<W>(p, g, partial, at, r, c, sum[i / 16][i / 4 % 4][i % 4]);
      }
    }
  }
};
