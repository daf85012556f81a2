// Package symbols holds everything compiled that cells can use: Lathe's own packages and, from
// kernel/symbols/std, the standard library.
//
//	err := kernel.Serve(conn, kernel.Options{
//		Symbols: symbols.Packages(),
//		Exports: symbols.Exports(),
//		Prelude: symbols.Prelude(),
//	})
//
// The tables are generated from packages.txt (go generate ./kernel/symbols/...) and a test keeps
// them current. The package executes nothing.
package symbols

import (
	_ "embed"
	"maps"
	"path"
	"reflect"
	"strings"

	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

//go:generate go run ./gen -list packages.txt -dest symbols -out .

// Symbols maps "import/path/name" to the exported symbols of Lathe's packages.
var Symbols = map[string]map[string]reflect.Value{}

//go:embed exports.zst
var exports []byte

// Packages returns the symbols of every package that cells can import.
func Packages() map[string]map[string]reflect.Value {
	all := maps.Clone(std.Symbols)
	maps.Copy(all, Symbols)
	return all
}

// Exports returns the archives of type information for Packages.
func Exports() [][]byte { return [][]byte{std.Exports, exports} }

// preferred decides between packages of the same name.
var preferred = map[string]string{
	"rand":     "math/rand",
	"template": "text/template",
}

// Prelude returns the package names that cells may use without an import: t for package eager, the
// names of Lathe's other packages, and those of the standard library.
func Prelude() map[string]string {
	names := map[string]string{}
	for key := range std.Symbols {
		importPath, name := path.Split(key)
		names[name] = strings.TrimSuffix(importPath, "/")
	}
	maps.Copy(names, preferred)
	for key := range Symbols {
		importPath, name := path.Split(key)
		names[name] = strings.TrimSuffix(importPath, "/")
	}
	names["t"] = names["eager"]
	delete(names, "probe")  // for the debugger alone
	delete(names, "native") // for %native alone
	return names
}
