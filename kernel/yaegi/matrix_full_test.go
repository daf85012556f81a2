//go:build full

package yaegi_test

// matrixStride: the full tests run all of the matrix.
const matrixStride = 1
