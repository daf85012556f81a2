// A libnvidia-ml.so.1 whose GPUs are those of driver.cpp, at 00000000:01:00.0 and on. They are busy to the percentage that
// LATHE_FAKE_BUSY says; "unsupported" is what a GPU that is divided says.
#include <stdio.h>
#include "library.h"

static bool ready;
extern "C" {
int nvmlInit_v2() { return ready = true, 0; }
const char* nvmlErrorString(int e) { return e == 3 ? "Not Supported" : e == 6 ? "Not Found" : "Uninitialized"; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** d) {
  unsigned domain, number, device;
  if (!ready) return 1;
  if (sscanf(bus, "%8x:%2x:%2x.0", &domain, &number, &device) != 3 || domain || number < 1 || number > 8 || device) return 6;
  *d = (void*)(size_t)number;
  return 0;
}
int nvmlDeviceGetUtilizationRates(void*, unsigned* rates) {
  const char* busy = getenv("LATHE_FAKE_BUSY");
  if (busy && !strcmp(busy, "unsupported")) return 3;
  rates[0] = busy ? atoi(busy) : 0;
  rates[1] = 0;
  return 0;
}
int nvmlDeviceGetMemoryInfo(void*, unsigned long long* total_free_used) {
  static auto f = (void (*)(unsigned long long*, unsigned long long*))library::driver("lathe_amounts");
  f(&total_free_used[0], &total_free_used[1]);
  total_free_used[2] = total_free_used[0] - total_free_used[1];
  return 0;
}
}
