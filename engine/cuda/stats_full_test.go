//go:build cuda && full

package cuda

import (
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/profile"
	"github.com/lathe-ml/lathe/engine/op"
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

// What NVML says of the GPU reaches who asks for the usage of devices, under the GPU's own number.
func TestTheLoadOfADeviceIsReported(t *testing.T) {
	d := open(t)
	if _, err := op.OpenDevice("cuda", 0); err != nil {
		t.Fatal(err)
	}
	if onGPU {
		u, err := d.Usage()
		if err != nil || u.Busy < 0 || u.Busy > 1 || u.Used <= 0 || u.Total < u.Used {
			t.Errorf("usage %+v, %v", u, err)
		}
		return
	}
	t.Setenv("LATHE_FAKE_BUSY", "37")
	before := eager.DeviceUsage()["cuda:0"]
	b := exactly(t, d, 1<<20)
	after := eager.DeviceUsage()["cuda:0"]
	b.Release()
	if after.Busy != 0.37 || after.Used != before.Used+1<<20 || after.Total != d.Total() {
		t.Errorf("usage %+v, with another MiB %+v of %d", before, after, d.Total())
	}
	t.Setenv("LATHE_FAKE_BUSY", "unsupported")
	if _, err := d.Usage(); err == nil || err.Error() != "NVML: utilisation: Not Supported" {
		t.Errorf("of a GPU that does not tell: %v", err)
	}
	if n := len(eager.DeviceUsage()); n != 0 {
		t.Errorf("%d devices report their usage, want none", n)
	}
	out := again(t, "TestHelperSaysItsUsage", "LATHE_LIBNVIDIAML=/nowhere/libnvidia-ml.so")
	if !strings.Contains(out, "NVML is not there (/nowhere/libnvidia-ml.so") {
		t.Errorf("without the library: %s", out)
	}
}

func TestHelperSaysItsUsage(t *testing.T) {
	u, err := open(t).Usage()
	t.Log(u, err)
}
