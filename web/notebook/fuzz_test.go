package notebook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/lathe-ml/lathe/web/notebook"
)

// FuzzParse checks that whatever parses is valid JSON for encoding/json too, is written with the
// nbformat 4.5 structure unless it carried unknown fields, and is stable after one write.
func FuzzParse(f *testing.F) {
	seed, err := os.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"cells":[],"metadata":{"a":"\ud83d\ude00\ud800"},"nbformat":4,"nbformat_minor":0}`))
	f.Add([]byte(`{"cells":[{"cell_type":"raw","source":["a\r","\nb"],"metadata":{}}],"metadata":{"n":-0.1e-9},"nbformat":4,"nbformat_minor":5}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		nb, err := notebook.Parse(in)
		if err != nil {
			return
		}
		if body := bytes.TrimPrefix(in, []byte("\ufeff")); !json.Valid(body) {
			t.Fatalf("accepted what encoding/json refuses: %q", in)
		}
		once, err := nb.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := notebook.Parse(once)
		if err != nil {
			t.Fatalf("own output is refused: %v\n%s", err, once)
		}
		twice, err := again.Bytes()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("the second write differs (%v)\n%s\n%s", err, once, twice)
		}
	})
}
