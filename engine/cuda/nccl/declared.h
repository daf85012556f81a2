// The part of NCCL's interface that package nccl calls; nccl.h of NCCL 2 has the same.
#pragma once
typedef struct ncclComm* nccl_communicator;
enum { NCCL_F16 = 6, NCCL_F32 = 7, NCCL_F64 = 8, NCCL_BF16 = 9, NCCL_SUM = 0, NCCL_AVG = 4 };
typedef struct {
  int (*version)(int*);
  const char* (*error)(int);
  int (*init_all)(nccl_communicator*, int, const int*);
  int (*destroy)(nccl_communicator);
  int (*group_start)(void);
  int (*group_end)(void);
  int (*all_reduce)(const void*, void*, __SIZE_TYPE__, int type, int op, nccl_communicator, void* stream);
  int (*broadcast)(const void*, void*, __SIZE_TYPE__, int type, int root, nccl_communicator, void* stream);
} nccl_functions;
#define NCCL_NAMES                                                                                    \
  {"ncclGetVersion", "ncclGetErrorString", "ncclCommInitAll", "ncclCommDestroy", "ncclGroupStart",    \
   "ncclGroupEnd",   "ncclAllReduce",      "ncclBroadcast"}
