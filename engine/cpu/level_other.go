//go:build !amd64

package cpu

func init() { start() }

func levels() []string { return []string{"portable"} }

func useLevel(string) {}
