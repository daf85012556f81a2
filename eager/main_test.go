package eager_test

import (
	"os"
	"testing"

	"github.com/lathe-ml/lathe/eager/internal/poison"
)

// TestMain spoils memory that backward passes give back: a test that still reads it sees NaN.
func TestMain(m *testing.M) {
	poison.Released = poison.Fill
	os.Exit(m.Run())
}
