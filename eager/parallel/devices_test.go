package parallel

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// lonely is a device that knows no others.
type lonely struct{ op.Device }

func (*lonely) String() string { return "lonely:0" }

func TestRunOnRefusesWhatItCannotStart(t *testing.T) {
	d := &lonely{}
	for want, err := range map[string]error{
		"0 devices":                          RunOn(nil, func(*Member) error { return nil }),
		"1 devices, function nil: true":      RunOn([]op.Device{d}, nil),
		"device lonely:0 is there twice":     RunOn([]op.Device{d, d}, func(*Member) error { return nil }),
		"rank 0 (lonely:0): f: it is broken": RunOn([]op.Device{d}, func(*Member) error { engine.Fail("f", "it is broken"); return nil }),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

// A member that waits for one that has ended gets an error.
func TestNobodyWaitsForAMemberThatHasEnded(t *testing.T) {
	err := RunOn([]op.Device{&lonely{}, &lonely{}}, func(m *Member) error {
		if m.Rank == 0 {
			return nil
		}
		return m.AllMean()
	})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 goroutines have ended") {
		t.Errorf("error %v", err)
	}
}
