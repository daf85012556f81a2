//go:build full

package spark_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark"
	F "github.com/lathe-ml/lathe/spark/functions"
	"github.com/lathe-ml/lathe/spark/local"
)

var address string

func TestMain(m *testing.M) {
	home, err := local.Home()
	var c *local.Cluster
	if err == nil {
		c, err = local.Start(home, local.Options{Brief: true})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	address = c.Address
	code := m.Run()
	if err := c.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func connect(t *testing.T, address string) *spark.Session {
	t.Helper()
	s, err := spark.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(func() {
		cancel()
		s.Close()
	})
	return s.WithContext(ctx)
}

// patience ends a test that hangs.
const patience = 4 * time.Minute

func shown(t *testing.T, d *spark.DataFrame) string {
	t.Helper()
	rows, err := d.Collect()
	if err != nil {
		t.Fatal(err)
	}
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = strings.TrimSuffix(strings.TrimPrefix(r.String(), "Row("), ")")
	}
	return strings.Join(parts, "; ")
}

func TestSparkDataFrames(t *testing.T) {
	s := connect(t, address)
	people, err := s.FromRows([]string{"name", "team", "score"},
		[]any{"ada", "x", 3.0}, []any{"bob", "x", 1.0}, []any{"cyd", "y", 2.0}, []any{"dan", nil, nil})
	if err != nil {
		t.Fatal(err)
	}
	teams, err := s.FromRows([]string{"team", "city"}, []any{"x", "Rome"}, []any{"y", "Oslo"}, []any{"z", "Bern"})
	if err != nil {
		t.Fatal(err)
	}
	best := spark.PartitionBy("team").OrderBy(F.Desc("score"))
	for _, c := range []struct {
		name string
		d    *spark.DataFrame
		want string
	}{
		{"filter", people.Filter(F.Col("score").Gt(1)).Select("name").OrderBy("name"), "name=ada; name=cyd"},
		{"filter in SQL", people.Where("score < 2").Select("name"), "name=bob"},
		{"group", people.GroupBy("team").Agg(F.Sum("score").As("s"), F.Count("*").As("n")).OrderBy(F.Desc("s")), "team=x, s=4, n=2; team=y, s=2, n=1; team=<nil>, s=<nil>, n=1"},
		{"pivot", people.GroupBy().Pivot("team", "x", "y").Agg(F.Max("score")), "x=3, y=2"},
		{"join", people.Join(teams, "team", "left").Select("name", "city").OrderBy("name"), "name=ada, city=Rome; name=bob, city=Rome; name=cyd, city=Oslo; name=dan, city=<nil>"},
		{"anti join", teams.Join(people, "team", "anti").Select("city"), "city=Bern"},
		{"join of columns", people.Join(teams, people.Col("team").Eq(teams.Col("team")), "inner").Select("name", teams.Col("team")).OrderBy("name").Limit(1), "name=ada, team=x"},
		{"window", people.WithColumn("r", F.RowNumber().Over(best)).Filter("r = 1 and team is not null").Select("name").OrderBy("name"), "name=ada; name=cyd"},
		{"running sum", people.Filter("team = 'x'").Select("name", F.Sum("score").Over(spark.WindowOrderBy("name").RowsBetween(spark.UnboundedPreceding, spark.CurrentRow)).As("s")), "name=ada, s=3; name=bob, s=4"},
		{"case", people.Select(F.When(F.Col("score").Ge(2), "high").When(F.Col("score").IsNull(), "none").Otherwise("low").As("g")).Distinct().OrderBy("g"), "g=high; g=low; g=none"},
		{"fill and drop", people.FillNA("?", "team").Select("team").Distinct().OrderBy("team").Union(people.DropNA().Select("team").Limit(1)), "team=?; team=x; team=y; team=x"},
		{"rename and drop", people.WithColumnRenamed("name", "who").Drop("team", "score").OrderBy("who").Limit(1), "who=ada"},
		{"cast", people.Select(F.Col("score").Cast("int").As("i")).OrderBy("i").Tail(1), "i=3"},
		{"except", people.Select("name").Except(people.Filter("score > 1").Select("name")).OrderBy("name"), "name=bob; name=dan"},
		{"functions", s.Range(0, 1, 1).Select(F.Lit("a-b").As("t")).Select(F.Split("t", "-").As("p"), F.Upper("t").As("u"), F.RegexpReplace("t", "-", "+").As("r"), F.SHA2("t", 256).Substr(1, 4).As("h")), "p=[a b], u=A-B, r=a+b, h=d443"},
		{"lambdas", s.Range(0, 1, 1).Select(F.Array(1, 2, 3).As("a")).Select(F.Transform("a", func(x spark.Column) spark.Column { return x.Mul(x) }).As("q"), F.Aggregate("a", 0, func(a, x spark.Column) spark.Column { return a.Add(x) }).As("s")), "q=[1 4 9], s=6"},
		{"struct", people.Select(F.Struct("name", "score").As("p")).Select(F.Col("p.name").As("n"), F.Col("p").GetField("score").As("s")).OrderBy("n").Limit(1), "n=ada, s=3"},
		{"rollup", people.Filter("team = 'x'").Rollup("team").Count().OrderBy("count", "team"), "team=<nil>, count=2; team=x, count=2"},
		{"unpivot", people.Filter("name = 'ada'").Unpivot([]string{"name"}, []string{"score"}, "k", "v"), "name=ada, k=score, v=3"},
		{"replace", people.Replace("x", "w", "team").Filter("team = 'w'").GroupBy().Count(), "count=2"},
		{"describe", people.Describe("score").Filter("summary = 'mean'"), "summary=mean, score=2.0"},
	} {
		if got := shown(t, c.d); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
	if n, err := people.Count(); n != 4 || err != nil {
		t.Errorf("count %d %v", n, err)
	}
	if q, err := people.DropNA().ApproxQuantile([]string{"score"}, []float64{0.5}, 0); err != nil || q[0][0] != 2 {
		t.Errorf("median %v %v", q, err)
	}
	p, err := people.GroupBy("team").Count().Explain("formatted")
	if err != nil || !strings.Contains(string(p), "HashAggregate") {
		t.Errorf("plan %q %v", p, err)
	}
	if html, _ := people.Display().MIME["text/html"].(string); !strings.Contains(html, "<td>ada</td>") || !strings.Contains(html, "NULL") {
		t.Errorf("shown as %s", html)
	}
}

func TestSparkRoundTrips(t *testing.T) {
	s := connect(t, address)
	dir := t.TempDir()
	big := &table.Table{Columns: []*table.Column{
		{Name: "i", Kind: table.Int}, {Name: "f", Kind: table.Float, Missing: []bool{}}, {Name: "s", Kind: table.Text},
	}}
	const n = 100_000 // more than travels within a plan
	for i := range n {
		big.Columns[0].Ints = append(big.Columns[0].Ints, int64(i))
		big.Columns[1].Floats = append(big.Columns[1].Floats, float64(i)/2)
		big.Columns[1].Missing = append(big.Columns[1].Missing, i%1000 == 7)
		big.Columns[2].Texts = append(big.Columns[2].Texts, fmt.Sprint("t", i%100))
	}
	d, err := s.FromTable(big)
	if err != nil {
		t.Fatal(err)
	}
	for format, read := range map[string]func(string) *spark.DataFrame{
		"parquet": func(p string) *spark.DataFrame { return s.Read().Parquet(p) },
		"json":    func(p string) *spark.DataFrame { return s.Read().Schema("i bigint, f double, s string").JSON(p) },
		"orc":     func(p string) *spark.DataFrame { return s.Read().ORC(p) },
		"csv":     func(p string) *spark.DataFrame { return s.Read().Schema("i bigint, f double, s string").CSV(p) },
	} {
		p := filepath.Join(dir, format)
		if err := d.Write().Mode("overwrite").Format(format).Save(p); err != nil {
			t.Fatal(err)
		}
		back, err := read(p).OrderBy("i").Table()
		if err != nil {
			t.Fatal(err)
		}
		if back.Len() != n || back.Column("s").Texts[n-1] != "t99" || !back.Column("f").IsMissing(1007) || back.Column("f").Floats[n-1] != (n-1)/2.0 {
			t.Errorf("%s: %v does not come back", format, back)
		}
	}
	if err := d.Write().Parquet(filepath.Join(dir, "parquet")); spark.ErrorClass(err) != "PATH_ALREADY_EXISTS" {
		t.Errorf("writing over files: %v", err)
	}
	x := eager.Randn(1000, 3)
	e, err := s.FromTensors([]string{"k", "x"}, eager.Arange(0, 1000, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.OrderBy("k").Tensors("x", "k")
	if err != nil {
		t.Fatal(err)
	}
	a, b := x.Storage().F32(), got[0].Storage().F32()
	if len(a) != len(b) {
		t.Fatalf("%d numbers come back of %d", len(b), len(a))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("number %d is %g, comes back as %g", i, a[i], b[i])
		}
	}
}

func TestSparkErrorsHaveTheirClass(t *testing.T) {
	s := connect(t, address)
	_, err := s.SQL("SELECT * FROM nowhere")
	if spark.ErrorClass(err) != "TABLE_OR_VIEW_NOT_FOUND" {
		t.Errorf("class %q of %v", spark.ErrorClass(err), err)
	}
	_, err = s.Range(0, 1, 1).Select(F.Lit(1).Div(F.Col("id"))).Collect()
	if spark.ErrorClass(err) != "DIVIDE_BY_ZERO" {
		t.Errorf("class %q of %v", spark.ErrorClass(err), err)
	}
	_, err = spark.Connect(strings.Split(address, ";")[0] + ";token=wrong")
	if err == nil || !strings.Contains(err.Error(), "refuses the token") {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestSparkCatalogConfAndViews(t *testing.T) {
	s := connect(t, address)
	if err := s.Set("spark.sql.shuffle.partitions", "3"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Get("spark.sql.shuffle.partitions"); v != "3" || err != nil {
		t.Errorf("setting %q %v", v, err)
	}
	if err := s.Range(0, 5, 1).TempView("five"); err != nil {
		t.Fatal(err)
	}
	d, err := s.SQL("SELECT sum(id) AS s FROM five WHERE id > :low", map[string]any{"low": 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := shown(t, d); got != "s=9" {
		t.Error(got)
	}
	c := s.Catalog()
	if ok, err := c.TableExists("five"); !ok || err != nil {
		t.Errorf("the view exists: %t %v", ok, err)
	}
	if got := shown(t, c.Columns("five").Select("name", "dataType")); got != "name=id, dataType=bigint" {
		t.Error(got)
	}
	if db, err := c.CurrentDatabase(); db != "default" || err != nil {
		t.Errorf("database %q %v", db, err)
	}
	if ok, err := c.DropTempView("five"); !ok || err != nil {
		t.Errorf("dropped: %t %v", ok, err)
	}
}

func TestSparkStreams(t *testing.T) {
	s := connect(t, address)
	q, err := s.ReadStream().Format("rate").Option("rowsPerSecond", "100").Load().WriteStream().
		Format("memory").QueryName("ticks").Start("")
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		n, err := s.Named("ticks").Count()
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no rows for a minute")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if st, err := q.Status(); err != nil || !st.Active {
		t.Errorf("status %+v %v", st, err)
	}
	if p, err := q.Progress(); err != nil || len(p) == 0 || !strings.Contains(p[0], "numInputRows") {
		t.Errorf("progress %v %v", p, err)
	}
	if list, err := s.Streams(); err != nil || len(list) != 1 || list[0].ID() != q.ID() {
		t.Errorf("active streams %v %v", list, err)
	}
	if err := q.Stop(); err != nil {
		t.Fatal(err)
	}
	if ended, err := q.Wait(30 * time.Second); !ended || err != nil {
		t.Errorf("after Stop: ended %t, %v", ended, err)
	}
}

func TestSparkInterruptEndsARunningQuery(t *testing.T) {
	s := connect(t, address)
	running, done := make(chan bool, 1), make(chan error, 1)
	slow := s.WithTags("slow").WithProgress(func(p spark.Progress) {
		select {
		case running <- p.Running > 0:
		default:
		}
	})
	go func() {
		_, err := slow.Range(0, 1<<40, 1).Agg(F.Sum(F.Expr("id % 7"))).Collect()
		done <- err
	}()
	// an interrupt before Spark has begun the job ends the query, but not the job that it then begins
	for begun := false; !begun; {
		select {
		case begun = <-running:
		case err := <-done:
			t.Fatalf("the query has ended: %v", err)
		}
	}
	if ids, err := s.InterruptTag("slow"); err != nil || len(ids) != 1 {
		t.Fatalf("interrupted %v, %v; want one query", ids, err)
	}
	if err := <-done; spark.ErrorClass(err) != "OPERATION_CANCELED" && (err == nil || !strings.Contains(err.Error(), "CANCEL")) {
		t.Errorf("the query ends with %v", err)
	}
}

// TestSparkSurvivesACutConnection cuts the connection to the real server in the middle of an answer.
func TestSparkSurvivesACutConnection(t *testing.T) {
	target, rest, _ := strings.Cut(strings.TrimPrefix(address, "sc://"), "/")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for i := 0; ; i++ {
			a, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer a.Close()
				b, err := net.Dial("tcp", target)
				if err != nil {
					return
				}
				defer b.Close()
				go io.Copy(b, a)
				if i < 3 {
					io.CopyN(a, b, 6_000_000)
					return
				}
				io.Copy(a, b)
			}()
		}
	}()
	s := connect(t, "sc://"+ln.Addr().String()+"/"+rest)
	const n = 4_000_000
	x, err := s.Range(0, n, 1).Tensors()
	if err != nil {
		t.Fatal(err)
	}
	ids := x[0].Storage().I64()
	if len(ids) != n {
		t.Fatalf("%d rows, want %d", len(ids), n)
	}
	for i, v := range ids {
		if v != int64(i) {
			t.Fatalf("row %d is %d", i, v)
		}
	}
	if s.Reattached() == 0 {
		t.Error("the connection was not cut")
	}
}
