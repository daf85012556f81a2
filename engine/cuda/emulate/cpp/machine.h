// Runs kernels on the CPU: one block after the other, each thread on a stack of its own, from barrier to barrier
// in an order that LATHE_EMULATE_ORDER chooses (0 ascending, 1 descending, others at random).
#pragma once
#define LATHE_DRIVER
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <map>
#include <vector>
#include "emulate.h"

namespace emulate {
// Arena is the memory of the device, with a cell for each byte that is touched.
struct Arena {
  static const size_t size = 64 << 20;
  char* base;
  Cell* cells;
  std::map<char*, size_t> used;
  Arena() {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    base = (char*)mmap(0, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    cells = (Cell*)mmap(0, size * sizeof(Cell), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (base == MAP_FAILED || cells == MAP_FAILED) abort();
  }
  char* take(size_t n) {  // first fit, at multiples of 512; memory begins as NaN
    char* at = base;
    for (auto& u : used) {
      if (u.first - at >= (ptrdiff_t)n) break;
      at = base + (u.first + u.second - base + 511) / 512 * 512;
    }
    if (n == 0 || at + n > base + size) return 0;
    used[at] = n;
    memset(at, 0xff, n);
    return at;
  }
  bool give(char* p) { return used.erase(p) > 0; }
  bool has(const void* v, size_t n) {
    char* p = (char*)v;
    auto u = used.upper_bound(p);
    if (u == used.begin()) return false;
    --u;
    return p + n <= u->first + u->second;
  }
};
static Arena arena;

static Machine machine;
static unsigned serial, epoch, block_index;
static bool failed;
static char* hot;  // the allocation of the last access
static size_t hot_size;
static double spare[4];

static void fail(const char* what, long long at, long long of) {
  if (!failed) {
    fprintf(stderr, "emulator: %s %lld of %lld in block %u thread %u\n", what, at, of, block_index, machine.thread);
  }
  failed = true;
}

// touch enters an access and finds those of other threads that no barrier separates from it.
static void touch(Cell& c, unsigned key, Access how) {
  if (c.serial != key) {
    memset((void*)&c, 0, sizeof c);
    c.serial = key;
  }
  unsigned me = block_index * machine.threads + machine.thread;
  auto apart = [&](unsigned other, unsigned when) {
    return other == me || (other / machine.threads == block_index && when != epoch);
  };
  if (c.written && !apart(c.writer, c.write_epoch) && !(how == ATOMIC && c.atomic)) {
    fail("race with the write of thread", c.writer, me);
  }
  if (how == READ) {
    if (c.read && c.reader / machine.threads != block_index) c.blocks = 1;
    c.several = c.read && c.read_epoch == epoch && (c.several || c.reader != me);
    c.read = 1;
    c.reader = me;
    c.read_epoch = epoch;
    return;
  }
  if (c.read && (c.blocks || !apart(c.reader, c.read_epoch) || (c.several && c.read_epoch == epoch))) {
    fail("race with the read of thread", c.reader, me);
  }
  c.written = 1;
  c.writer = me;
  c.write_epoch = epoch;
  c.atomic = how == ATOMIC;
}

static void* on_global(void* v, size_t size, Access how) {
  char* p = (char*)v;
  if (p < hot || p + size > hot + hot_size) {
    auto u = arena.used.upper_bound(p);
    if (u == arena.used.begin() || p + size > (--u)->first + u->second) {
      fail("access outside of memory: byte, size", p - arena.base, size);
      return spare;
    }
    hot = u->first;
    hot_size = u->second;
  }
  if ((size_t)p % (size > 8 ? 8 : size) != 0) fail("address that is not aligned", p - arena.base, size);
  touch(arena.cells[p - arena.base], serial, how);
  return p;
}

static unsigned block_serial;
static void on_shared(Cell* c, long long i, long long n, Access how) {
  if (i < 0 || i >= n) {
    fail("access outside of shared memory: element", i, n);
    return;
  }
  if (how == READ && (c[i].serial != block_serial || !c[i].written)) {
    fail("read of shared memory before it was written: element", i, n);
  }
  touch(c[i], block_serial, how);
}

// Fibers.
extern "C" void lathe_switch(void** save, void* load);
asm(R"(
.text
lathe_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
enum { RUNS, WAITS, DONE, GATHERS };
static const size_t stack_size = 64 << 10;
static char* stacks;
static void *fibers[1024], *scheduler;
static int state[1024];
static void (*kernel)(const void*);
static const void* arguments;

static void enter() {
  kernel(arguments);
  state[machine.thread] = DONE;
  lathe_switch(&fibers[machine.thread], scheduler);
}
static void wait() {
  unsigned me = machine.thread;
  state[me] = WAITS;
  lathe_switch(&fibers[me], scheduler);
}

// A warp's threads give what they have and wait for each other, which is no barrier: races between them are still
// found. There are two places for what they give, as one of them may be ahead of another by one exchange.
static const size_t most_given = 64;
alignas(16) static char given[1024 / 32][2][32 * most_given];
static unsigned exchanges[1024];
static const void* exchange(const void* mine, size_t n) {
  unsigned me = machine.thread;
  if (n > most_given) fail("exchange of bytes", n, most_given);
  char* all = given[me / 32][exchanges[me]++ % 2];
  if (n <= most_given) memcpy(all + me % 32 * n, mine, n);
  state[me] = GATHERS;
  lathe_switch(&fibers[me], scheduler);
  return all;
}
// gathered lets warps go on whose threads all wait for each other.
static bool gathered(int threads) {
  bool any = false;
  for (int w = 0; w < threads; w += 32) {
    int n = 0, all = threads - w < 32 ? threads - w : 32;
    for (int t = w; t < w + all; t++) n += state[t] == GATHERS;
    if (n == 0) continue;
    if (n < all) {
      fail("exchange that not all threads of a warp reach;", n, all);
      continue;
    }
    for (int t = w; t < w + all; t++) state[t] = RUNS;
    any = true;
  }
  return any;
}

static unsigned dice = 1;
static void shuffle(std::vector<int>& order, int how) {
  int n = (int)order.size();
  for (int i = 0; i < n; i++) order[i] = how == 1 ? n - 1 - i : i;
  if (how < 2) return;
  for (int i = n - 1; i > 0; i--) {
    dice = dice * 1664525u + 1013904223u;
    std::swap(order[i], order[(dice >> 8) % (i + 1)]);
  }
}

static void run_block(int threads, int how) {
  static std::vector<int> order;
  order.resize(threads);
  for (int t = 0; t < threads; t++) {
    void** top = (void**)(stacks + (t + 1) * stack_size) - 2;
    top[0] = (void*)enter;  // the return address; the stack is aligned as after a call
    fibers[t] = top - 6;
    state[t] = RUNS;
    exchanges[t] = 0;
  }
  for (;;) {
    shuffle(order, how);
    int done = 0;
    for (int t : order) {
      if (state[t] == RUNS) {
        machine.thread = t;
        lathe_switch(&scheduler, fibers[t]);
      }
      done += state[t] == DONE;
    }
    if (gathered(threads)) continue;
    if (failed) return;
    epoch++;
    if (done == threads) return;
    if (done > 0) {
      fail("barrier that not all threads reach; ended", done, threads);
      return;
    }
    for (int t = 0; t < threads; t++) state[t] = RUNS;
  }
}

// launch runs a kernel and reports whether nothing was wrong.
static bool launch(void (*f)(const void*), const void* args, const unsigned* grid, int threads) {
  static unsigned launches;
  if (!stacks) {
    stacks = (char*)mmap(0, 1024 * stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                         -1, 0);
  }
  const char* e = getenv("LATHE_EMULATE_ORDER");
  int how = e ? atoi(e) : 0;
  dice = how * 977 + 1;
  failed = false;
  kernel = f;
  arguments = args;
  machine.threads = threads;
  machine.blocks = grid[0];
  machine.barrier = wait;
  machine.global = on_global;
  machine.shared = on_shared;
  machine.fail = fail;
  machine.exchange = exchange;
  hot_size = 0;
  serial = ++launches;
  unsigned n = grid[0] * grid[1] * grid[2];
  static unsigned blocks_run;
  for (unsigned k = 0; k < n && !failed; k++) {
    block_index = how % 2 ? n - 1 - k : k;
    machine.block[0] = block_index % grid[0];
    machine.block[1] = block_index / grid[0] % grid[1];
    machine.block[2] = block_index / grid[0] / grid[1];
    block_serial = ++blocks_run;
    run_block(threads, how);
  }
  return !failed;
}
}  // namespace emulate
