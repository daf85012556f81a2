// Package dep is a module of the cache.
package dep

// Ready is set when the package is initialized.
var Ready = ready()

func ready() string { return "dep" }
