package document_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lathe-ml/lathe/web/document"
	"github.com/lathe-ml/lathe/web/notebook"
)

func Example() {
	doc := document.New(notebook.New())
	cell := &notebook.Cell{ID: "a", Type: notebook.Code, Source: "1+1"}
	err := doc.Apply(&document.Op{Kind: document.Insert, New: cell})
	edit := `{"op":"edit","cell":"a","updates":[{"changes":[2,[1,"2"]]}]}`
	op := new(document.Op)
	json.Unmarshal([]byte(edit), op)
	fmt.Println(err, doc.Apply(op), doc.Notebook.Cells[0].Source, doc.Seq)
	// Output: <nil> <nil> 1+2 2
}

func apply(t *testing.T, d *document.Document, ops ...string) {
	t.Helper()
	for _, text := range ops {
		var op document.Op
		if err := json.Unmarshal([]byte(text), &op); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := d.Apply(&op); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func snapshot(t *testing.T, d *document.Document) string {
	t.Helper()
	data, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func abc(t *testing.T) *document.Document {
	d := document.New(notebook.New())
	apply(t, d,
		`{"op":"insert","index":0,"new":{"id":"a","cell_type":"code","source":"1"}}`,
		`{"op":"insert","index":1,"new":{"id":"b","cell_type":"markdown","source":"2"}}`,
		`{"op":"insert","index":99,"new":{"id":"c","cell_type":"code","source":"3"}}`)
	return d
}

func order(d *document.Document) (s string) {
	for _, c := range d.Notebook.Cells {
		s += c.ID
	}
	return s
}

func TestCellsMoveAndComeBackWhereTheyWere(t *testing.T) {
	d := abc(t)
	apply(t, d, `{"op":"move","cell":"a","index":2}`)
	if order(d) != "bca" {
		t.Fatalf("after move: %s", order(d))
	}
	apply(t, d,
		`{"op":"output","cell":"c","change":{"kind":"add","output":{"output_type":"stream","name":"stdout","text":"x"}}}`,
		`{"op":"delete","cell":"c"}`, `{"op":"delete","cell":"b"}`, `{"op":"restore"}`, `{"op":"restore"}`)
	if order(d) != "bca" || string(d.Notebook.Cell("c").Outputs[0].Text) != "x" {
		t.Errorf("after restore: %s, outputs %v", order(d), d.Notebook.Cell("c").Outputs)
	}
}

func TestAStaleEditIsRefusedAndChangesNothing(t *testing.T) {
	d := abc(t)
	apply(t, d, `{"op":"edit","cell":"a","version":0,"updates":[{"changes":[1,[0,"+1"]]}]}`)
	before := snapshot(t, d)
	err := d.Apply(&document.Op{
		Kind: document.Edit, Cell: "a", Version: 0,
		Updates: []document.Update{{Changes: document.Replace("1+1", "no")}},
	})
	var stale *document.StaleError
	if !errors.As(err, &stale) || stale.Have != 1 {
		t.Errorf("error %v", err)
	}
	if snapshot(t, d) != before {
		t.Error("the document changed")
	}
}

func TestEditsCountInUTF16(t *testing.T) {
	d := document.New(notebook.New())
	apply(t, d,
		`{"op":"insert","new":{"id":"a","cell_type":"code","source":"ä😀b"}}`,
		`{"op":"edit","cell":"a","updates":[{"changes":[3,[1,"x","y"]]},{"changes":[1,[2],3]}]}`)
	if got := d.Notebook.Cells[0].Source; got != "äx\ny" {
		t.Errorf("source %q", got)
	}
	var op document.Op
	json.Unmarshal([]byte(`{"op":"insert","index":1,"new":{"id":"b","cell_type":"code","source":"😀"}}`), &op)
	if err := d.Apply(&op); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`[1,[1]]`, `[1]`, `[3]`, `[]`} {
		op := document.Op{Kind: document.Edit, Cell: "b", Updates: make([]document.Update, 1)}
		if err := json.Unmarshal([]byte(bad), &op.Updates[0].Changes); err != nil {
			t.Fatal(err)
		}
		if err := d.Apply(&op); err == nil {
			t.Errorf("%s was applied to one emoji: %q", bad, d.Notebook.Cells[1].Source)
		}
	}
}

func TestACellRuns(t *testing.T) {
	d := abc(t)
	apply(t, d,
		`{"op":"output","cell":"a","change":{"kind":"add","output":{"output_type":"stream","name":"stdout","text":"old"}}}`,
		`{"op":"queue","cell":"a"}`, `{"op":"start","cell":"a","time":1000}`,
		`{"op":"count","cell":"a","count":4}`,
		`{"op":"output","cell":"a","change":{"kind":"add","output":{"output_type":"stream","name":"stdout","text":"new"}}}`,
		`{"op":"done","cell":"a","status":"ok","elapsed":20}`)
	c, s := d.Notebook.Cell("a"), d.State("a")
	if c.Count != 4 || string(c.Outputs[0].Text) != "new" || s.Status != document.OK || s.Elapsed != 20 {
		t.Errorf("cell %+v, state %+v", c, s)
	}
}

func TestWhatCannotBeDoneIsRefused(t *testing.T) {
	for _, text := range []string{
		`{"op":"fly"}`, `{"op":"insert"}`, `{"op":"insert","new":{"id":"a","cell_type":"code"}}`,
		`{"op":"insert","new":{"id":"z","cell_type":"sql"}}`, `{"op":"delete","cell":"z"}`,
		`{"op":"insert","new":{"id":"not valid","cell_type":"code"}}`, `{"op":"restore"}`,
		`{"op":"type","cell":"a","type":"x"}`, `{"op":"queue","cell":"b"}`, `{"op":"clear","cell":"b"}`,
		`{"op":"done","cell":"a","status":"running"}`, `{"op":"kernel","status":"x"}`,
		`{"op":"output","cell":"b","change":{"kind":"clear"}}`, `{"op":"output","cell":"a"}`,
		`{"op":"output","cell":"a","change":{"kind":"add"}}`,
		`{"op":"output","cell":"a","change":{"kind":"append","display":"none"}}`,
		`{"op":"delete","cell":"c"}`, `{"op":"type","cell":"c","type":"raw"}`,
	} {
		d := abc(t)
		apply(t, d, `{"op":"queue","cell":"c"}`)
		before := snapshot(t, d)
		var op document.Op
		if err := json.Unmarshal([]byte(text), &op); err != nil {
			t.Fatal(err)
		}
		if err := d.Apply(&op); err == nil {
			t.Errorf("%s was applied", text)
		}
		if snapshot(t, d) != before {
			t.Errorf("%s changed the document", text)
		}
	}
}

// randomOp makes operations that are sometimes applicable and sometimes not.
func randomOp(r *rand.Rand, d *document.Document) *document.Op {
	kinds := []string{
		"insert", "insert", "delete", "restore", "move", "edit", "edit", "type", "cellmeta", "meta",
		"clear", "queue", "start", "count", "done", "output", "output", "output", "kernel",
	}
	ids := []string{"a", "b", "c", "d", "e", "f", "g"}
	id := ids[r.IntN(len(ids))]
	op := &document.Op{
		Kind: kinds[r.IntN(len(kinds))], Cell: id, Index: r.IntN(9) - 1,
		Type:   []string{"code", "markdown", "raw"}[r.IntN(3)],
		Status: []string{"ok", "error", "idle", "busy", "lost"}[r.IntN(5)],
		Count:  r.IntN(20), Time: r.Int64N(1000), Elapsed: r.Int64N(100),
		Metadata: notebook.Object{"k": fmt.Sprint(r.IntN(5))},
		Client:   ids[r.IntN(3)], N: r.Int64N(50),
	}
	if op.Kind == "insert" {
		op.New = &notebook.Cell{ID: id, Type: op.Type, Source: "x😀\n" + id}
	}
	if c := d.Notebook.Cell(id); c != nil && op.Kind == "edit" {
		op.Version = d.State(id).Version - r.IntN(2)
		op.Updates = []document.Update{{Changes: document.Replace(c.Source, c.Source+"ü")}}
	}
	if op.Kind == "output" {
		op.Change = randomChange(r)
	}
	return op
}

func randomChange(r *rand.Rand) *notebook.Change {
	display := fmt.Sprint("d", r.IntN(3))
	c := &notebook.Change{
		Kind:      []string{"add", "add", "add", "update", "append", "clear", "clearin"}[r.IntN(7)],
		DisplayID: display,
		Frame: notebook.Object{"append": []any{notebook.Object{
			"series": json.Number("0"), "data": []any{json.Number("1")},
		}}},
		Output: &notebook.Output{Type: notebook.Stream, Name: "stdout", Text: []byte("line\n")},
	}
	if r.IntN(2) == 0 {
		c.Output = &notebook.Output{Type: notebook.DisplayData, DisplayID: display, Data: notebook.Object{
			notebook.ChartMIME: notebook.Object{"option": notebook.Object{
				"series": []any{notebook.Object{"data": []any{}}},
			}},
		}}
	}
	return c
}

// TestAnyLogReplaysToTheSameDocument sends applied operations through JSON, as the log on disk
// does, and starts some replays from a snapshot in the middle.
func TestAnyLogReplaysToTheSameDocument(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		d := document.New(notebook.New())
		replayed := document.New(notebook.New())
		for range 200 {
			op := randomOp(r, d)
			before := snapshot(t, d)
			if err := d.Apply(op); err != nil {
				if after := snapshot(t, d); after != before {
					t.Fatalf("seed %d: refused %+v changed the document", seed, op)
				}
				continue
			}
			data, err := json.Marshal(op)
			if err != nil {
				t.Fatal(err)
			}
			var logged document.Op
			if err := json.Unmarshal(data, &logged); err != nil {
				t.Fatal(err)
			}
			if err := replayed.Apply(&logged); err != nil {
				t.Fatalf("seed %d: %s is refused in the replay: %v", seed, data, err)
			}
			if r.IntN(40) == 0 {
				data, _ := replayed.Snapshot()
				if replayed, err = document.Restore(data); err != nil {
					t.Fatal(err)
				}
			}
		}
		if a, b := snapshot(t, d), snapshot(t, replayed); a != b {
			t.Fatalf("seed %d:\n%s\n%s", seed, a, b)
		}
		if data, err := d.Notebook.Bytes(); err != nil {
			t.Fatal(err)
		} else if _, err := notebook.Parse(data); err != nil {
			t.Fatalf("seed %d: the notebook does not read back: %v", seed, err)
		}
	}
}

func FuzzOp(f *testing.F) {
	f.Add([]byte(`{"op":"edit","cell":"a","updates":[{"changes":[0,[1,"x"]]}]}`))
	f.Add([]byte(`{"op":"output","cell":"a","change":{"kind":"add","output":{"output_type":"error"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var op document.Op
		if json.Unmarshal(data, &op) != nil {
			return
		}
		d := abc(t)
		before := snapshot(t, d)
		if err := d.Apply(&op); err != nil && snapshot(t, d) != before {
			t.Fatalf("refused (%v) but changed", err)
		}
		s, err := d.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		back, err := document.Restore(s)
		if err != nil {
			t.Fatal(err)
		}
		if snapshot(t, back) != string(s) {
			t.Fatal("the snapshot does not restore")
		}
	})
}
