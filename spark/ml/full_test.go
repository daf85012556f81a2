//go:build full

package ml

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/functions"
	"github.com/lathe-ml/lathe/spark/local"
)

var session *spark.Session

func TestMain(m *testing.M) {
	code := 1
	home, err := local.Home()
	if err == nil {
		var c *local.Cluster
		if c, err = local.Start(home, local.Options{Brief: true, Conf: []string{"spark.sql.shuffle.partitions=2"}}); err == nil {
			if session, err = spark.Connect(c.Address); err == nil {
				code = m.Run()
			}
			if err := c.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

type testCase struct {
	Op     string
	Params map[string]any
	Out    []string
	Get    []string
}

type record struct {
	Rows    []map[string]any
	Results []struct {
		Op    string
		Score float64
		Get   map[string]any
		Out   map[string][]any
		Rows  int
	}
}

func recorded(t *testing.T) (cases []testCase, r record) {
	t.Helper()
	b, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/record.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&r); err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != len(cases) {
		t.Fatalf("%d results of %d cases; run testdata/record.py", len(r.Results), len(cases))
	}
	return cases, r
}

// frame is the data of record.py.
func frame(t *testing.T, rows []map[string]any) *spark.DataFrame {
	t.Helper()
	names := []string{
		"id", "x0", "x1", "x2", "x3", "kind", "label", "y", "time", "censor", "count", "c0", "c1", "c2", "hole",
		"cat", "text", "user", "item", "rating",
	}
	var list [][]any
	for _, r := range rows {
		values := make([]any, len(names))
		for i, n := range names {
			values[i] = r[n]
			if f, ok := r[n].(float64); ok && (n == "user" || n == "item") {
				values[i] = int32(f)
			} else if ok && n == "id" {
				values[i] = int64(f)
			}
		}
		list = append(list, values)
	}
	d, err := session.FromRows(names, list...)
	if err != nil {
		t.Fatal(err)
	}
	d = d.Coalesce(1).WithColumn("words", functions.Split("text", " ")).
		WithColumn("set", functions.ArrayDistinct(functions.Split("text", " "))).
		WithColumn("kindInt", functions.Col("kind").Cast("int"))
	d = VectorAssembler(Params{"inputCols": []string{"x0", "x1", "x2", "x3"}, "outputCol": "features"}).Transform(d)
	return VectorAssembler(Params{"inputCols": []string{"c0", "c1", "c2"}, "outputCol": "counts"}).Transform(d)
}

// flat lists the numbers and texts of a value.
func flat(v any) []any {
	var out []any
	switch x := v.(type) {
	case spark.Vector:
		return flat(x.Dense())
	case spark.Matrix:
		return flat(x.Values)
	case []float64:
		for _, f := range x {
			out = append(out, f)
		}
	case []int64:
		for _, f := range x {
			out = append(out, float64(f))
		}
	case []string:
		for _, s := range x {
			out = append(out, s)
		}
	case []any:
		for _, e := range x {
			out = append(out, flat(e)...)
		}
	case int64:
		return []any{float64(x)}
	default:
		return []any{v}
	}
	return out
}

// same compares with pyspark. Both ask the same code on the server; sums over more than one task may come in
// another order, which moves the last digits.
func same(got, want any) error {
	a, b := flat(got), flat(want)
	if len(a) != len(b) {
		return fmt.Errorf("%d values, pyspark has %d", len(a), len(b))
	}
	for i := range a {
		x, ok := a[i].(float64)
		y, ok2 := b[i].(float64)
		if ok && ok2 {
			if math.Abs(x-y) > 1e-9*max(1, math.Abs(y)) {
				return fmt.Errorf("value %d is %g, pyspark has %g", i, x, y)
			}
		} else if a[i] != b[i] {
			return fmt.Errorf("value %d is %v, pyspark has %v", i, a[i], b[i])
		}
	}
	return nil
}

// turn gives principal components, got in rows of vectors, the signs of want. A component has none of its own:
// it depends on the LAPACK that the server's machine has.
func turn(got []any, want any) {
	rows := want.([]any)
	for k := range got[0].(spark.Vector).Dense() {
		dot := 0.0
		for i, x := range got {
			dot += x.(spark.Vector).Dense()[k] * flat(rows[i])[k].(float64)
		}
		if dot >= 0 {
			continue
		}
		for i, x := range got {
			v := slices.Clone(x.(spark.Vector).Dense())
			v[k] = -v[k]
			got[i] = spark.Vector{Size: len(v), Values: v}
		}
	}
}

func TestResultsEqualPyspark(t *testing.T) {
	cases, r := recorded(t)
	d := frame(t, r.Rows)
	seen := map[string]bool{}
	for i, c := range cases {
		seen[c.Op] = true
		t.Run(fmt.Sprint(i, c.Op), func(t *testing.T) {
			want := r.Results[i]
			o := newOperator(c.Op, []Params{c.Params})
			var m Transformer = o
			switch o.Spec.Kind {
			case EvaluatorKind:
				score, err := (&Evaluator{o}).Evaluate(d)
				if err == nil {
					err = same(score, want.Score)
				}
				if err != nil {
					t.Error(err)
				}
				return
			case EstimatorKind:
				model, err := (&Estimator{o}).Fit(d)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range c.Get {
					v, err := model.Get(strings.Split(a, ".")...)
					if err == nil {
						err = same(v, want.Get[a])
					}
					if err != nil {
						t.Errorf("%s: %v", a, err)
					}
				}
				m = model
			}
			out := m.Transform(d)
			if len(c.Out) == 0 {
				if n, err := out.Count(); err != nil || n != want.Rows {
					t.Errorf("%d rows, pyspark has %d (%v)", n, want.Rows, err)
				}
				return
			}
			names := make([]any, len(c.Out))
			for k, n := range c.Out {
				names[k] = n
			}
			rows, err := out.OrderBy("id").Select(names...).Collect()
			if err != nil {
				t.Fatal(err)
			}
			for k, n := range c.Out {
				var column []any
				for _, r := range rows {
					column = append(column, r.Values[k])
				}
				if c.Op == "PCA" {
					turn(column, want.Out[n])
				}
				if err := same(column, want.Out[n]); err != nil {
					t.Errorf("column %s: %v", n, err)
				}
			}
		})
	}
	for _, s := range Operators() {
		if s.Kind == EstimatorKind && !seen[s.Name] {
			t.Errorf("estimator %s has no case", s.Name)
		}
	}
}

func TestStatistics(t *testing.T) {
	_, r := recorded(t)
	d := frame(t, r.Rows)
	c, err := Correlation(d, "features", "pearson")
	if err != nil || c.Rows != 4 || math.Abs(c.At(0, 0)-1) > 1e-12 {
		t.Fatalf("correlation %v %v", c, err)
	}
	if direct, err := d.Correlation("x0", "x1"); err != nil || math.Abs(direct-c.At(0, 1)) > 1e-9 {
		t.Errorf("correlation of x0 and x1 %g, in the matrix %g (%v)", direct, c.At(0, 1), err)
	}
	row, err := Summary(d, "features", "mean", "count").First()
	if err != nil {
		t.Fatal(err)
	}
	if s := row.Values[0].(spark.Row); s.Get("count") != int64(120) {
		t.Errorf("summary %v", s)
	}
	if k, err := KolmogorovSmirnovTest(d, "x3", 0, 0.25).First(); err != nil || k.Get("pValue") == nil {
		t.Errorf("Kolmogorov–Smirnov %v %v", k, err)
	}
	if x, err := ChiSquareTest(d, "counts", "label").First(); err != nil || len(x.Get("pValues").(spark.Vector).Dense()) != 3 {
		t.Errorf("chi square %v %v", x, err)
	}
}

func TestModelsSayWhatTheyRefuse(t *testing.T) {
	d := session.Range(0, 1, 1)
	for _, c := range []struct {
		want string
		e    *Estimator
	}{
		{`no parameter "maxiter"; parameters: `, LogisticRegression(Params{"maxiter": 3})},
		{"parameter maxIter: many (string); want int", LogisticRegression(Params{"maxIter": "many"})},
		{"parameter maxIter: 1.5 (float64); want int", LogisticRegression(Params{"maxIter": 1.5})},
	} {
		if _, err := c.e.Fit(d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v; want %q in it", err, c.want)
		}
	}
	if n := len(slices.DeleteFunc(Operators(), func(s *Spec) bool { return s.Kind != EstimatorKind })); n != 42 {
		t.Errorf("%d estimators, MLlib 4.3 has 42", n)
	}
}
