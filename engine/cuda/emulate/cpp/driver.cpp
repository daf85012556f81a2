// A libcuda.so.1 without a GPU: memory is the emulator's arena, modules are shared objects that nvrtc.cpp made.
// It holds callers to what a driver demands: a context current on the thread, pointers inside of allocations,
// memory given back once. LATHE_FAKE_DRIVER makes it one without devices ("none") or one that is too old ("old").
#include "machine.h"
#include <dlfcn.h>
#include <unistd.h>
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
static int context() { return current ? OK : NO_CONTEXT; }
struct Image {
  char magic[8];
  unsigned long long size;
};
static double clock_ms;

extern "C" {
int cuInit(unsigned) { return is("none") ? NO_DEVICE : OK; }
int cuDriverGetVersion(int* v) { return *v = is("old") ? 9000 : 12090, OK; }
int cuDeviceGetCount(int* n) { return *n = is("none") ? 0 : 1, OK; }
int cuDeviceGet(int* d, int i) { return *d = i, i == 0 ? OK : BAD_DEVICE; }
int cuDeviceGetName(char* s, int n, int) { return snprintf(s, n, "emulated GPU"), OK; }
int cuDeviceTotalMem_v2(size_t* n, int) { return *n = Arena::size, OK; }
int cuDeviceGetAttribute(int* v, int a, int) {
  return *v = a == 75 ? 8 : a == 76 ? 0 : a == 16 ? 4 : 1024, OK;  // compute capability 8.0, 4 processors
}
int cuCtxCreate_v2(void** c, unsigned, int) { return current = *c = malloc(1), OK; }
int cuCtxDestroy_v2(void* c) { return free(c), current = 0, OK; }
int cuCtxSetCurrent(void* c) { return current = c, OK; }
int cuCtxGetCurrent(void** c) { return *c = current, OK; }
int cuCtxSynchronize() { return context(); }
int cuStreamCreate(void** s, unsigned) { return *s = malloc(1), context(); }
int cuStreamDestroy_v2(void* s) { return free(s), context(); }
int cuStreamSynchronize(void*) { return context(); }
int cuEventCreate(void** e, unsigned) { return *e = calloc(1, 8), context(); }
int cuEventDestroy_v2(void* e) { return free(e), context(); }
int cuEventRecord(void* e, void*) { return *(double*)e = clock_ms += 0.5, context(); }
int cuEventSynchronize(void*) { return context(); }
int cuEventElapsedTime(float* ms, void* a, void* b) { return *ms = *(double*)b - *(double*)a, context(); }
int cuMemAlloc_v2(Ptr* p, size_t n) {
  if (context()) return context();
  char* at = arena.take(n);
  *p = (Ptr)at;
  return at ? OK : n ? MEMORY : INVALID;
}
int cuMemFree_v2(Ptr p) { return context() ? context() : arena.give((char*)p) ? OK : INVALID; }
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = *total = Arena::size;
  for (auto& u : arena.used) *free -= u.second;
  return context();
}
int cuMemAllocHost_v2(void** p, size_t n) { return *p = malloc(n), context(); }
int cuMemFreeHost(void* p) { return free(p), context(); }
int cuMemcpyHtoD_v2(Ptr d, const void* s, size_t n) {
  if (context()) return context();
  if (!arena.has((void*)d, n)) return INVALID;
  return memcpy((void*)d, s, n), OK;
}
int cuMemcpyDtoH_v2(void* d, Ptr s, size_t n) {
  if (context()) return context();
  if (!arena.has((void*)s, n)) return INVALID;
  return memcpy(d, (void*)s, n), OK;
}
int cuMemcpyHtoDAsync_v2(Ptr d, const void* s, size_t n, void*) { return cuMemcpyHtoD_v2(d, s, n); }
int cuMemcpyDtoHAsync_v2(void* d, Ptr s, size_t n, void*) { return cuMemcpyDtoH_v2(d, s, n); }
int cuMemcpyDtoDAsync_v2(Ptr d, Ptr s, size_t n, void*) {
  if (context()) return context();
  if (!arena.has((void*)d, n) || !arena.has((void*)s, n)) return INVALID;
  return memmove((void*)d, (void*)s, n), OK;
}
int cuMemsetD8Async(Ptr d, unsigned char v, size_t n, void*) {
  if (context()) return context();
  if (!arena.has((void*)d, n)) return INVALID;
  return memset((void*)d, v, n), OK;
}
int cuModuleLoadData(void** m, const void* data) {
  if (context()) return context();
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
int cuModuleUnload(void* m) { return dlclose(m), context(); }
int cuModuleGetFunction(void** f, void* m, const char* name) {
  *f = dlsym(m, name);
  return *f ? context() : NOT_FOUND;
}
int cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned,
                   void*, void** args, void**) {
  if (context()) return context();
  if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || !bx || bx > 1024 || by != 1 || bz != 1) return INVALID;
  unsigned grid[3] = {gx, gy, gz};
  return launch((Kernel)f, args[0], grid, bx) ? OK : ILLEGAL;
}
}
