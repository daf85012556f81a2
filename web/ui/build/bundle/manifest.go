package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// manifestName holds the hashes, beside package.json.
const manifestName = "manifest.json"

// manifest maps slash-separated file names to sha256 sums.
type manifest struct {
	Inputs  map[string]string `json:"inputs"`
	Outputs map[string]string `json:"outputs"`
}

// WriteManifest records the hashes of the sources, the lockfile and the bundle in dir.
func WriteManifest(dir string) error {
	m, err := scan(dir)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, manifestName), append(data, '\n'), 0o644)
}

// CheckManifest compares the files in dir with the manifest.
func CheckManifest(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	var want manifest
	if err := json.Unmarshal(data, &want); err != nil {
		return fmt.Errorf("bundle: %s: %w", manifestName, err)
	}
	have, err := scan(dir)
	if err != nil {
		return err
	}
	changed := append(differences(want.Inputs, have.Inputs), differences(want.Outputs, have.Outputs)...)
	if len(changed) > 0 {
		return fmt.Errorf("bundle: %s differ from %s; run npm ci and go generate in web/ui",
			strings.Join(changed, ", "), manifestName)
	}
	return nil
}

func differences(want, have map[string]string) (names []string) {
	for name, sum := range want {
		if have[name] != sum {
			names = append(names, name)
		}
	}
	for name := range have {
		if want[name] == "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

func scan(dir string) (manifest, error) {
	m := manifest{Inputs: map[string]string{}, Outputs: map[string]string{}}
	for _, name := range []string{"package.json", "package-lock.json", "tsconfig.json"} {
		if err := add(m.Inputs, dir, name); err != nil {
			return m, err
		}
	}
	if err := addTree(m.Inputs, dir, "src"); err != nil {
		return m, err
	}
	return m, addTree(m.Outputs, dir, "dist")
}

func addTree(into map[string]string, dir, name string) error {
	return filepath.WalkDir(filepath.Join(dir, name), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return add(into, dir, filepath.ToSlash(rel))
	})
}

func add(into map[string]string, dir, name string) error {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	sum := sha256.Sum256(data)
	into[name] = hex.EncodeToString(sum[:])
	return nil
}
