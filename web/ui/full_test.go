//go:build full

package ui_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/lathe-ml/lathe/web/ui/build/bundle"
)

// TestARebuildGivesTheCommittedBytes needs npm ci to have been run in web/ui.
func TestARebuildGivesTheCommittedBytes(t *testing.T) {
	out := filepath.Join(t.TempDir(), "dist")
	if err := bundle.Build(".", out); err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadDir("dist")
	if err != nil || len(committed) != len(built) {
		t.Fatalf("%d files built, %d committed, %v", len(built), len(committed), err)
	}
	for _, f := range built {
		a, _ := os.ReadFile(filepath.Join(out, f.Name()))
		b, err := os.ReadFile(filepath.Join("dist", f.Name()))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs from the committed one (%v)", f.Name(), err)
		}
	}
	licenses, err := bundle.Licenses(".")
	if err != nil {
		t.Fatal(err)
	}
	if have, _ := os.ReadFile("THIRD_PARTY_LICENSES"); !bytes.Equal(have, licenses) {
		t.Error("THIRD_PARTY_LICENSES is not what the packages say; run go generate in web/ui")
	}
}

func TestTypeScriptIsCorrect(t *testing.T) {
	cmd := exec.Command(filepath.Join("node_modules", ".bin", "tsc"), "--noEmit")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
}
