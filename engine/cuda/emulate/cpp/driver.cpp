// A libcuda.so.1 without a GPU: memory is the emulator's arena, modules are shared objects that nvrtc.cpp made.
// It holds callers to what a driver demands: a context current on the thread, pointers inside of allocations,
// memory given back once. LATHE_FAKE_DRIVER makes it one without devices ("none"), one that
// is too old ("old"), one that pins no memory of the host ("no pinned memory"),
// or one that captures nothing ("no graphs").
#include "machine.h"
#include "stream.h"
#include <dlfcn.h>
#include <unistd.h>
#include <mutex>
using namespace emulate;
typedef unsigned long long Ptr;
typedef void (*Kernel)(const void*);
enum { OK = 0, INVALID = 1, MEMORY = 2, NO_DEVICE = 100, BAD_DEVICE = 101, BAD_IMAGE = 200, NO_CONTEXT = 201,
       NOT_FOUND = 500, ILLEGAL = 700 };

static thread_local void* current;
static bool is(const char* what) {
  const char* v = getenv("LATHE_FAKE_DRIVER");
  return v && !strcmp(v, what);
}
// Lock is held by each call: several devices have a thread each, and one machine runs their kernels.
static std::recursive_mutex calls;
struct Lock {
  std::lock_guard<std::recursive_mutex> held{calls};
};
static int context() { return current ? OK : NO_CONTEXT; }
struct Image {
  char magic[8];
  unsigned long long size;
};

