//go:build cuda

package main

import _ "github.com/lathe-ml/lathe/engine/cuda" // t.CUDA(i)
