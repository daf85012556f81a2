package table

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// want is row i of the recorded table, as record.py makes it.
func want(i int) map[string]any {
	w := map[string]any{"small": int64(i % 5), "single": float64(i) / 8}
	if i%7 != 3 {
		w["whole"] = int64(i*i - 100)
	}
	if i%11 != 5 {
		w["number"] = float64(i)/4 - 3
	}
	if i%13 != 0 {
		w["yes"] = i%3 == 0
	}
	if i%9 != 1 {
		w["word"] = fmt.Sprintf("Wört %d", i%4)
	}
	if i%10 != 0 {
		price := fmt.Sprintf("%d.%d5", i-20, i%10)
		var v float64
		fmt.Sscan(price, &v)
		w["price"] = v
	}
	return w
}

// value is row i of a column; nil when it is missing.
func value(c *Column, i int) any {
	if c.IsMissing(i) {
		return nil
	}
	switch c.Kind {
	case Int:
		return c.Ints[i]
	case Bool:
		return c.Bools[i]
	case Text:
		return c.Texts[i]
	}
	return c.Floats[i]
}

func read1(t *testing.T, path string) (*Table, error) {
	t.Helper()
	switch filepath.Ext(path) {
	case ".parquet":
		return ReadParquet(path)
	case ".jsonl":
		return ReadJSONL(path)
	}
	return ReadArrow(path)
}

