// Command gen collects the sources of the generic packages of the standard library into one archive,
// from which kernel/exact takes the bodies of functions that have no compiled form.
//
//	go run ./kernel/exact/gen kernel/exact/overlay.zst
package main

import (
	"go/build"
	"log"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/tools/txtar"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: gen ARCHIVE")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatalf("exact/gen: %v", err)
	}
}

func run(to string) error {
	var a txtar.Archive
	for _, path := range []string{"cmp", "maps", "slices"} {
		p, err := build.Default.Import(path, "", 0)
		if err != nil {
			return err
		}
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return err
			}
			a.Files = append(a.Files, txtar.File{Name: path + "/" + name, Data: text})
		}
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	return os.WriteFile(to, enc.EncodeAll(txtar.Format(&a), nil), 0o644)
}
