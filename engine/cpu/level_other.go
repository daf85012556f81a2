//go:build !amd64

package cpu

func levels() []string { return []string{"portable"} }

func useLevel(string) { usePortable() }
