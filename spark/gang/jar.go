package gang

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/lathe-ml/lathe/internal/atomicfile"
)

//go:embed java/lathe/Gang.java
var java []byte

// Jar is the data source that starts workers, compiled for the Spark in home (its jars folder), which has to
// be of the cluster's minor version. It takes the javac of a JDK 17 or newer, and is kept in the user's cache.
func Jar(home string) ([]byte, error) {
	jars := filepath.Join(home, "jars")
	cores, err := filepath.Glob(filepath.Join(jars, "spark-core_*.jar"))
	if err != nil || home == "" || len(cores) != 1 {
		return nil, fmt.Errorf("gang.Jar: no Spark in %q; set SPARK_HOME to a Spark distribution, or to the pyspark "+
			"folder of pip install pyspark, or give Job.Jar the file that lathe spark jar has made", home)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("gang.Jar: %w", err)
	}
	sum := sha256.Sum256(append([]byte(filepath.Base(cores[0])), java...))
	kept := filepath.Join(cache, "lathe", fmt.Sprintf("gang-%x.jar", sum[:8]))
	if b, err := os.ReadFile(kept); err == nil {
		return b, nil
	}
	b, err := compile(jars)
	if err != nil {
		return nil, fmt.Errorf("gang.Jar: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return nil, fmt.Errorf("gang.Jar: %w", err)
	}
	if err := atomicfile.WriteBytes(kept, b); err != nil {
		return nil, fmt.Errorf("gang.Jar: %w", err)
	}
	return b, nil
}

func compile(jars string) ([]byte, error) {
	javac, err := exec.LookPath("javac")
	if home := os.Getenv("JAVA_HOME"); err != nil && home != "" {
		javac, err = exec.LookPath(filepath.Join(home, "bin", "javac"))
	}
	if err != nil {
		return nil, fmt.Errorf("there is no javac; install a JDK 17 or newer, or make the jar elsewhere (lathe spark jar)")
	}
	dir, err := os.MkdirTemp("", "lathe-gang-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "Gang.java")
	if err := os.WriteFile(file, java, 0o644); err != nil {
		return nil, err
	}
	out, err := exec.Command(javac, "-nowarn", "--release", "17", "-d", dir, "-cp", filepath.Join(jars, "*"), file).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("javac: %w\n%s", err, out)
	}
	classes, err := filepath.Glob(filepath.Join(dir, "lathe", "*.class"))
	if err != nil || len(classes) == 0 {
		return nil, fmt.Errorf("javac wrote no classes: %w\n%s", err, out)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, c := range classes {
		content, err := os.ReadFile(c)
		if err != nil {
			return nil, err
		}
		w, err := z.Create("lathe/" + filepath.Base(c))
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