extern "C" {
int cuInit(unsigned) { return is("none") ? NO_DEVICE : OK; }
int cuDriverGetVersion(int* v) { return *v = is("old") ? 9000 : 12090, OK; }
// LATHE_FAKE_DEVICES is the number of devices, which share their memory.
static int devices() {
  const char* n = getenv("LATHE_FAKE_DEVICES");
  return is("none") ? 0 : n ? atoi(n) : 1;
}
int cuDeviceGetCount(int* n) { return *n = devices(), OK; }
int cuDeviceGet(int* d, int i) { return *d = i, i >= 0 && i < devices() ? OK : BAD_DEVICE; }
int cuDeviceGetName(char* s, int n, int) { return snprintf(s, n, "emulated GPU"), OK; }
int cuDeviceTotalMem_v2(size_t* n, int) { return *n = Arena::size, OK; }
int cuDeviceGetAttribute(int* v, int a, int d) {
  if (a == 33) return *v = d + 1, OK;               // on the bus
  if (a == 34 || a == 50) return *v = 0, OK;  // device and domain
  return *v = a == 75 ? 8 : a == 76 ? 0 : a == 16 ? 4 : 1024, OK;  // compute capability 8.0, 4 processors
}
int cuCtxCreate_v2(void** c, unsigned, int) { return current = *c = malloc(1), OK; }
static char primary[8];
int cuDevicePrimaryCtxRetain(void** c, int d) { return *c = primary + d, OK; }
int cuCtxDestroy_v2(void* c) { return free(c), current = 0, OK; }
int cuCtxSetCurrent(void* c) { return current = c, OK; }
int cuCtxGetCurrent(void** c) { return *c = current, OK; }
int cuCtxSynchronize() { Lock lock; return context() ? context() : streams::refuse(streams::settle_all()); }
int cuStreamCreate(void** s, unsigned) {
  Lock lock;
  auto n = new streams::Stream;
  n->number = streams::made++;
  streams::all.insert(*s = n);
  return context();
}
int cuStreamDestroy_v2(void* s) {
  Lock lock;
  if (!streams::of(s)) return INVALID;
  int e = streams::settle(streams::of(s));
  streams::all.erase(s);
  return e ? e : context();
}
int cuStreamSynchronize(void* s) {
  Lock lock;
  if (context() || !streams::of(s)) return context() ? context() : INVALID;
  return streams::capturing() ? streams::UNSUPPORTED : streams::settle(streams::of(s));
}
int cuStreamQuery(void* s) { Lock lock; return streams::of(s) && streams::of(s)->late.empty() ? OK : 600; }
int cuStreamWaitEvent(void* s, void* e, unsigned) {
  Lock lock;
  if (context()) return context();
  streams::Event at = *(streams::Event*)e;
  return streams::give(s, [at]() mutable { return streams::wait_for(&at); });
}
int cuEventCreate(void** e, unsigned) { Lock lock; return *e = new streams::Event, context(); }
int cuEventDestroy_v2(void* e) { Lock lock; return delete (streams::Event*)e, context(); }
int cuEventRecord(void* v, void* s) {
  Lock lock;
  streams::Stream* on = streams::of(s);
  if (context() || !on) return context() ? context() : INVALID;
  auto e = (streams::Event*)v;
  e->stream = on;
  e->upto = streams::ages[on] + on->late.size();
  e->ms = streams::clock_ms += 0.5;
  return OK;
}
int cuEventSynchronize(void* e) { Lock lock; return context() ? context() : streams::refuse(streams::wait_for((streams::Event*)e)); }
int cuEventQuery(void* v) {
  Lock lock;
  auto e = (streams::Event*)v;
  return !e->stream || streams::ages[e->stream] >= e->upto ? OK : 600;
}
int cuEventElapsedTime(float* ms, void* a, void* b) {
  Lock lock;
  return *ms = ((streams::Event*)b)->ms - ((streams::Event*)a)->ms, context();
}
int cuMemAlloc_v2(Ptr* p, size_t n) {
  Lock lock;
  if (context()) return context();
  if (streams::capturing()) return streams::UNSUPPORTED;
  char* at = arena.take(n);
  *p = (Ptr)at;
  return at ? OK : n ? MEMORY : INVALID;
}
int cuMemFree_v2(Ptr p) {
  Lock lock;
  if (context()) return context();
  if (streams::capturing()) return streams::UNSUPPORTED;
  int e = streams::settle_all();
  return arena.give((char*)p) ? e : INVALID;
}
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  Lock lock;
  *free = *total = Arena::size;
  for (auto& u : arena.used) *free -= u.second;
  return context();
}
int cuMemHostAlloc(void** p, size_t n, unsigned) {
  Lock lock;
  if (context()) return context();
  if (is("no pinned memory")) return MEMORY;
  *p = malloc(n);
  memset(*p, 0xff, n);
  streams::pinned[(char*)*p] = n;
  return OK;
}
int cuMemAllocHost_v2(void** p, size_t n) { Lock lock; return cuMemHostAlloc(p, n, 0); }
int cuMemFreeHost(void* p) {
  Lock lock;
  if (!streams::pinned.erase((char*)p)) return INVALID;
  int e = streams::settle_all();
  return free(p), e ? e : context();
}
int cuMemcpyHtoD_v2(Ptr d, const void* s, size_t n) {
  Lock lock;
  if (context()) return context();
  if (streams::capturing()) return streams::UNSUPPORTED;
  if (!arena.has((void*)d, n)) return INVALID;
  return memcpy((void*)d, s, n), OK;
}
int cuMemcpyDtoH_v2(void* d, Ptr s, size_t n) {
  Lock lock;
  if (context()) return context();
  if (streams::capturing()) return streams::UNSUPPORTED;
  if (!arena.has((void*)s, n)) return INVALID;
  return memcpy(d, (void*)s, n), OK;
}
int cuMemcpyPeer(Ptr d, void* to, Ptr s, void* from, size_t n) {
  Lock lock;
  if (context()) return context();
  if (!arena.has((void*)d, n) || !arena.has((void*)s, n) || to == from) return INVALID;
  int e = streams::settle_all();
  return memcpy((void*)d, (void*)s, n), e;
}
// Memory that is not pinned has been read, or written, when the call returns.
int cuMemcpyHtoDAsync_v2(Ptr d, const void* s, size_t n, void* on) {
  Lock lock;
  if (context()) return context();
  if (!arena.has((void*)d, n)) return INVALID;
  if (streams::is_pinned(s, n)) return streams::give(on, [=] { return memcpy((void*)d, s, n), 0; });
  if (streams::capturing()) return streams::UNSUPPORTED;
  auto copy = std::make_shared<std::vector<char>>((const char*)s, (const char*)s + n);
  return streams::give(on, [=] { return memcpy((void*)d, copy->data(), n), 0; });
}
int cuMemcpyDtoHAsync_v2(void* d, Ptr s, size_t n, void* on) {
  Lock lock;
  if (context()) return context();
  if (!arena.has((void*)s, n) || !streams::of(on)) return INVALID;
  if (streams::is_pinned(d, n)) return streams::give(on, [=] { return memcpy(d, (void*)s, n), 0; });
  if (streams::capturing()) return streams::UNSUPPORTED;
  int e = streams::settle(streams::of(on));
  return memcpy(d, (void*)s, n), e;
}
int cuMemcpyDtoDAsync_v2(Ptr d, Ptr s, size_t n, void* on) {
  Lock lock;
  if (context()) return context();
  if (!arena.has((void*)d, n) || !arena.has((void*)s, n)) return INVALID;
  return streams::give(on, [=] { return memmove((void*)d, (void*)s, n), 0; });
}
int cuMemsetD8Async(Ptr d, unsigned char v, size_t n, void* on) {
  Lock lock;
  if (context()) return context();
  if (!arena.has((void*)d, n)) return INVALID;
  return streams::give(on, [=] { return memset((void*)d, v, n), 0; });
}
int cuModuleLoadData(void** m, const void* data) {
  Lock lock;
  if (context()) return context();
  if (streams::capturing()) return streams::UNSUPPORTED;
  const Image* image = (const Image*)data;
  if (memcmp(image->magic, "emulated", 8)) return BAD_IMAGE;
  char path[4096];
  snprintf(path, sizeof path, "%s/module-XXXXXX", getenv("LATHE_EMULATE_DIR"));
  int fd = mkstemp(path);
  const char* p = (const char*)(image + 1);
  for (size_t n = image->size; n > 0;) {
    ssize_t k = write(fd, p, n);
    if (k <= 0) return BAD_IMAGE;
    p += k;
    n -= k;
  }
  close(fd);
  *m = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  unlink(path);
  if (!*m) return fprintf(stderr, "emulator: %s\n", dlerror()), BAD_IMAGE;
  *(Machine**)dlsym(*m, "lathe_machine") = &machine;
  return OK;
}
int cuModuleUnload(void* m) { Lock lock; return dlclose(m), context(); }
int cuModuleGetFunction(void** f, void* m, const char* name) {
  Lock lock;
  *f = dlsym(m, name);
  return *f ? context() : NOT_FOUND;
}
static int run_node(const streams::Node& n) {
  return launch((Kernel)n.kernel, n.words.data(), n.grid, n.block) ? OK : ILLEGAL;
}
int cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned,
                   void* on, void** args, void**) {
  Lock lock;
  if (context()) return context();
  if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || !bx || bx > 1024 || by != 1 || bz != 1) return INVALID;
  streams::Stream* s = streams::of(on);
  if (!s) return INVALID;
  auto words = (unsigned long long*)args[0];  // the first one is their number
  auto n = std::make_shared<streams::Node>();
  *n = {{}, {words, words + words[0]}, f, {gx, gy, gz}, bx};
  if (s->into) {
    s->into->nodes.push_back(n);
    s->last = n.get();
    return OK;
  }
  return streams::give(on, [n] { return run_node(*n); });
}

