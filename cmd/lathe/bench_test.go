package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBenchMeasuresTheOperatorsThatAreAskedFor(t *testing.T) {
	page, option := filepath.Join(t.TempDir(), "page.html"), filepath.Join(t.TempDir(), "option.json")
	code, out, errs := lathe(t, "bench", "ops", "--run", "^(Add|MatMul)$", "--time", "1ms", "--threads", "1", "--json",
		"--html", page, "--echarts", option)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var r benchReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 2 || r.Rows[0].Name != "Add" || r.Rows[1].Name != "MatMul" || r.Rows[1].Flops == 0 ||
		r.Peaks.Threads != 1 {
		t.Errorf("report %+v", r)
	}
	for file, want := range map[string]string{page: "<td>MatMul<td>", option: `"type":"scatter"`} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has no %s (%v)", file, want, err)
		}
	}
}

func TestBenchRefusesWhatItCannotMeasure(t *testing.T) {
	for want, args := range map[string][]string{
		"wants what to measure: ops":      {"bench"},
		"no operator has such a name":     {"bench", "ops", "--run", "^Nothing$"},
		"--run: error parsing regexp":     {"bench", "ops", "--run", "("},
		"--threads 0: want 1":             {"bench", "ops", "--threads", "0"},
		"--time 0s: want a time up to 1m": {"bench", "ops", "--time", "0s"},
	} {
		if code, _, errs := lathe(t, args...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %q, want %q", args, code, errs, want)
		}
	}
	if code, out, _ := lathe(t, "bench", "--help"); code != 0 || !strings.Contains(out, "lathe bench ops -run") {
		t.Errorf("help: exit %d, %q", code, out)
	}
}
