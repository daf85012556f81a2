/* Runs the model of argv[1], y = relu(x·w + b) of 2×3 → 2×2, as capi_test.go writes it, and breaks every rule once. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lathe.h"

#define CHECK(x) \
  do { \
    if (!(x)) { \
      printf("line %d: %s: %s\n", __LINE__, #x, lathe_error()); \
      exit(1); \
    } \
  } while (0)

static lathe_model m;
static const float want[4] = {14.5f, 0, 32.5f, 0};

static int run(float *px, float *py) {
  lathe_tensor x, y;
  memset(&x, 0, sizeof x);
  memset(&y, 0, sizeof y);
  x.data = px, x.dtype = LATHE_F32, x.rank = 2, x.shape[0] = 2, x.shape[1] = 3;
  y.data = py, y.dtype = LATHE_F32, y.rank = 2, y.shape[0] = 2, y.shape[1] = 2;
  return lathe_run(m, &x, 1, &y, 1);
}

static void *many(void *n) {
  float px[6] = {1, 2, 3, 4, 5, 6}, py[4];
  for (long i = 0; i < (long)n; i++) {
    memset(py, 0xff, sizeof py);
    CHECK(run(px, py) == 0);
    CHECK(memcmp(py, want, sizeof want) == 0);
  }
  CHECK(lathe_counts(m + 99, NULL, NULL) == -1); /* a message of this thread */
  CHECK(strstr(lathe_error(), "not open"));
  return NULL;
}

static long resident(void) { /* KiB */
  char line[128];
  long kib = 0;
  FILE *f = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, f)) sscanf(line, "VmRSS: %ld", &kib);
  fclose(f);
  return kib;
}

int main(int argc, char **argv) {
  lathe_info info;
  int32_t in, out;
  CHECK(argc == 3 && lathe_version() == 1);
  CHECK(lathe_open("no such file.onnx", NULL, NULL, &m) == -1 && strstr(lathe_error(), "no such file"));
  CHECK(lathe_open(argv[2], NULL, NULL, &m) == -1 && strstr(lathe_error(), "not"));
  CHECK(lathe_open(NULL, NULL, NULL, &m) == -1 && strstr(lathe_error(), "NULL"));
  CHECK(lathe_open(argv[1], NULL, NULL, &m) == 0);
  CHECK(lathe_counts(m, &in, &out) == 0 && in == 1 && out == 1);
  CHECK(lathe_input(m, 0, &info) == 0 && info.dtype == LATHE_F32 && info.rank == 2 && info.shape[0] == 2 && info.shape[1] == 3);
  CHECK(strlen(info.name) > 0);
  CHECK(lathe_output(m, 0, &info) == 0 && info.rank == 2 && info.shape[1] == 2);
  CHECK(lathe_output(m, 1, &info) == -1 && strstr(lathe_error(), "1 of 1"));

  lathe_tensor x = {NULL, LATHE_F32, 2, {2, 3}}, y = {NULL, LATHE_F32, 2, {2, 2}};
  float px[8] = {1, 2, 3, 4, 5, 6}, py[4];
  CHECK(lathe_run(m, &x, 1, &y, 1) == -1 && strstr(lathe_error(), "has no data"));
  x.data = px, y.data = py, x.shape[1] = 4;
  CHECK(lathe_run(m, &x, 1, &y, 1) == -1 && strstr(lathe_error(), "shape [2 4]"));
  x.shape[1] = 3, x.dtype = LATHE_F64;
  CHECK(lathe_run(m, &x, 1, &y, 1) == -1 && strstr(lathe_error(), "type 10"));
  x.dtype = LATHE_F32;
  CHECK(lathe_run(m, &x, 1, &y, 0) == -1 && strstr(lathe_error(), "1 inputs and 0 outputs"));
  x.data = (char *)px + 1;
  CHECK(lathe_run(m, &x, 1, &y, 1) == -1 && strstr(lathe_error(), "odd address"));

  pthread_t t[4];
  for (int i = 0; i < 4; i++) CHECK(pthread_create(&t[i], NULL, many, (void *)500) == 0);
  for (int i = 0; i < 4; i++) CHECK(pthread_join(t[i], NULL) == 0);
  many((void *)2000);
  long before = resident();
  many((void *)10000);
  for (int i = 0; i < 200; i++) {
    lathe_model other;
    CHECK(lathe_open(argv[1], NULL, NULL, &other) == 0);
    lathe_close(other);
  }
  long grown = resident() - before;
  CHECK(grown < 48 * 1024);
  lathe_close(m);
  lathe_close(m);
  CHECK(run(px, py) == -1 && strstr(lathe_error(), "not open"));
  printf("passed; memory grew by %ld KiB in 10000 runs and 200 openings\n", grown);
  return 0;
}