// Graphs.
int cuStreamBeginCapture_v2(void* v, int) {
  Lock lock;
  streams::Stream* s = streams::of(v);
  if (context() || !s || s->into) return context() ? context() : INVALID;
  if (is("no graphs")) return 801;  // CUDA_ERROR_NOT_SUPPORTED
  s->into = new streams::Graph;
  s->last = 0;
  return OK;
}
int cuStreamEndCapture(void* v, void** g) {
  Lock lock;
  streams::Stream* s = streams::of(v);
  if (context() || !s || !s->into) return context() ? context() : INVALID;
  streams::graphs.insert(*g = s->into);
  s->into = 0;
  return OK;
}
int cuStreamGetCaptureInfo_v2(void* v, int* status, unsigned long long* id, void** g, void* const** nodes, size_t* n) {
  Lock lock;
  streams::Stream* s = streams::of(v);
  if (context() || !s) return context() ? context() : INVALID;
  *status = s->into ? 1 : 0;
  *id = 1;
  *g = s->into;
  *nodes = (void* const*)&s->last;
  *n = s->last ? 1 : 0;
  return OK;
}
int cuGraphInstantiateWithFlags(void** x, void* v, unsigned long long) {
  Lock lock;
  if (context() || !streams::graphs.count(v)) return context() ? context() : INVALID;
  auto e = new streams::Exec;
  for (auto& n : ((streams::Graph*)v)->nodes) {
    e->at[n.get()] = e->nodes.size();
    e->nodes.push_back(*n);
  }
  streams::execs.insert(*x = e);
  return OK;
}
struct NodeParams {
  void* f;
  unsigned grid[3], block[3], shared;
  void **params, **extra;
};
int cuGraphKernelNodeGetParams(void* v, NodeParams* p) {
  Lock lock;
  auto n = (streams::Node*)v;
  if (context() || !n->kernel) return context() ? context() : INVALID;
  *p = {n->kernel, {n->grid[0], n->grid[1], n->grid[2]}, {n->block, 1, 1}, 0, 0, 0};
  return OK;
}
int cuGraphExecKernelNodeSetParams(void* x, void* v, const NodeParams* p) {
  Lock lock;
  if (context() || !streams::execs.count(x)) return context() ? context() : INVALID;
  auto e = (streams::Exec*)x;
  auto at = e->at.find(v);
  if (at == e->at.end() || e->nodes[at->second].kernel != p->f) return INVALID;
  auto words = (unsigned long long*)p->params[0];
  e->nodes[at->second].words.assign(words, words + words[0]);
  return OK;
}
int cuGraphLaunch(void* x, void* on) {
  Lock lock;
  if (context() || !streams::execs.count(x)) return context() ? context() : INVALID;
  auto nodes = std::make_shared<std::vector<streams::Node>>(((streams::Exec*)x)->nodes);  // as they are now
  return streams::give(on, [nodes] {
    for (auto& n : *nodes) {
      if (int e = n.kernel ? run_node(n) : n.run()) return e;
    }
    return 0;
  });
}
int cuGraphExecDestroy(void* x) {
  Lock lock;
  if (context() || !streams::execs.erase(x)) return context() ? context() : INVALID;
  return delete (streams::Exec*)x, OK;
}
int cuGraphDestroy(void* g) {
  Lock lock;
  if (context() || !streams::graphs.erase(g)) return context() ? context() : INVALID;
  return delete (streams::Graph*)g, OK;
}

// For the stand-ins of libraries (library.h).
int lathe_memory(const void* p, size_t n) { Lock lock; return arena.has(p, n); }
void lathe_amounts(unsigned long long* total, unsigned long long* free) {
  Lock lock;
  *free = *total = Arena::size;
  for (auto& u : arena.used) *free -= u.second;
}
int lathe_context() { return current != 0; }
int lathe_stream(void* s) { Lock lock; return streams::of(s) != 0; }
void lathe_enqueue(void* s, void (*f)(void*), void* p) {
  Lock lock;
  streams::give(s, [=] { return f(p), 0; });
}
}
