package yaegi_test

// matrixStride: one program in 47. The whole matrix takes the interpreter half an hour.
const matrixStride = 47
