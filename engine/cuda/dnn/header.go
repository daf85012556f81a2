package dnn

import _ "embed"

// Header is what the package declares of the library, for stand-ins.
//
//go:embed dnn.h
var Header string
