package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/spark"
	F "github.com/lathe-ml/lathe/spark/functions"
	"github.com/lathe-ml/lathe/spark/ml"
)

// operation is one that both sides do; it returns a number that has to be the same.
type operation struct {
	name string
	run  func(s *spark.Session) (float64, error)
}

func benchRows(s *spark.Session) *spark.DataFrame {
	return ml.VectorAssembler(ml.Params{"inputCols": []string{"x0", "x1", "x2", "x3"}, "outputCol": "features"}).
		Transform(s.Named("global_temp.bench"))
}

func fitted(e *ml.Estimator, attributes ...string) func(s *spark.Session) (float64, error) {
	return func(s *spark.Session) (float64, error) {
		m, err := e.Fit(benchRows(s))
		if err != nil {
			return 0, err
		}
		if len(attributes) == 0 {
			return ml.MulticlassClassificationEvaluator(ml.Params{"metricName": "accuracy"}).Evaluate(m.Transform(benchRows(s)))
		}
		if v, err := m.Float(attributes...); err == nil {
			return v, nil
		}
		v, err := m.Floats(attributes...)
		if err != nil {
			return 0, err
		}
		return v[0], nil
	}
}

var operations = []operation{
	{"collect 5M", func(s *spark.Session) (float64, error) {
		x, err := s.Range(0, 5_000_000, 1).Select("id", F.Col("id").Mul(0.5).As("x")).Tensors()
		if err != nil {
			return 0, err
		}
		return float64(x[0].Size(0)), nil
	}},
	{"collect 1000", func(s *spark.Session) (float64, error) {
		rows, err := s.Range(0, 1000, 1).Select("id", F.Col("id").Mul(0.5).As("x")).Collect()
		return float64(len(rows)), err
	}},
	{"group", func(s *spark.Session) (float64, error) {
		rows, err := s.Named("global_temp.bench").GroupBy("label").Agg(F.Avg("x0"), F.Max("x1")).Collect()
		return float64(len(rows)), err
	}},
	{"sql", func(s *spark.Session) (float64, error) {
		d, err := s.SQL("SELECT count(*) FROM global_temp.bench WHERE x0 > 0")
		if err != nil {
			return 0, err
		}
		r, err := d.First()
		if err != nil {
			return 0, err
		}
		return float64(r.Values[0].(int64)), nil
	}},
	{"LogisticRegression", fitted(ml.LogisticRegression(ml.Params{"maxIter": 5}))},
	{"LinearRegression", fitted(ml.LinearRegression(ml.Params{"labelCol": "x3", "maxIter": 5}), "intercept")},
	{"RandomForestClassifier", fitted(ml.RandomForestClassifier(ml.Params{"numTrees": 5, "maxDepth": 4, "seed": 1}))},
	{"KMeans", fitted(ml.KMeans(ml.Params{"k": 3, "seed": 1, "maxIter": 5}), "summary", "trainingCost")},
	{"PCA", fitted(ml.PCA(ml.Params{"inputCol": "features", "outputCol": "p", "k": 2}), "explainedVariance")},
	{"StandardScaler", fitted(ml.StandardScaler(ml.Params{"inputCol": "features", "outputCol": "p"}), "std")},
}

// pyspark does the operations on the server at address in turn with pyspark.
func pyspark(ctx context.Context, python, address string, names []string) error {
	s, err := spark.Connect(address)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := benchTable(s); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, python, "bench/spark/peer_pyspark.py", strings.Replace(address, "127.0.0.1", "localhost", 1))
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	answers := bufio.NewReader(out)
	fmt.Println("| operation | Go, s | pyspark, s | Go / pyspark |\n|---|---|---|---|")
	for _, o := range operations {
		if len(names) > 0 && !strings.Contains(strings.Join(names, ","), o.name) {
			continue
		}
		ours, theirs, err := inTurn(s, o, in, answers)
		if err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
		fmt.Printf("| %s | %.3f | %.3f | %.2f |\n", o.name, ours, theirs, ours/theirs)
	}
	return errors.Join(in.Close(), c.Wait())
}

// turns are how often both sides do an operation at least; the first ones warm up. Short ones go on for seconds.
const (
	turns   = 9
	seconds = 6
)

// inTurn is the least seconds of both sides, of which now one, now the other begins: a server has to clear up
// behind each.
func inTurn(s *spark.Session, o operation, in io.Writer, answers io.Reader) (ours, theirs float64, err error) {
	ours, theirs = math.Inf(1), math.Inf(1)
	start := time.Now()
	for i := 0; i < turns || time.Since(start) < seconds*time.Second; i++ {
		var a, b float64
		for k := range 2 {
			var took float64
			if k == i%2 {
				began := time.Now()
				if a, err = o.run(s); err != nil {
					return 0, 0, err
				}
				if took = time.Since(began).Seconds(); i > 0 {
					ours = min(ours, took)
				}
				continue
			}
			fmt.Fprintln(in, o.name)
			if _, err := fmt.Fscan(answers, &took, &b); err != nil {
				return 0, 0, fmt.Errorf("pyspark: %w", err)
			}
			if i > 0 {
				theirs = min(theirs, took)
			}
		}
		if math.Abs(a-b) > 1e-9*math.Abs(b) {
			return 0, 0, fmt.Errorf("%g, pyspark has %g", a, b)
		}
	}
	return ours, theirs, nil
}

// benchTable makes the rows that both sides read.
func benchTable(s *spark.Session) error {
	d := s.Range(0, 20_000, 1).Coalesce(1).Select(F.Randn(1).As("x0"), F.Randn(2).As("x1"), F.Randn(3).As("x2"), F.Randn(4).As("x3")).
		WithColumn("label", F.Expr("double(x0 - x1 + 0.1 * x2 > 0)"))
	d, err := d.Materialize(false)
	if err != nil {
		return err
	}
	return d.GlobalTempView("bench")
}
