// Command build bundles the page with esbuild: src and node_modules go in, dist, manifest.json and
// THIRD_PARTY_LICENSES come out. Run it through `go generate ./web/ui` after `npm ci` in web/ui.
//
//	npm ci && go generate .
//	go test ./web/ui              // checks the manifest, offline
//	go test -tags full ./web/ui   // rebuilds and compares the bytes
//	go run ./build -o /tmp/dist   // builds elsewhere
//
// The output depends on the sources, the lockfile and esbuild's version alone. It does not
// type-check; tsc does, in the full tests.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/lathe-ml/lathe/web/ui/build/bundle"
)

func main() {
	out := flag.String("o", "", "folder for the bundle; the default also updates the manifest")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out string) error {
	if out != "" {
		return bundle.Build(".", out)
	}
	if err := bundle.Build(".", "dist"); err != nil {
		return err
	}
	text, err := bundle.Licenses(".")
	if err != nil {
		return err
	}
	if err := os.WriteFile("THIRD_PARTY_LICENSES", text, 0o644); err != nil {
		return err
	}
	return bundle.WriteManifest(".")
}
