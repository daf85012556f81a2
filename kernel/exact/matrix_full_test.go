//go:build full

package exact_test

// matrixStride: the full tests run a fifth of the matrix. All of it declares more methods than a process can hold.
const matrixStride = 5
