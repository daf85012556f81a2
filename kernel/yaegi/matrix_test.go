//go:build !full

package yaegi_test

// matrixStride: the quick tests run a part of the matrix.
const matrixStride = 47
