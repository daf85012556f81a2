package blas

import _ "embed"

// Header is what the package declares of the library, for stand-ins.
//
//go:embed blas.h
var Header string
