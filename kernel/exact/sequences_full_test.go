//go:build full

package exact_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

func TestMoreSequencesOfCells(t *testing.T) { exectest.Sequences(t, start, 1000, 2000, "") }
