package nccl

import _ "embed"

// Header is what the package declares of the library, for stand-ins.
//
//go:embed declared.h
var Header string
