// Command gen writes the tables that let cells use compiled packages: for every package named in
// the list file, a Go file that puts its exported values, types and interface wrappers into
// Symbols, and one archive (exports.zst) with the packages' type information.
//
//	go run ./kernel/symbols/gen -list packages.txt -dest std -out kernel/symbols/std
//
// Generic functions and types have no run-time value and are left out of the Go files; their type
// information is kept, so that a use of them can be explained.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"go/types"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"

	"github.com/lathe-ml/lathe/kernel/check"
)

func main() {
	log.SetFlags(0)
	list := flag.String("list", "packages.txt", "file with one import path per line")
	dest := flag.String("dest", "", "name of the generated package")
	out := flag.String("out", ".", "folder of the generated package")
	flag.Parse()
	if err := run(*list, *dest, *out); err != nil {
		log.Fatalf("symbols/gen: %v", err)
	}
}

func run(list, dest, out string) error {
	paths, err := readList(list)
	if err != nil {
		return err
	}
	loaded, err := load(paths)
	if err != nil {
		return err
	}
	pkgs := make([]*types.Package, len(loaded))
	for i, p := range loaded {
		pkgs[i] = p.Types
	}
	old, err := filepath.Glob(filepath.Join(out, "sym_*.go"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	for _, p := range pkgs {
		src, err := source(dest, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Path(), err)
		}
		name := "sym_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(p.Path()) + ".go"
		if err := os.WriteFile(filepath.Join(out, name), src, 0o644); err != nil {
			return err
		}
	}
	if pkgs, err = prune(loaded); err != nil {
		return err
	}
	archive, err := exports(pkgs, docs(loaded))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "exports.zst"), archive, 0o644)
}

func readList(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var paths []string
	for s := bufio.NewScanner(f); s.Scan(); {
		line, _, _ := strings.Cut(s.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			paths = append(paths, line)
		}
	}
	return paths, nil
}

// load type-checks the packages from source, so that parameter names are known, and returns them
// in the order of paths.
func load(paths []string) ([]*packages.Package, error) {
	cfg := &packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps |
			packages.NeedSyntax | packages.NeedTypesInfo,
		Env: append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"),
	}
	loaded, err := packages.Load(cfg, paths...)
	if err != nil {
		return nil, err
	}
	byPath := map[string]*packages.Package{}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s: %v", p.PkgPath, p.Errors[0])
		}
		byPath[p.PkgPath] = p
	}
	pkgs := make([]*packages.Package, 0, len(paths))
	for _, path := range paths {
		p := byPath[path]
		if p == nil {
			return nil, fmt.Errorf("%s: no such package", path)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs, nil
}

// exports returns the type information of pkgs as one compressed archive: records of path length,
// path, data length, data (uvarint lengths). The comments of a package are a record of their own.
func exports(pkgs []*types.Package, docs map[string][]byte) ([]byte, error) {
	var all []byte
	for _, p := range pkgs {
		var data bytes.Buffer
		if err := gcexportdata.Write(&data, nil, p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Path(), err)
		}
		all = appendField(appendField(all, p.Path()), data.String())
	}
	for _, p := range pkgs {
		all = appendField(appendField(all, check.DocsOf+p.Path()), string(docs[p.Path()]))
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithWindowSize(8<<20), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return enc.EncodeAll(all, nil), nil
}

func appendField(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
