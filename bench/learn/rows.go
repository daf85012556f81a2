package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/cluster"
	"github.com/lathe-ml/lathe/learn/decomposition"
	"github.com/lathe-ml/lathe/learn/ensemble"
	"github.com/lathe-ml/lathe/learn/linear"
	"github.com/lathe-ml/lathe/learn/manifold"
	"github.com/lathe-ml/lathe/learn/neighbors"
	"github.com/lathe-ml/lathe/learn/random"
	"github.com/lathe-ml/lathe/learn/svm"
	"github.com/lathe-ml/lathe/learn/vectorize"
)

// row is a line of the table.
type row struct {
	name, title string
	data        func(dir string) error
	run         func(x, y, xt, yt *learn.Matrix) result
}

var rows = []row{
	{"logistic", "logistic regression 200k×50", classes(200_000, 50, 2), estimator(func() learn.Estimator {
		return linear.NewLogisticRegression()
	})},
	{"kmeans", "K-Means k=10 200k×50", blobs(200_000, 50, 10, 2), estimator(func() learn.Estimator {
		m := cluster.NewKMeans()
		m.NClusters, m.MaxIter = 10, 50
		return m
	})},
	{"forest", "random forest 20×depth 10, 200k×50", classes(200_000, 50, 2), estimator(func() learn.Estimator {
		m := ensemble.NewRandomForestClassifier()
		m.NEstimators, m.MaxDepth = 20, 10
		return m
	})},
	{"hist", "histogram boosting 100 rounds, 200k×50", classes(200_000, 50, 2), estimator(func() learn.Estimator {
		m := ensemble.NewHistGradientBoostingClassifier()
		m.EarlyStopping = false
		return m
	})},
	{"knn", "k nearest 50k×10, 10k queries", classes(50_000, 10, 3), estimator(func() learn.Estimator {
		return neighbors.NewKNeighborsClassifier()
	})},
	{"svc", "SVC rbf 10k×20", classes(10_000, 20, 2), estimator(func() learn.Estimator { return svm.NewSVC() })},
	{"pca", "PCA 20 of 200, 100k rows", blobs(100_000, 200, 10, 8), estimator(func() learn.Estimator {
		m := decomposition.NewPCA()
		m.NComponents = 20
		return m
	})},
	{"dbscan", "DBSCAN 50k×2", blobs(50_000, 2, 30, 0.02), estimator(func() learn.Estimator {
		m := cluster.NewDBSCAN()
		m.Eps, m.MinSamples = 0.02, 10
		return m
	})},
	{"tsne", "t-SNE 5k×50", blobs(5_000, 50, 10, 2), estimator(func() learn.Estimator { return manifold.NewTSNE() })},
	{"tfidf", "TF-IDF of Go's sources", sources, nil},
}

// held is the share of rows for predict.
const held = 0.2

func save(dir string, x, y *learn.Matrix) error {
	n := int(float64(x.Rows) * (1 - held))
	for name, m := range map[string]*learn.Matrix{"x": x, "y": y} {
		for part, t := range map[string]*eager.Tensor{
			"train": m.Tensor().Slice(0, 0, n), "test": m.Tensor().Slice(0, n, m.Rows),
		} {
			if err := checkpoint.SaveNPY(filepath.Join(dir, name+"_"+part+".npy"), t.Contiguous()); err != nil {
				return err
			}
		}
	}
	return nil
}

// classes makes classes from a noisy non-linear score of normal columns.
func classes(n, p, k int) func(string) error {
	return func(dir string) error {
		r := random.New(1)
		x, y := learn.NewMatrix(n, p), learn.NewMatrix(n, 1)
		copy(x.Data, r.Normals(n*p))
		w := r.Normals(p)
		for i := range n {
			s := r.Normal(0, 1)
			for j, v := range x.Row(i) {
				s += w[j]*v + 0.3*v*x.At(i, (j+1)%p)
			}
			y.Data[i] = math.Floor(float64(k) / (1 + math.Exp(-s/2)))
		}
		return save(dir, x, y)
	}
}

func blobs(n, p, k int, sd float64) func(string) error {
	return func(dir string) error {
		r := random.New(2)
		centers := learn.NewMatrix(k, p)
		for i := range centers.Data {
			centers.Data[i] = r.Uniform(-3, 3)
		}
		x, y := learn.NewMatrix(n, p), learn.NewMatrix(n, 1)
		for i := range n {
			c := r.Intn(k)
			y.Data[i] = float64(c)
			for j := range p {
				x.Set(i, j, centers.At(c, j)+sd*r.Gauss()*(1+float64(j%7)/7))
			}
		}
		return save(dir, x, y)
	}
}

// sources writes the text of every file of Go's standard library as a line.
func sources(dir string) error {
	f, err := os.Create(filepath.Join(dir, "docs.txt"))
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	err = filepath.WalkDir(filepath.Join(strings.TrimSpace(string(root)), "src"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = w.WriteString(strings.Join(strings.Fields(strings.ToValidUTF8(string(b), " ")), " ") + "\n")
		return err
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

func load(dir, name string) *learn.Matrix {
	t, err := checkpoint.LoadNPY(filepath.Join(dir, name+".npy"))
	if err != nil {
		log.Fatal(err)
	}
	return learn.FromTensor(t)
}

// measure runs one row in this process.
func measure(dir, name string) result {
	for _, r := range rows {
		if r.name != name {
			continue
		}
		var out result
		if r.run == nil {
			out = texts(dir)
		} else {
			out = r.run(load(dir, "x_train"), load(dir, "y_train"), load(dir, "x_test"), load(dir, "y_test"))
		}
		out.Peak = peak()
		return out
	}
	log.Fatalf("row %q is unknown", name)
	return result{}
}

// estimator times fit and predict, or transform.
func estimator(make func() learn.Estimator) func(x, y, xt, yt *learn.Matrix) result {
	return func(x, y, xt, yt *learn.Matrix) (r result) {
		e := make()
		began := time.Now()
		learn.Must(e.Fit(x, y))
		r.Fit = time.Since(began).Seconds()
		began = time.Now()
		switch m := e.(type) {
		case *decomposition.PCA:
			_, err := m.Transform(xt)
			learn.Must(err)
			r.Score = m.ExplainedVarianceRatio[0]
		case learn.Predictor:
			p, err := m.Predict(xt)
			learn.Must(err)
			r.Score = learn.Accuracy(yt, p, nil)
			if k, ok := e.(*cluster.KMeans); ok {
				r.Score = k.Inertia
			}
		case *cluster.DBSCAN:
			for _, l := range m.Labels {
				r.Score = max(r.Score, float64(l+1))
			}
		case *manifold.TSNE:
			r.Score = m.KLDivergence
		}
		r.Predict = time.Since(began).Seconds()
		return r
	}
}

func texts(dir string) (r result) {
	b, err := os.ReadFile(filepath.Join(dir, "docs.txt"))
	if err != nil {
		log.Fatal(err)
	}
	docs := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	n := len(docs) * 4 / 5
	v := vectorize.NewTfidfVectorizer()
	began := time.Now()
	_, err = v.FitTransformDocs(docs[:n])
	learn.Must(err)
	r.Fit = time.Since(began).Seconds()
	began = time.Now()
	_, err = v.TransformDocs(docs[n:])
	learn.Must(err)
	r.Predict = time.Since(began).Seconds()
	r.Score = float64(len(v.Vocabulary))
	return r
}

// peak returns the largest resident memory of this process, in MiB.
func peak() float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	v, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		log.Fatal(fmt.Errorf("VmHWM: %w", err))
	}
	return v / 1024
}
