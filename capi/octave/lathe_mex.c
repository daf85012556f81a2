/* Runs a model in Octave or MATLAB.
 *
 *   mkoctfile --mex -I.. -L.. -llathe lathe_mex.c     (MATLAB: mex -I.. -L.. -llathe lathe_mex.c)
 *   y = lathe_mex('net.onnx', x1, x2, ...);           the last model stays open
 *   [y1, y2] = lathe_mex('net.prototxt,net.caffemodel', x);
 *
 * Arrays have the shape of the model's input with their axes in the opposite order, [3 4] for 4 rows of 3: columns come first
 * in memory there, rows here. Inputs may be double or single; outputs have the type of the model.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lathe.h"
#include "mex.h"

#define MAX_PORTS 64

static lathe_model model;
static char opened[4096];

static void give_back(void) {
  lathe_close(model);
  model = 0;
  opened[0] = 0;
}

static void check(int code) {
  if (code) mexErrMsgIdAndTxt("lathe:error", "%s", lathe_error());
}

static void open_model(const mxArray *name) {
  char path[4096];
  if (!mxIsChar(name) || mxGetString(name, path, sizeof path))
    mexErrMsgIdAndTxt("lathe:usage", "lathe_mex: the first argument is the model's file name");
  if (model && !strcmp(path, opened)) return;
  give_back();
  strcpy(opened, path);
  char *weights = strchr(path, ',');
  if (weights) *weights++ = 0;
  if (lathe_open(path, weights, NULL, &model)) {
    opened[0] = 0;
    mexErrMsgIdAndTxt("lathe:error", "%s", lathe_error());
  }
  mexAtExit(give_back);
}

static size_t count(const lathe_info *p) {
  size_t n = 1;
  for (int i = 0; i < p->rank; i++) n *= (size_t)p->shape[i];
  return n;
}

static mxClassID class_of(const lathe_info *p) {
  switch (p->dtype) {
    case LATHE_BOOL: return mxLOGICAL_CLASS;
    case LATHE_U8: return mxUINT8_CLASS;
    case LATHE_I8: return mxINT8_CLASS;
    case LATHE_I16: return mxINT16_CLASS;
    case LATHE_I32: return mxINT32_CLASS;
    case LATHE_I64: return mxINT64_CLASS;
    case LATHE_F32: return mxSINGLE_CLASS;
    case LATHE_F64: return mxDOUBLE_CLASS;
  }
  mexErrMsgIdAndTxt("lathe:type", "lathe_mex: %s has element type %d, which is not known here", p->name, p->dtype);
  return mxUNKNOWN_CLASS;
}

/* dims are the extents of a model's shape in the opposite order, at least two. */
static mwSize dims(const lathe_info *p, mwSize *out) {
  mwSize n = 0;
  for (int i = p->rank - 1; i >= 0; i--) out[n++] = (mwSize)p->shape[i];
  while (n < 2) out[n++] = 1;
  return n;
}

static lathe_tensor input(const mxArray *x, const lathe_info *p) {
  lathe_tensor t;
  memset(&t, 0, sizeof t);
  t.dtype = p->dtype, t.rank = p->rank;
  memcpy(t.shape, p->shape, sizeof t.shape);
  if (mxIsComplex(x) || mxIsSparse(x) || (size_t)mxGetNumberOfElements(x) != count(p))
    mexErrMsgIdAndTxt("lathe:shape", "lathe_mex: %s wants %d real, full elements, got %d", p->name, (int)count(p),
                      (int)mxGetNumberOfElements(x));
  mwSize want[LATHE_MAX_RANK + 2], n = dims(p, want);
  while (n > 2 && want[n - 1] == 1) n--;
  if ((mwSize)mxGetNumberOfDimensions(x) != n)
    mexErrMsgIdAndTxt("lathe:shape", "lathe_mex: %s wants %d axes, got %d", p->name, (int)n, (int)mxGetNumberOfDimensions(x));
  for (mwSize i = 0; i < n; i++)
    if ((mwSize)mxGetDimensions(x)[i] != want[i])
      mexErrMsgIdAndTxt("lathe:shape", "lathe_mex: %s wants extent %d on axis %d, got %d", p->name, (int)want[i], (int)i + 1,
                        (int)mxGetDimensions(x)[i]);
  if (mxGetClassID(x) == class_of(p)) {
    t.data = mxGetData(x);
  } else if (mxIsDouble(x) && p->dtype == LATHE_F32) {
    float *f = mxMalloc(sizeof(float) * (count(p) + 1)); /* freed when the call ends */
    const double *d = mxGetPr(x);
    for (size_t i = 0; i < count(p); i++) f[i] = (float)d[i];
    t.data = f;
  } else {
    mexErrMsgIdAndTxt("lathe:type", "lathe_mex: %s is %s, which is not the model's type", p->name, mxGetClassName(x));
  }
  return t;
}

void mexFunction(int nlhs, mxArray *plhs[], int nrhs, const mxArray *prhs[]) {
  if (nrhs < 1) mexErrMsgIdAndTxt("lathe:usage", "lathe_mex: y = lathe_mex('net.onnx', x)");
  open_model(prhs[0]);
  int32_t n_in, n_out;
  check(lathe_counts(model, &n_in, &n_out));
  if (n_in != nrhs - 1 || nlhs > n_out || n_in > MAX_PORTS || n_out > MAX_PORTS)
    mexErrMsgIdAndTxt("lathe:usage", "lathe_mex: the model has %d inputs and %d outputs, got %d and %d", n_in, n_out, nrhs - 1, nlhs);
  lathe_tensor in[MAX_PORTS], out[MAX_PORTS];
  mxArray *made[MAX_PORTS];
  lathe_info p;
  for (int i = 0; i < n_in; i++) {
    check(lathe_input(model, i, &p));
    in[i] = input(prhs[i + 1], &p);
  }
  for (int i = 0; i < n_out; i++) {
    check(lathe_output(model, i, &p));
    mwSize d[LATHE_MAX_RANK + 2], n = dims(&p, d);
    made[i] = class_of(&p) == mxLOGICAL_CLASS ? mxCreateLogicalArray(n, d) : mxCreateNumericArray(n, d, class_of(&p), mxREAL);
    memset(&out[i], 0, sizeof out[i]);
    out[i].data = mxGetData(made[i]), out[i].dtype = p.dtype, out[i].rank = p.rank;
    memcpy(out[i].shape, p.shape, sizeof p.shape);
  }
  check(lathe_run(model, in, n_in, out, n_out));
  for (int i = 0; i < n_out; i++) {
    if (i < nlhs || i == 0)
      plhs[i] = made[i];
    else
      mxDestroyArray(made[i]);
  }
}
