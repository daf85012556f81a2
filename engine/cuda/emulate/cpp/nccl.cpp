// A libnccl.so.2 for devices of one process. Calls wait for the end of their group, where every device has to have
// made the same ones: what would wait for ever on GPUs is an error.
#include "library.h"
#include "nccl_declared.h"
#include <vector>
using namespace library;
enum { OK = 0, INVALID_ARGUMENT = 4, INVALID_USAGE = 5 };

struct ncclComm {
  int rank, *left;
  std::vector<ncclComm*>* all;
};
struct Call {
  const void* from;
  void* to;
  size_t n;
  int type, op, root;
  ncclComm* c;
  void* stream;
};
static thread_local int depth;
static thread_local std::vector<Call> calls;

static bool type_of(int type, Type* t) {
  switch (type) {
    case NCCL_F16: return *t = F16, true;
    case NCCL_F32: return *t = F32, true;
    case NCCL_F64: return *t = F64, true;
    case NCCL_BF16: return *t = BF16, true;
  }
  return false;
}
static int add(const Call& c) {
  Type t;
  if (!depth || !type_of(c.type, &t) || !stream(c.stream)) return INVALID_USAGE;
  if (!has(c.from, c.n * size_of(t)) || !has(c.to, c.n * size_of(t))) return wrong("a part outside of memory"), INVALID_ARGUMENT;
  return calls.push_back(c), OK;
}
// run does call k of every device.
static int run(const std::vector<Call>& of) {
  size_t n = of[0].c->all->size();
  if (of.size() != n) return wrong("a collective call that not all devices make", of.size(), n), INVALID_USAGE;
  Type t;
  type_of(of[0].type, &t);
  std::vector<const Call*> by_rank(n);
  for (auto& c : of) {
    if (c.n != of[0].n || c.type != of[0].type || c.op != of[0].op || c.root != of[0].root || by_rank[c.c->rank]) {
      return wrong("collective calls that differ", c.n, of[0].n), INVALID_USAGE;
    }
    by_rank[c.c->rank] = &c;
  }
  static auto settle = (int (*)(void*))driver("cuStreamSynchronize");
  for (auto& c : of) {
    if (settle(c.stream)) return INVALID_USAGE;
  }
  for (size_t i = 0; i < of[0].n; i++) {
    double sum = 0;
    for (auto c : by_rank) sum += load(t, c->from, i).re;
    if (of[0].op == NCCL_AVG) sum /= n;
    if (of[0].root >= 0) sum = load(t, by_rank[of[0].root]->from, i).re;
    for (auto c : by_rank) store(t, c->to, i, Number{sum, 0});
  }
  return OK;
}

extern "C" {
int ncclGetVersion(int* v) { return *v = 22703, OK; }
const char* ncclGetErrorString(int e) { return e == INVALID_USAGE ? "invalid usage" : "invalid argument"; }
int ncclCommInitAll(ncclComm** c, int n, const int* devices) {
  auto all = new std::vector<ncclComm*>;
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++) {
      if (devices[k] == devices[i]) return INVALID_ARGUMENT;
    }
    all->push_back(c[i] = new ncclComm{i, 0, all});
  }
  return OK;
}
int ncclCommDestroy(ncclComm* c) { return delete c, OK; }
int ncclGroupStart() { return depth++, OK; }
int ncclGroupEnd() {
  if (depth-- != 1) return INVALID_USAGE;
  int e = context() ? OK : INVALID_USAGE;
  while (!calls.empty() && !e) {  // the first call of each device, then the second …
    std::vector<Call> of, rest;
    for (auto& c : calls) {
      bool first = true;
      for (auto& d : of) first = first && d.c != c.c;
      (first ? of : rest).push_back(c);
    }
    e = run(of);
    calls = rest;
  }
  return calls.clear(), e;
}
int ncclAllReduce(const void* from, void* to, size_t n, int type, int op, ncclComm* c, void* s) {
  return op == NCCL_SUM || op == NCCL_AVG ? add({from, to, n, type, op, -1, c, s}) : INVALID_ARGUMENT;
}
int ncclBroadcast(const void* from, void* to, size_t n, int type, int root, ncclComm* c, void* s) {
  return add({from, to, n, type, 0, root, c, s});
}
}
