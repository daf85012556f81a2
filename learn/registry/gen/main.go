// Command gen writes docs/learn.md.
//
//	go run ./learn/registry/gen docs/learn.md
//
// It takes the file to write and nothing else.
package main

import (
	"bytes"
	"log"
	"os"

	"github.com/lathe-ml/lathe/learn/registry"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: gen FILE")
	}
	var b bytes.Buffer
	if err := registry.WriteDocs(&b); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
