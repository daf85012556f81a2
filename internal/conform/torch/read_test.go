package torch

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/internal/conform/report"
)

func folder(name, json string, data ...byte) fstest.MapFS {
	return fstest.MapFS{
		name + ".json": {Data: []byte(json)},
		name + ".bin":  {Data: data},
	}
}

func TestCasesAreReadWithAndWithoutBrackets(t *testing.T) {
	for _, text := range []string{
		"[\n{\"id\":\"a\"},\n{\"id\":\"b\"}\n]", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n",
		"[{\"id\":\"a\"},{\"id\":\"b\"}]",
	} {
		cases, err := readCases(folder("ops", text), "ops")
		if err != nil || len(cases) != 2 || cases[1].str("id") != "b" {
			t.Errorf("%q: %d cases, %v", text, len(cases), err)
		}
	}
	if _, err := readCases(fstest.MapFS{}, "ops"); !errors.Is(err, errNone) {
		t.Errorf("a missing suite gives %v", err)
	}
}

func TestValuesKeepTheirKinds(t *testing.T) {
	text := `{"v":[1,1.0,true,null,"s",{"$float":"-inf"},{"$dtype":"i8"},{"$slice":[0,1]},{"$t":["i16",[2],2,4]}]}`
	cases, err := readCases(folder("x", text, 9, 9, 1, 0, 0xff, 0xff, 0), "x")
	if err != nil {
		t.Fatal(err)
	}
	got, err := cases[0].value("v")
	if err != nil {
		t.Fatal(err)
	}
	v := got.([]any)
	want := []any{1, 1.0, true, nil, "s", math.Inf(-1), eager.I8, foreign("$slice")}
	for i, w := range want {
		if v[i] != w {
			t.Errorf("value %d is %T %v, want %T %v", i, v[i], v[i], w, w)
		}
	}
	if x := v[8].(*eager.Tensor); x.DType() != eager.I16 || x.At(0) != 1 || x.At(1) != -1 {
		t.Errorf("tensor is %v", x)
	}
}

func TestBrokenRecordsAreErrorsNotPanics(t *testing.T) {
	for _, text := range []string{
		`{"v":{"$t":["f64",[2],0,8]}}`, `{"v":{"$t":["f64",[1],8,8]}}`, `{"v":{"$t":["f64",[1],-8,8]}}`,
		`{"v":{"$t":["f64",[-1],0,-8]}}`, `{"v":{"$t":["f9",[1],0,8]}}`, `{"v":{"$t":[]}}`,
		`{"v":{"$dtype":3}}`,
		`{"v":{"$t":["f64",[4611686018427387904,4],0,0]}}`,
	} {
		cases, err := readCases(folder("x", text, 0, 0, 0, 0, 0, 0, 0, 0), "x")
		if err == nil {
			_, err = cases[0].value("v")
		}
		if err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	if _, err := readCases(folder("x", "[{"), "x"); err == nil {
		t.Error("a cut file is accepted")
	}
}

func TestArgumentsThatNobodyReadsAreUnsupported(t *testing.T) {
	text := `{"id":"abs#1","op":"abs","input":{"$t":["f64",[1],0,8]},"args":[],"kwargs":{"sharply":true},` +
		`"output":{"$t":["f64",[1],0,8]}}`
	var out bytes.Buffer
	r := report.New("torch", &out)
	if err := Run(folder("ops", text, 0, 0, 0, 0, 0, 0, 0, 0), r); err != nil {
		t.Fatal(err)
	}
	r.Summary()
	if want := "torch: not supported yet: 1 cases (abs 1)\ntorch: 0 passed, 0 " +
		"failed\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestWrongGradientsFail(t *testing.T) {
	one := "\x00\x00\x00\x00\x00\x00\xf0\x3f" // 1.0
	base := `{"id":"square#1","op":"square","input":{"$t":["f64",[1],0,8]},"args":[],"kwargs":{},` +
		`"requires_grad":["/input"],"output":{"$t":["f64",[1],0,8]},"cotangents":{"":{"$t":["f64",[1],0,8]}},` +
		`"grads":{"/input":{"$t":["f64",[1],8,8]}},"second":{"cotangents":[{"$t":["f64",[1],0,8]}],"of":["/input"],` +
		`"grads":{"/input":{"$t":["f64",[1],16,8]}}}}`
	two := "\x00\x00\x00\x00\x00\x00\x00\x40"
	for _, c := range []struct{ data, want string }{
		{one + two + two, ""},
		{one + one + two, "gradient of /input element 0 of f64[1] is 2, want 1"},
		{one + two + one, "second gradient of /input element 0 of f64[1] is 2, want 1"},
	} {
		var out bytes.Buffer
		r := report.New("torch", &out)
		if err := Run(folder("ops", base, []byte(c.data)...), r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), c.want) || (r.Failed() == 0) != (c.want == "") {
			t.Errorf("got %q, want %q", out.String(), c.want)
		}
	}
}

func TestFormulasOfTheEpoch(t *testing.T) {
	for text, want := range map[string]float64{
		"1/(1+e)": 0.25, "0.5**e": 0.125, "0.5^(e//2)": 0.5, "2*e-1": 5, "lambda e: 0.1*e": 0.3,
	} {
		if got := formula(text)(3); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s at 3 is %v, want %v", text, got, want)
		}
	}
	defer func() {
		if _, ok := recover().(unsupported); !ok {
			t.Error("an unknown formula is not reported as unsupported")
		}
	}()
	formula("max(e, 2)")
}

func TestLiteralsAndArgumentsOfPrintedModules(t *testing.T) {
	got := arguments("1, 2, kernel_size=(3, 3), padding=same, eps=1e-05, bias=False")
	want := []string{"1", "2", "kernel_size=(3, 3)", "padding=same", "eps=1e-05", "bias=False"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("arguments %q, want %q", got, want)
	}
	if v := literal("(3, 4.5)").([]any); v[0] != 3 || v[1] != 4.5 {
		t.Errorf("tuple is %v", v)
	}
	for text, want := range map[string]any{
		"True": true, "None": nil, "7": 7, "1e-05": 1e-5,
		"'tanh'": "tanh",
	} {
		if got := literal(text); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}
