package exact_test

import (
	"testing"

	"github.com/lathe-ml/lathe/kernel/exectest"
)

func TestSequencesOfCells(t *testing.T) { exectest.Sequences(t, start, 0, 40, "") }
