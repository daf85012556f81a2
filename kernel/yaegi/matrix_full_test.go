//go:build full

package yaegi_test

// matrixStride: the full tests run an eleventh of the matrix; all of it takes the interpreter half an hour.
const matrixStride = 11
