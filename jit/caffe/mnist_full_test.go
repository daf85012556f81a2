//go:build full

package caffe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/data"
)

// TestLeNetLearnsDigits trains Caffe's LeNet by its solver for 1,000 of its 10,000 updates, on 8,000 of the 60,000 digits.
func TestLeNetLearnsDigits(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"lenet_solver.prototxt", "lenet_train_test.prototxt"} {
		b, err := os.ReadFile("testdata/lenet/" + name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, strings.ReplaceAll(string(b), "test_interval: 250", "test_interval: 1000"))
	}
	train, test := data.MNIST()
	for name, set := range map[string]*data.TensorDataset{"mnist_train_lmdb": train, "mnist_test_lmdb": test} {
		px, labels := set.X.Float32s(), set.Y.Ints()
		database(t, filepath.Join(dir, name), len(labels), 1, 28, 28, func(i int) ([]byte, int) {
			image := make([]byte, 784)
			for k := range image {
				image[k] = byte(px[784*i+k]*255 + 0.5)
			}
			return image, labels[i]
		})
	}
	s, err := LoadSolver(filepath.Join(dir, "lenet_solver.prototxt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	mean, err := s.Test(0)
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("LeNet is right on %.4f of 2,000 digits", mean["accuracy"]); mean["accuracy"] < 0.95 {
		t.Errorf("LeNet is right on %v of the digits, want 0.95", mean["accuracy"])
	}
}
