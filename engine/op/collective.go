package op

import "github.com/lathe-ml/lathe/engine"

// Collective is a Device that knows ways to others.
type Collective interface {
	Device
	// Collect replaces the elements of row-major arrays, one on each device, by their sum, their mean or those of
	// the first one. Work that is given to the devices later sees the result.
	Collect(devices []Device, xs []engine.Array, how Collected) error
}

// Collected says what Collect computes.
type Collected int

// Sums, means, and copies of the first one.
const (
	CollectSum Collected = iota
	CollectMean
	CollectFirst
)
