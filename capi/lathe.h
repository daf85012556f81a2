/* Lathe's models in programs of other languages.
 *
 *   lathe_model m;
 *   if (lathe_open("net.onnx", NULL, NULL, &m)) { puts(lathe_error()); exit(1); }
 *   lathe_tensor x = {px, LATHE_F32, 4, {1, 3, 224, 224}}, y = {scores, LATHE_F32, 2, {1, 1000}};
 *   if (lathe_run(m, &x, 1, &y, 1)) puts(lathe_error());
 *   lathe_close(m);
 *
 * Functions return 0, or −1 and a text from lathe_error. All may be called from any thread, and a model may run in several
 * threads at once. Files: .lathe, .onnx, .prototxt and .caffemodel of Caffe, .pb and .pbtxt of Caffe2.
 * Build: go build -buildmode=c-shared -o liblathe.so ./capi; link with -llathe.
 */
#ifndef LATHE_H
#define LATHE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LATHE_MAX_RANK 8

enum { /* types of elements */
  LATHE_BOOL = 1, LATHE_U8 = 2, LATHE_I8 = 3, LATHE_I16 = 4, LATHE_I32 = 5, LATHE_I64 = 6,
  LATHE_F16 = 7, LATHE_BF16 = 8, LATHE_F32 = 9, LATHE_F64 = 10, LATHE_C64 = 11, LATHE_C128 = 12
};

typedef uint64_t lathe_model; /* 0 is none */

typedef struct { /* memory of the caller: elements in row-major order without gaps */
  void *data;
  int32_t dtype;
  int32_t rank;
  int64_t shape[LATHE_MAX_RANK];
} lathe_tensor;

typedef struct {
  char name[128]; /* cut when it is longer */
  int32_t dtype;
  int32_t rank;
  int64_t shape[LATHE_MAX_RANK];
} lathe_info;

/* Opens a model. weights: the caffemodel of a prototxt, the init net of a predict net; or NULL. shapes: extents of inputs
 * that the file leaves free, as "data=1,3,224,224;mask=1,8"; or NULL. */
int lathe_open(const char *path, const char *weights, const char *shapes, lathe_model *model);

/* Gives a model back; runs of other threads end first. A closed model or 0 does nothing. */
void lathe_close(lathe_model model);

/* The numbers of inputs and outputs. */
int lathe_counts(lathe_model model, int32_t *inputs, int32_t *outputs);

/* Name, type and shape of input or output i, from 0. */
int lathe_input(lathe_model model, int32_t i, lathe_info *info);
int lathe_output(lathe_model model, int32_t i, lathe_info *info);

/* Computes the outputs. Tensors must have the types and shapes that lathe_input and lathe_output tell. Inputs are read where
 * they are, and outputs written to the caller's memory; nothing is kept. */
int lathe_run(lathe_model model, const lathe_tensor *inputs, int32_t n_inputs, lathe_tensor *outputs, int32_t n_outputs);

/* What went wrong in the last call of this thread that returned −1; it stays until the next one. */
const char *lathe_error(void);

/* Threads that a run may use; 0: all processors. It holds for the whole process. */
void lathe_threads(int32_t n);

/* The version of this interface: 1. */
int lathe_version(void);

#ifdef __cplusplus
}
#endif
#endif
