package optim

import (
	"fmt"
	"math"
)

// MarshalText returns the state of the schedule, its epoch, for a checkpoint.
func (s *Schedule) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d", s.epoch), nil }

// UnmarshalText restores what MarshalText returned, for a schedule that was built as the saved one was.
func (s *Schedule) UnmarshalText(text []byte) error {
	var epoch int
	if _, err := fmt.Sscanf(string(text), "%d", &epoch); err != nil || epoch < 0 {
		return fmt.Errorf("optim.Schedule: the state is %q, want the number of an epoch", text)
	}
	s.SetEpoch(epoch)
	return nil
}

// MarshalText returns the state of p for a checkpoint: the best metric to the last bit, epochs without
// improvement and epochs to wait.
func (p *Plateau) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d %d %d", math.Float64bits(p.best), p.bad, p.cool), nil
}

// UnmarshalText restores what MarshalText returned. The rate itself belongs to the optimizer.
func (p *Plateau) UnmarshalText(text []byte) error {
	var best uint64
	var bad, cool int
	if _, err := fmt.Sscanf(string(text), "%d %d %d", &best, &bad, &cool); err != nil || bad < 0 || cool < 0 {
		return fmt.Errorf("optim.Plateau: the state is %q, want three numbers", text)
	}
	p.best, p.bad, p.cool = math.Float64frombits(best), bad, cool
	return nil
}
