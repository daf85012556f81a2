// Package bundle builds the page and keeps the manifest of what it was built from.
//
//	err := bundle.Build(".", "dist")      // from web/ui, with node_modules in place
//	err = bundle.WriteManifest(".")       // sha256 of sources, lockfile and outputs
//	err = bundle.CheckManifest(".")       // offline: everything is as the manifest says
//	text, err := bundle.Licenses(".")     // for THIRD_PARTY_LICENSES
//	fmt.Println(len(text), err)
//
// It installs nothing and does not type-check.
package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Build writes the bundle of the sources in dir to out, replacing what was there.
func Build(dir, out string) error {
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		return fmt.Errorf("bundle: %s has no node_modules; run npm ci there", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: abs,
		EntryPointsAdvanced: []api.EntryPoint{
			{InputPath: "src/main.tsx", OutputPath: "app"},
			{InputPath: "src/app.css", OutputPath: "app"},
		},
		Outdir: filepath.Join(abs, "dist"), // only names, nothing is written by esbuild
		Bundle: true, Splitting: true, Format: api.FormatESModule, Platform: api.PlatformBrowser,
		Target: api.ES2022, JSX: api.JSXAutomatic, JSXImportSource: "preact",
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
		ChunkNames: "chunk-[hash]", AssetNames: "[name]-[hash]",
		Loader:     map[string]api.Loader{".woff2": api.LoaderFile},
		Plugins:    []api.Plugin{modernFonts},
		Conditions: []string{"production"},
		Define:     map[string]string{"process.env.NODE_ENV": `"production"`},
		LogLevel:   api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return errors.New("bundle: " + strings.Join(text, "\n"))
	}
	return write(dir, out, result.OutputFiles)
}

// modernFonts leaves KaTeX's fonts in the one format that every supported browser reads.
var modernFonts = api.Plugin{Name: "modern-fonts", Setup: func(build api.PluginBuild) {
	old := regexp.MustCompile(`,url\([^)]*\.(woff|ttf)\) format\("[a-z]*"\)`)
	filter := api.OnLoadOptions{Filter: `katex\.min\.css$`}
	build.OnLoad(filter, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		data, err := os.ReadFile(args.Path)
		text := old.ReplaceAllString(string(data), "")
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderCSS}, err
	})
}}

func write(dir, out string, files []api.OutputFile) error {
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(out, filepath.Base(f.Path)), f.Contents, 0o644); err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
	}
	// What the browser gets as it is.
	for _, name := range []string{"icon.svg", "sandbox.html"} {
		data, err := os.ReadFile(filepath.Join(dir, "src", name))
		if err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
		if err := os.WriteFile(filepath.Join(out, name), data, 0o644); err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
	}
	return nil
}
