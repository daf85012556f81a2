package learn_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/learn"
)

func TestFilesOfSVMLight(t *testing.T) {
	const text = "# a comment\n1 1:0.5 4:-2 # the first\n\n-1 qid:3 2:1e3\n"
	x, y, err := learn.ReadSVMLight(strings.NewReader(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0.5, 0, 0, -2, 0, 1000, 0, 0}
	if !reflect.DeepEqual(x.Dense().Data, want) || !reflect.DeepEqual(y.Data, []float64{1, -1}) {
		t.Errorf("rows %v of %v", x.Dense().Data, y.Data)
	}
	var b bytes.Buffer
	learn.Must(learn.WriteSVMLight(&b, x, y))
	if got := b.String(); got != "1 1:0.5 4:-2\n-1 2:1000\n" {
		t.Errorf("written as %q", got)
	}
	if x, _, err = learn.ReadSVMLight(strings.NewReader("0 0:7\n"), 3); err != nil || x.Cols != 3 || x.Dense().Data[0] != 7 {
		t.Errorf("indices from 0: %v, %v", x, err)
	}
	for _, bad := range []string{"x 1:2", "1 a:2", "1 1:b", "1 -1:2"} {
		if _, _, err := learn.ReadSVMLight(strings.NewReader(bad), 0); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q gives %v, want an error with its line", bad, err)
		}
	}
}
