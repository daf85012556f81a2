// Package ui holds the page: TypeScript sources in src and the committed bundle in dist.
//
//	go generate ./web/ui     // needs node and npm ci in web/ui; writes dist
//	data, err := ui.Dist.ReadFile("dist/app.js")
//	etag := ui.Tag("app.js")
//	fmt.Println(len(data), err, etag)
//
// Nothing here runs at build time: go build needs no node and no network. The sources are in src,
// the builder in build, browser tests in e2e.
package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"sync"
)

//go:generate go run ./build

// Dist is the bundle that the server embeds.
//
//go:embed dist
var Dist embed.FS

var tags sync.Map

// Tag returns an HTTP entity tag of a file in dist.
func Tag(name string) string {
	if tag, ok := tags.Load(name); ok {
		return tag.(string)
	}
	data, err := Dist.ReadFile(path.Join("dist", name))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	tags.Store(name, tag)
	return tag
}
