// Command gen writes docs.tsv, the documentation of what names.tsv names, and the page of the guide.
//
//	go generate ./internal/torchnames
//
// It runs in the package's folder and fails when names.tsv names something that does not exist.
package main

import (
	"log"
	"os"

	"github.com/lathe-ml/lathe/internal/torchnames"
)

func main() {
	log.SetFlags(0)
	docs, err := torchnames.Docs("../..")
	if err != nil {
		log.Fatal(err)
	}
	page, err := torchnames.Page()
	if err != nil {
		log.Fatal(err)
	}
	for path, text := range map[string][]byte{"docs.tsv": docs, "../../docs/guide/torch.md": page} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
