//go:build !cuda

// Command gpu measures Lathe on an NVIDIA GPU; it is built with the tag cuda alone (./test.sh --gpu).
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "gpu: built without the tag cuda; run ./test.sh --gpu")
	os.Exit(1)
}
