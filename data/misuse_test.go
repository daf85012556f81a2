package data_test

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	ds := data.NewTensorDataset(eager.Zeros(4, 3), nil)
	for want, f := range map[string]func(){
		"data.NewTensorDataset: x is nil":     func() { data.NewTensorDataset(nil, nil) },
		"data.NewLoader: the data set is nil": func() { data.NewLoader(nil) },
		"data.NewSubset: the data set is nil": func() { data.NewSubset(nil, []int{0}) },
		"data.Split: the data set is nil":     func() { data.Split(nil, []int{1}, 1) },
		"data.Concat: the data set is nil":    func() { data.Concat(ds, nil) },
		"data.Map: the data set is nil":       func() { data.Map(nil, nil) },
		"data.Map: the function is nil":       func() { data.Map(ds, nil) },
		"data.Batch: the data set is nil":     func() { data.Batch(nil, []int{0}) },
		"data.Collect: the data set is nil":   func() { data.Collect(nil) },
	} {
		err := engine.Catch(f)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s…", err, want)
		}
	}
}

func TestDataSetsShowThemselvesInOneLine(t *testing.T) {
	ds := data.NewTensorDataset(eager.Zeros(4, 3), eager.Zeros(4))
	sub := data.NewSubset(ds, []int{1, 2})
	for want, v := range map[string]interface{ String() string }{
		"4 samples: X f32[4 3], Y f32[4]":                                          ds,
		"2 samples of (4 samples: X f32[4 3], Y f32[4])":                           sub,
		"1 batches of up to 32 from 4 samples: X f32[4 3], Y f32[4]":               data.NewLoader(ds),
		"2 batches of up to 3 from 6 samples of 2 data sets":                       data.NewLoader(data.Concat(ds, sub), data.LoaderOptions{BatchSize: 3}),
		"5 batches of up to 32 from iris: 150 rows, 4 features, 3 classes, mapped": data.NewLoader(data.Map(data.Iris(), same)),
	} {
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func same(s data.Sample) data.Sample { return s }

func TestBadFilesSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"a,b,y\n1,2\n":          "line 2 has 2 fields, the first line has 3",
		"a,b,y\n1,2,3\n1,2,3,4": "line 3 has 4 fields, the first line has 3",
		"a;b;y\n1;2;3\n":        "set Comma",
		"a,b,y\n1,2,\xe4\n":     `line 2 column 5 (y): "\xe4" is not UTF-8`,
		"\xff\xfea\x00,\x00b":   "the first line is not UTF-8",
	} {
		_, err := data.DecodeCSV(strings.NewReader(text), data.CSVOptions{Label: "y"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want …%s…", text, err, want)
		}
	}
}

func TestColumnNamesLoseTheSpaceAroundThem(t *testing.T) {
	tab, err := data.DecodeCSV(strings.NewReader("a , b ,y \n1,2,3\n"), data.CSVOptions{Label: "y"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(tab.Features, "|"); got != "a|b" {
		t.Errorf("features %q, want a|b", got)
	}
}
