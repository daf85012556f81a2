// Package lathe is the root of the Lathe workbench; the program is cmd/lathe. This package holds only
// the tests that guard the structure of the tree (arch_test.go).
package lathe
