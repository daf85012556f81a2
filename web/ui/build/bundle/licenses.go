package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Licenses returns the text of THIRD_PARTY_LICENSES: every package that the bundle is made from,
// with its licence as the package itself states it.
func Licenses(dir string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	var lock struct {
		Packages map[string]struct {
			Version string
			License string
			Dev     bool
		}
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return nil, fmt.Errorf("bundle: package-lock.json: %w", err)
	}
	var paths []string
	for path, p := range lock.Packages {
		if path != "" && !p.Dev {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	var b bytes.Buffer
	b.WriteString("The page in web/ui/dist is built from these packages.\n")
	for _, path := range paths {
		p := lock.Packages[path]
		name := path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
		text, err := licenseText(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n%s\n%s %s\nLicense: %s\n\n%s\n", strings.Repeat("-", 80), name, p.Version,
			p.License, text)
	}
	return b.Bytes(), nil
}

// licenseText joins the licence and notice files of a package; small packages have none, and their
// licence field stands for itself.
func licenseText(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("bundle: %w; run npm ci", err)
	}
	var parts []string
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		isText := strings.HasPrefix(upper, "LICEN") || strings.HasPrefix(upper, "NOTICE")
		if e.IsDir() || !isText {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", fmt.Errorf("bundle: %w", err)
		}
		text := strings.ReplaceAll(strings.TrimSpace(string(data)), "\r\n", "\n")
		parts = append(parts, strings.ToValidUTF8(text, "?"))
	}
	if len(parts) == 0 {
		return "(the package contains no licence text)", nil
	}
	return strings.Join(parts, "\n\n"), nil
}
