// Package local replaces a module.
package local

// Twice doubles.
func Twice[T ~int](x T) T { return 2 * x }