func TestEveryFormatHoldsTheSameTable(t *testing.T) {
	for _, name := range []string{
		"snappy.parquet", "zstd-v2.parquet", "plain.parquet", "gzip-groups.parquet", "lz4.arrow", "dictionary.arrow",
		"stream.arrows", "rows.jsonl",
	} {
		tab, err := read1(t, "testdata/"+name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tab.Len() != 50 || len(tab.Columns) != 7 {
			t.Errorf("%s: %v", name, tab)
			continue
		}
		for i := range tab.Len() {
			w := want(i)
			for _, c := range tab.Columns {
				v := w[c.Name]
				if name == "rows.jsonl" && c.Name == "price" && v != nil { // text there
					v = fmt.Sprintf("%d.%d5", i-20, i%10)
				}
				if got := value(c, i); got != v {
					t.Fatalf("%s: row %d %s is %v, want %v", name, i, c.Name, got, v)
				}
			}
		}
	}
}

func TestColumnsCanBeChosen(t *testing.T) {
	for _, read := range []func() (*Table, error){
		func() (*Table, error) { return ReadParquet("testdata/snappy.parquet", "word", "whole") },
		func() (*Table, error) { return ReadArrow("testdata/lz4.arrow", "word", "whole") },
		func() (*Table, error) {
			all, err := ReadJSONL("testdata/rows.jsonl")
			if err != nil {
				return nil, err
			}
			return all.Select("word", "whole")
		},
	} {
		tab, err := read()
		if err != nil || len(tab.Columns) != 2 || !strings.HasSuffix(tab.String(), "50 rows: word text, whole int") {
			t.Errorf("%v, %v", tab, err)
		}
	}
	_, err := ReadParquet("testdata/snappy.parquet", "wrod")
	if err == nil || !strings.Contains(err.Error(), `no column "wrod"; columns: [whole`) {
		t.Errorf("error %v", err)
	}
}

func TestTableBecomesADataSet(t *testing.T) {
	tab, err := ReadParquet("testdata/snappy.parquet")
	if err != nil {
		t.Fatal(err)
	}
	ds, err := tab.Dataset("small", "number", "word", "yes")
	if err != nil {
		t.Fatal(err)
	}
	if s := ds.X.Array().String() + ds.Y.Array().String(); s != "f64[50 3]i64[50]" {
		t.Errorf("data set %s", s)
	}
	x := ds.X.Float64s()
	if row := fmt.Sprint(x[6:9], x[15:18], x[3:6]); row != "[-2.5 2 0] [NaN 1 0] [-2.75 NaN 0]" {
		t.Errorf("rows 2, 5 and 1: %s", row)
	}
	if got := strings.Join(ds.Categories["word"], "|"); got != "Wört 0|Wört 1|Wört 2|Wört 3" {
		t.Errorf("categories %s", got)
	}
	if _, err := tab.Dataset("word"); err == nil || !strings.Contains(err.Error(), "row 1 has no word") {
		t.Errorf("a missing label: %v", err)
	}
	if ds, err = tab.Dataset("single"); err != nil || len(ds.Features) != 6 || ds.Y.At(8) != 1 {
		t.Errorf("%v, %v", ds, err)
	}
}

func TestCSVColumnsHaveTheFirstKindThatFits(t *testing.T) {
	const text = "\ufeffid, share,ok,name,odd\n1,0.5,true,a,1\n,1e400,FALSE,NA,x\n3,?,,\"b, c\",2\n"
	tab, err := DecodeCSV(strings.NewReader(text), CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if s := tab.String(); s != ": 3 rows: id int, share float, ok bool, name text, odd text" {
		t.Errorf("table %s", s)
	}
	if fmt.Sprint(tab.Column("id").Ints, tab.Column("id").Missing) != "[1 0 3] [false true false]" ||
		!math.IsInf(tab.Column("share").Floats[1], 1) || !math.IsNaN(tab.Column("share").Floats[2]) ||
		tab.Column("name").Texts[2] != "b, c" || tab.Column("odd").Missing != nil {
		t.Errorf("id %v, share %v", *tab.Column("id"), *tab.Column("share"))
	}
	for want, f := range map[string]func() (*Table, error){
		`line 3 (odd): "x" is no int`: func() (*Table, error) {
			return DecodeCSV(strings.NewReader(text), CSVOptions{Kinds: map[string]Kind{"odd": Int}})
		},
		"the file is empty":       func() (*Table, error) { return DecodeCSV(strings.NewReader("")) },
		"line 2 has 1 fields, th": func() (*Table, error) { return DecodeCSV(strings.NewReader("a,b\n1\n")) },
		`line 2 (a): "\xff"`:      func() (*Table, error) { return DecodeCSV(strings.NewReader("a\n\xff\n")) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
}

func TestJSONLinesKeepNestedKeysAndLists(t *testing.T) {
	const text = `{"a":1,"b":{"c":true,"d":[1,2]}}` + "\n\n" + `{"a":2.5,"e":"x","b":{"c":null}}` + "\n"
	tab, err := DecodeJSONL(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if s := tab.String(); s != ": 2 rows: a float, b.c bool, b.d text, e text" {
		t.Errorf("table %s", s)
	}
	if tab.Column("b.d").Texts[0] != "[1,2]" || !tab.Column("e").IsMissing(0) || !tab.Column("b.c").IsMissing(1) {
		t.Errorf("columns %v %v", *tab.Column("b.d"), *tab.Column("e"))
	}
	for text, want := range map[string]string{
		"": "no objects", "[1]": "want an object", `{"a":`: "line 1: the line ends", `{"a":1} 2`: "text after the object",
		`{"a":1}` + "\n" + `{a}`: "line 2: invalid character",
	} {
		if _, err := DecodeJSONL(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func TestBrokenFilesAreRefused(t *testing.T) {
	for name, decode := range map[string]func([]byte, ...string) (*Table, error){
		"snappy.parquet": DecodeParquet, "zstd-v2.parquet": DecodeParquet, "lz4.arrow": DecodeArrow, "stream.arrows": DecodeArrow,
	} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(b)-16; n += 1 + len(b)/40 {
			if _, err := decode(b[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes are accepted", name, n, len(b))
			}
		}
	}
	if _, err := ReadParquet("testdata/list.parquet"); err == nil || !strings.Contains(err.Error(), "it holds lists") {
		t.Errorf("a column of lists: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"snappy.parquet", "plain.parquet", "dictionary.arrow", "stream.arrows", "rows.jsonl"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("a,b\n1,x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, decode := range []func() (*Table, error){
			func() (*Table, error) { return DecodeParquet(b) },
			func() (*Table, error) { return DecodeArrow(b) },
			func() (*Table, error) { return DecodeJSONL(strings.NewReader(string(b))) },
			func() (*Table, error) { return DecodeCSV(strings.NewReader(string(b))) },
		} {
			tab, err := decode()
			if (tab == nil) == (err == nil) {
				t.Errorf("table %v and error %v", tab, err)
			}
			if tab != nil {
				tab.Dataset("")
			}
		}
	})
}
