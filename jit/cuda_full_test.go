//go:build cuda && full

package jit

import (
	"testing"

	_ "github.com/lathe-ml/lathe/engine/cuda"
	"github.com/lathe-ml/lathe/engine/cuda/emulate"
	"github.com/lathe-ml/lathe/engine/op"
)

func init() {
	randomGraphs, randomMachines = 60, 12
	openDevice = func(t *testing.T) op.Device {
		d, err := op.OpenDevice("cuda", 0)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

// TestMain runs the tests a second time, in a process that finds the emulated driver at its start.
func TestMain(m *testing.M) { emulate.Main(m.Run) }
