package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/spark/gang"
	"github.com/lathe-ml/lathe/web/notebook"
)

// asLathe makes the test binary behave as the program, so that kernels can be started from it.
const asLathe = "LATHE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	gang.MainOf(interpretTask)
	if os.Getenv(asLathe) == "1" {
		os.Exit(realMain(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Setenv(asLathe, "1")
	os.Exit(m.Run())
}

// lathe runs one command line in this process.
func lathe(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = realMain(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongCommandLinesGetOneLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	broken := write(t, "broken.ipynb", "{\n \"cells\": [,]\n}")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"frobnicate"}, 2, `"frobnicate" is neither a command`},
		{[]string{"run"}, 2, "wants one notebook, got 0"},
		{[]string{"run", "a.ipynb", "b.ipynb"}, 2, "got 2"},
		{[]string{"run", "missing.ipynb"}, 1, "missing.ipynb"},
		{[]string{"run", broken}, 1, "line 2"},
		{[]string{"run", "x.ipynb", "--memory", "lots"}, 2, "want a size such as 4G"},
		{[]string{"serve", "--frob"}, 2, "-frob"},
		{[]string{"serve", "missing-folder"}, 1, "missing-folder does not exist"},
		{[]string{"serve", "--no-open", "--addr", "nonsense"}, 2, "want host:port"},
		{[]string{"serve", "--no-open", "--addr", "localhost:99999"}, 2, "not a number from 0 to 65535"},
		{[]string{"serve", "--no-open", "--addr", busy.Addr().String()}, 1, "is in use"},
		{[]string{"kernel"}, 2, "give --socket or --connection"},
	} {
		code, _, stderr := lathe(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("lathe %s: status %d, %q; want status %d and one line with %q",
				strings.Join(c.args, " "), code, stderr, c.code, c.want)
		}
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, c := range commands() {
		code, out, _ := lathe(t, c.name, "--help")
		if code != 0 || !strings.Contains(out, c.example) || !strings.Contains(out, c.short) {
			t.Errorf("lathe %s --help: status %d, output %q", c.name, code, out)
		}
	}
	if code, out, _ := lathe(t, "help"); code != 0 || !strings.Contains(out, "doctor") {
		t.Errorf("lathe help: status %d, output %q", code, out)
	}
}

func TestDoctorNamesWhatItFound(t *testing.T) {
	code, out, _ := lathe(t, "doctor")
	for _, want := range []string{"processor", "memory", "browser", "folder", "gpu"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("lathe doctor: status %d, no line about %s in\n%s", code, want, out)
		}
	}
}

func TestDoctorTranslatesNamesOfPyTorch(t *testing.T) {
	code, out, _ := lathe(t, "doctor", "--torch", "torch.nn.Linear")
	if code != 0 || !strings.HasPrefix(out, "torch.nn.Linear → nn.NewLinear(…)\n    NewLinear returns a Linear layer.") {
		t.Errorf("status %d\n%s", code, out)
	}
	if code, out, _ = lathe(t, "doctor", "--torch", "scater_add"); code != 0 || !strings.Contains(out, "x.ScatterAdd") {
		t.Errorf("a name with a letter missing: status %d\n%s", code, out)
	}
	if code, _, msg := lathe(t, "doctor", "--torch", "quux_of_nothing"); code != 1 || !strings.Contains(msg, "no name of PyTorch") {
		t.Errorf("a name of nothing: status %d, %s", code, msg)
	}
}

// execute runs a notebook of the repository and returns the result.
func runExample(t *testing.T, name string) *notebook.Notebook {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.ipynb")
	code, stdout, stderr := lathe(t, "run", "../../examples/"+name, "-o", out)
	if code != 0 {
		t.Fatalf("lathe run %s: status %d\n%s%s", name, code, stdout, stderr)
	}
	nb, err := notebook.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// text returns all that the code cells of nb printed or showed as plain text.
func text(nb *notebook.Notebook) string {
	var b strings.Builder
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			data, _ := json.Marshal(o)
			b.Write(data)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestExamplesRun(t *testing.T) {
	for name, want := range map[string][]string{
		"01-tensors.ipynb":  {"[[12. 24. 36.]", "echarts", "MatMul: inner axes differ, 3 and 4", "3.618"},
		"02-autograd.ipynb": {"[ 3. 12. 27.]", "echarts", "step 300", "gradient at h: [20.] f64[1]", "[5.] f64[1]"},
		"04-clothes.ipynb":  {"u8[4000 28 28]", "echarts", "image/png", "after 1 epochs: held-out accuracy"},
		"05-speech.ipynb":   {"360 recordings", "echarts", "digits of 8 unknown voices"},
		"06-penguins.ipynb": {"bill_length_mm     float 2 missing", "echarts", "held-out accuracy 9"},
		"08-models.ipynb":   {"after 100 steps: held-out accuracy 9", "same results: true", "maxout: loss", "the same from its file: true"},
		"10-zoo.ipynb": {
			"face 1.000 at 5", "code 1.000 at 5", "austen_64kb-0880.wav: speech from 0.26 s", "digits from files: 4", "image/png",
		},
		"11-siamese.ipynb":    {"of 197 pairs of one digit ", "echarts"},
		"12-regression.ipynb": {"342 penguins", "line by gradient descent: off by 39", "line by least squares: off by 393 g", "network: off by 3", "echarts"},
		"13-learn.ipynb":      {"569 samples of 30 features", "Pipeline(steps=", "histogram boosting: 0.9", "diagnosis.onnx", "echarts"},
		"07-gpt.ipynb":        {"million parameters", "after 3 steps: held-out loss 5.", "func strings.Reverse"},
	} {
		t.Run(name, func(t *testing.T) {
			got := text(runExample(t, name))
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("outputs lack %q:\n%.4000s", w, got)
				}
			}
		})
	}
}

const failing = `{"cells":[
 {"cell_type":"code","id":"a","metadata":{},"execution_count":null,"outputs":[],"source":"x := 1\nfmt.Println(\"before\", x)"},
 {"cell_type":"code","id":"b","metadata":{},"execution_count":null,"outputs":[],"source":"y := 2\nfmt.Println(z)"},
 {"cell_type":"code","id":"c","metadata":{},"execution_count":null,"outputs":[],"source":"fmt.Println(\"after\")"}
],"metadata":{},"nbformat":4,"nbformat_minor":5}`

func TestRunStopsAtTheFirstErrorAndKeepsOutputs(t *testing.T) {
	path := write(t, "failing.ipynb", failing)
	code, stdout, stderr := lathe(t, "run", path, "-o", path)
	if code != 1 || !strings.Contains(stderr, "cell 2") || !strings.Contains(stderr, "z") {
		t.Errorf("status %d, %q; want 1 and the error of cell 2", code, stderr)
	}
	if !strings.Contains(stdout, "before 1") || strings.Contains(stdout, "after") {
		t.Errorf("printed %q", stdout)
	}
	nb, err := notebook.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(nb); !strings.Contains(got, "before 1") || !strings.Contains(got, "error") {
		t.Errorf("the written notebook lacks output or error: %s", got)
	}
	code, stdout, _ = lathe(t, "run", path, "--allow-errors")
	if code != 0 || !strings.Contains(stdout, "after") {
		t.Errorf("--allow-errors: status %d, printed %q", code, stdout)
	}
}
