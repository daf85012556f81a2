package caffe

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/caffe/lmdb"
)

// database writes images of a shape and their labels.
func database(t *testing.T, path string, n, c, h, w int, image func(i int) ([]byte, int)) {
	t.Helper()
	err := lmdb.Create(path, func(yield func(k, v []byte) bool) {
		for i := range n {
			px, label := image(i)
			v, err := EncodeDatum(c, h, w, px, label)
			if err != nil || !yield(fmt.Appendf(nil, "%08d", i), v) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCIFARQuickGoesFromItsFirstSolverToItsSecond trains on colours with a mean file: three updates, a snapshot, and from it
// two with the second solver, which writes HDF5.
func TestCIFARQuickGoesFromItsFirstSolverToItsSecond(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"cifar10_quick_train_test", "cifar10_quick_solver", "cifar10_quick_solver_lr1"} {
		b, err := os.ReadFile("testdata/cifar10/" + name + ".prototxt")
		if err != nil {
			t.Fatal(err)
		}
		small := strings.NewReplacer("batch_size: 100", "batch_size: 4", "test_iter: 100", "test_iter: 2", "4000", "3", "5000", "5", "test_interval: 500", "test_interval: 5")
		write(t, dir, name+".prototxt", small.Replace(string(b)))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"cifar10_train_lmdb", "cifar10_test_lmdb"} {
		database(t, filepath.Join(dir, name), 8, 3, 32, 32, func(i int) ([]byte, int) {
			px := make([]byte, 3072)
			for k := range px {
				px[k] = byte(r.IntN(50))
				if k/1024 == i%3 {
					px[k] += 200
				}
			}
			return px, i % 3
		})
	}
	mean, err := blobOf(eager.Full(100, 3, 32, 32)).Marshal("BlobProto")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "mean.binaryproto", string(mean))
	for i, name := range []string{"cifar10_quick_solver", "cifar10_quick_solver_lr1"} {
		s, err := LoadSolver(filepath.Join(dir, name+".prototxt"))
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			if err := s.Restore(filepath.Join(dir, "cifar10_quick_iter_3.solverstate")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.Iter(); got != 3+2*i {
			t.Errorf("%s ends after %d updates", name, got)
		}
	}
	if _, err := Load(filepath.Join(dir, "cifar10_quick_train_test.prototxt"), filepath.Join(dir, "cifar10_quick_iter_5.caffemodel.h5")); err != nil {
		t.Error(err)
	}
}
