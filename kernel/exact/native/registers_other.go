//go:build !amd64

package native

const registers = false
