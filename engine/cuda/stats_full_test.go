//go:build cuda && full

package cuda

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/profile"
)

func TestAProfileHasTheTimeOfKernels(t *testing.T) {
	d := open(t)
	x := eager.Randn(64, 64).To(d).SetRequiresGrad(true)
	r := profile.Run(func() { x.MatMul(x).Tanh().Sum().Backward() })
	rows := map[string]profile.Row{}
	for _, row := range r.Rows() {
		rows[row.Name] = row
	}
	for _, name := range []string{"MatMul", "Tanh", "Sum"} {
		if rows[name].Device <= 0 {
			t.Errorf("%s took %v on the device\n%v", name, rows[name].Device, r)
		}
	}
	if s := r.String(); !strings.Contains(s, "device ms") || !strings.Contains(s, "ms on devices") {
		t.Error(s)
	}
	if s := profile.Run(func() { eager.Ones(3).Tanh() }).String(); strings.Contains(s, "device ms") {
		t.Error(s)
	}
}

func TestMemoryOfADeviceIsReported(t *testing.T) {
	d := open(t)
	d.memory.collect()
	before := eager.DeviceMemory(d)["allocated_bytes.all.current"]
	eager.ResetDevicePeak(d)
	x := eager.Ones(1 << 18).To(d)
	m := eager.DeviceMemory(d)
	if m["allocated_bytes.all.current"]-before < 1<<20 || m["allocated_bytes.all.peak"] < m["allocated_bytes.all.current"] ||
		m["reserved_bytes.all.current"] < m["allocated_bytes.all.current"] {
		t.Errorf("before %d, then %v", before, m)
	}
	free := d.Free()
	if free <= 0 || free+m["reserved_bytes.all.current"] > d.Total() {
		t.Errorf("%d bytes of %d are free, with %v", free, d.Total(), m)
	}
	x.Release()
	if d.Replays() != "compiled functions run as CUDA graphs" {
		t.Error(d.Replays())
	}
}
