package ui_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/web/ui"
	"github.com/lathe-ml/lathe/web/ui/build/bundle"
)

func TestTheBundleBelongsToTheSources(t *testing.T) {
	if err := bundle.CheckManifest("."); err != nil {
		t.Error(err)
	}
}

func TestTheBundleIsComplete(t *testing.T) {
	for _, name := range []string{"app.js", "app.css", "sandbox.html", "icon.svg"} {
		data, err := ui.Dist.ReadFile("dist/" + name)
		if err != nil || len(data) == 0 || ui.Tag(name) == "" {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
	css, _ := ui.Dist.ReadFile("dist/app.css")
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllSubmatch(css, -1) {
		name := strings.Trim(string(m[1]), `"'./`)
		if strings.HasPrefix(name, "data:") {
			continue
		}
		if _, err := ui.Dist.ReadFile("dist/" + name); err != nil {
			t.Errorf("app.css wants %s: %v", m[1], err)
		}
	}
}

func TestTheLockfileNamesNoHostAndPinsEverything(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	// Funding links of packages are not where packages come from.
	if m := regexp.MustCompile(`"resolved".*|.*registry\..*|.*"git[+:].*`).Find(lock); m != nil {
		t.Errorf("package-lock.json: %s", m)
	}
	var manifest struct{ Dependencies, DevDependencies map[string]string }
	data, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	exact := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	for name, version := range manifest.Dependencies {
		if !exact.MatchString(version) {
			t.Errorf("%s %s is not pinned", name, version)
		}
	}
	for name, version := range manifest.DevDependencies {
		if !exact.MatchString(version) {
			t.Errorf("%s %s is not pinned", name, version)
		}
	}
}

func TestThirdPartyLicensesNamesEveryPackageOfTheBundle(t *testing.T) {
	text, err := os.ReadFile("THIRD_PARTY_LICENSES")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			Version string
			Dev     bool
		}
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		t.Fatal(err)
	}
	for path, p := range lock.Packages {
		if path == "" || p.Dev {
			continue
		}
		name := path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
		if !strings.Contains(string(text), "\n"+name+" "+p.Version+"\n") {
			t.Errorf("%s %s is missing", name, p.Version)
		}
	}
}
