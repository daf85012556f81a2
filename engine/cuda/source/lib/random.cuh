// The random stream of the CPU (engine.Generator): Philox4x32-10, Salmon et al. 2011.
struct Words {
  u32 w[4];
};
DEVICE Words philox(u64 counter, u64 seed) {
  u32 c[4] = {(u32)counter, (u32)(counter >> 32), 0, 0}, k[2] = {(u32)seed, (u32)(seed >> 32)};
  for (int i = 0; i < 10; i++) {
    u64 p = (u64)c[0] * 0xD2511F53u, q = (u64)c[2] * 0xCD9E8D57u;
    u32 d[4] = {(u32)(q >> 32) ^ c[1] ^ k[0], (u32)q, (u32)(p >> 32) ^ c[3] ^ k[1], (u32)p};
    for (int j = 0; j < 4; j++) c[j] = d[j];
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  Words r = {{c[0], c[1], c[2], c[3]}};
  return r;
}
// random_word is word i of the stream.
DEVICE u32 random_word(i64 i, i64 seed, i64 offset) { return philox((u64)offset + (u64)i / 4, (u64)seed).w[i % 4]; }
DEVICE f32 unit(u32 w) { return (f32)(w >> 8) * (1.0f / (1 << 24)); }
DEVICE u64 random_pair(i64 i, i64 seed, i64 offset) {
  return (u64)random_word(2 * i, seed, offset) << 32 | random_word(2 * i + 1, seed, offset);
}
DEVICE f32 uniform32(i64 i, i64 seed, i64 offset, f64 lo, f64 hi) {
  return (f32)lo + (f32)(hi - lo) * unit(random_word(i, seed, offset));
}
DEVICE f64 uniform64(i64 i, i64 seed, i64 offset, f64 lo, f64 hi) {
  return lo + (hi - lo) * ((f64)(random_pair(i, seed, offset) >> 11) * (1.0 / 9007199254740992.0));
}
DEVICE f64 normal(i64 i, i64 seed, i64 offset, f64 mean, f64 std) {  // Box and Muller 1958
  u32 a = random_word(i & ~(i64)1, seed, offset), b = random_word(i | 1, seed, offset);
  f64 r = sqrt(-2 * log(((f64)a + 0.5) * (1.0 / 4294967296.0)));
  f64 t = ((f64)b + 0.5) * (6.28318530717958647692 / 4294967296.0);
  return mean + std * (r * (i & 1 ? sin(t) : cos(t)));
}
DEVICE bool bernoulli(i64 i, i64 seed, i64 offset, f64 p) { return unit(random_word(i, seed, offset)) < (f32)p; }
DEVICE i64 random_int(i64 i, i64 seed, i64 offset, i64 lo, i64 hi) {
  return lo + (i64)(random_pair(i, seed, offset) % (u64)(hi - lo));
}

// A random order by Fisher and Yates, which takes one step after the other: one thread.
template <class T> struct PermutationArgs {
  Head h;
  i64 n, seed, offset, stride;
  Out<T> y;
};
template <class T> DEVICE void permutation(const PermutationArgs<T>& a) {
  if (block() != 0 || thread() != 0) return;
  for (i64 i = 0; i < a.n; i++) {
    i64 j = random_int(i, a.seed, a.offset, 0, 1ll << 62) % (i + 1);
    T moved = i == j ? (T)i : (T)a.y[j * a.stride];
    a.y[i * a.stride] = moved;
    a.y[j * a.stride] = (T)i;
  }
}
