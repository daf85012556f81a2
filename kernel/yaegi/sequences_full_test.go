//go:build full

package yaegi_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

func TestMoreSequencesOfCells(t *testing.T) {
	exectest.Sequences(t, start, 1000, 2000, "cannot be asserted to interface")
}
