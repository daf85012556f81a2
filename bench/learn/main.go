// Command learn times estimators of package learn beside scikit-learn on the same data.
//
//	go build -o /tmp/bench-learn ./bench/learn
//	/tmp/bench-learn -python VENV/bin/python              # all rows, three repeats each
//	/tmp/bench-learn -python VENV/bin/python -row pca -repeats 5
//	/tmp/bench-learn -python VENV/bin/python -out bench/results-learn.md
//
// Each repeat is a process of ours and one of Python's in turn, with two threads each; the process times fit
// and predict and reports its peak memory. The smallest times count. Data are made once, in a temporary
// folder, as float64 .npy files. It asserts nothing.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed peer_sklearn.py
var peer []byte

// result is what a process says of one row.
type result struct {
	Fit     float64 `json:"fit"`     // seconds
	Predict float64 `json:"predict"` // seconds
	Peak    float64 `json:"peak"`    // MiB
	Score   float64 `json:"score"`   // of the row's kind, to see that both did the work
}

func main() {
	log.SetFlags(0)
	python := flag.String("python", "python3", "Python with scikit-learn")
	only := flag.String("row", "", "rows to run, separated by commas")
	repeats := flag.Int("repeats", 3, "processes of each side")
	out := flag.String("out", "", "file for the table")
	child := flag.String("child", "", "run one row here: DIR/ROW")
	flag.Parse()
	if *child != "" {
		dir, row := filepath.Split(*child)
		if err := json.NewEncoder(os.Stdout).Encode(measure(dir, row)); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(*python, *only, *repeats, *out); err != nil {
		log.Fatal(err)
	}
}

func run(python, only string, repeats int, out string) error {
	dir, err := os.MkdirTemp("", "bench-learn-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "peer.py"), peer, 0o600); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintln(&b, "| row | fit, s | theirs | ratio | predict, s | theirs | ratio | peak, MiB | theirs | score | theirs |")
	fmt.Fprintln(&b, "|---|---|---|---|---|---|---|---|---|---|---|")
	logs, n := 0.0, 0
	for _, r := range rows {
		if only != "" && !strings.Contains(","+only+",", ","+r.name+",") {
			continue
		}
		ours, theirs, err := pair(python, dir, r, repeats)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		ratio := (theirs.Fit + theirs.Predict) / (ours.Fit + ours.Predict)
		logs += math.Log(ratio)
		n++
		line := fmt.Sprintf("| %s | %.3f | %.3f | %.2f | %.3f | %.3f | %.2f | %.0f | %.0f | %.4g | %.4g |", r.title,
			ours.Fit, theirs.Fit, theirs.Fit/ours.Fit, ours.Predict, theirs.Predict, theirs.Predict/ours.Predict,
			ours.Peak, theirs.Peak, ours.Score, theirs.Score)
		log.Print(line)
		fmt.Fprintln(&b, line)
	}
	fmt.Fprintf(&b, "\nGeometric mean of the ratios of fit and predict together: %.2f.\n", math.Exp(logs/float64(max(n, 1))))
	log.Printf("geometric mean %.2f", math.Exp(logs/float64(max(n, 1))))
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(heading+b.String()), 0o644)
}

const heading = `# learn beside scikit-learn

Two threads, the same data, processes in turn; the smallest times. Ratios above 1: ours is faster.
` + "Made by `go run ./bench/learn -python VENV/bin/python -out bench/results-learn.md`." + `

`

func pair(python, dir string, r row, repeats int) (ours, theirs result, err error) {
	if err := r.data(dir); err != nil {
		return ours, theirs, err
	}
	self, err := os.Executable()
	if err != nil {
		return ours, theirs, err
	}
	for i := range repeats {
		a, err := process(self, "-child", filepath.Join(dir, r.name))
		if err != nil {
			return ours, theirs, err
		}
		b, err := process(python, filepath.Join(dir, "peer.py"), dir, r.name)
		if err != nil {
			return ours, theirs, err
		}
		ours, theirs = least(ours, a, i), least(theirs, b, i)
	}
	return ours, theirs, nil
}

func least(a, b result, i int) result {
	if i == 0 {
		return b
	}
	return result{min(a.Fit, b.Fit), min(a.Predict, b.Predict), min(a.Peak, b.Peak), b.Score}
}

func process(name string, args ...string) (r result, err error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2", "OMP_NUM_THREADS=2", "OPENBLAS_NUM_THREADS=2")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w: %s", name, err, stderr.String())
	}
	err = json.Unmarshal(b, &r)
	return r, err
}
