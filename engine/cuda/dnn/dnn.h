// The part of cuDNN's interface that package dnn calls; the headers of cuDNN 8 and 9 have the same.
#pragma once
typedef void* dnn_object;
enum {
  DNN_FLOAT = 0,
  DNN_DOUBLE = 1,
  DNN_HALF = 2,
  DNN_BFLOAT16 = 9,
  DNN_NCHW = 0,
  DNN_CROSS_CORRELATION = 1,
  DNN_DEFAULT_MATH = 0,
  DNN_TENSOR_OP_MATH = 1,
  DNN_FMA_MATH = 3,
};
typedef struct {  // of all three kinds of algorithms
  int algorithm, status;
  float time;
  __SIZE_TYPE__ memory;
  int deterministic, math, reserved[3];
} dnn_found;
typedef struct {
  __SIZE_TYPE__ (*version)(void);
  const char* (*error)(int);
  int (*create)(dnn_object*);
  int (*destroy)(dnn_object);
  int (*set_stream)(dnn_object, void*);
  int (*create_tensor)(dnn_object*);
  int (*set_tensor)(dnn_object, int type, int n, const int* shape, const int* strides);
  int (*destroy_tensor)(dnn_object);
  int (*create_filter)(dnn_object*);
  int (*set_filter)(dnn_object, int type, int format, int n, const int* shape);
  int (*destroy_filter)(dnn_object);
  int (*create_convolution)(dnn_object*);
  int (*set_convolution)(dnn_object, int n, const int* pad, const int* stride, const int* dilation, int mode, int type);
  int (*set_groups)(dnn_object, int);
  int (*set_math)(dnn_object, int);
  int (*destroy_convolution)(dnn_object);
  // The three kinds: forward (x, w, y), input gradient (w, dy, dx), weight gradient (x, dy, dw).
  int (*find[3])(dnn_object, dnn_object a, dnn_object b, dnn_object convolution, dnn_object c, int most, int* n,
                 dnn_found*);
  int (*run[3])(dnn_object, const void* alpha, dnn_object a, const void* a_at, dnn_object b, const void* b_at,
                dnn_object convolution, int algorithm, void* workspace, __SIZE_TYPE__ n, const void* beta, dnn_object c,
                void* c_at);
} dnn_functions;
#define DNN_NAMES                                                                                             \
  {"cudnnGetVersion", "cudnnGetErrorString", "cudnnCreate", "cudnnDestroy", "cudnnSetStream",                 \
   "cudnnCreateTensorDescriptor", "cudnnSetTensorNdDescriptor", "cudnnDestroyTensorDescriptor",               \
   "cudnnCreateFilterDescriptor", "cudnnSetFilterNdDescriptor", "cudnnDestroyFilterDescriptor",               \
   "cudnnCreateConvolutionDescriptor", "cudnnSetConvolutionNdDescriptor", "cudnnSetConvolutionGroupCount",    \
   "cudnnSetConvolutionMathType", "cudnnDestroyConvolutionDescriptor",                                        \
   "cudnnGetConvolutionForwardAlgorithm_v7", "cudnnGetConvolutionBackwardDataAlgorithm_v7",                   \
   "cudnnGetConvolutionBackwardFilterAlgorithm_v7", "cudnnConvolutionForward", "cudnnConvolutionBackwardData", \
   "cudnnConvolutionBackwardFilter"}
