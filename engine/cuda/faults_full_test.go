//go:build cuda && full

package cuda

import (
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/lathe-ml/lathe/engine/cuda/source"
	"github.com/lathe-ml/lathe/engine/op"
	"gorgonia.org/cu"
)

// broken are bodies of kernels that do what the emulator has to find. y has 128 elements.
var broken = map[string]string{
	"a barrier is missing":              "SHARED(f32, s, 256); s[thread()] = 1; f32 v = s[255 - thread()]; if (thread() < 128) a.y[thread()] = v;",
	"all threads write one element":     "a.y[0] = (f32)thread();",
	"blocks write one element":          "if (thread() == 0) a.y[0] = (f32)block();",
	"a write behind the memory":         "if (thread() == 0) a.y[128] = 0;",
	"a write before the memory":         "if (thread() == 0) a.y[-1] = 0;",
	"an address that is not aligned":    "if (thread() == 0) { Out<f64> z = {(f64*)(a.y.p + 1)}; z[0] = 0; }",
	"not all threads reach a barrier":   "if (thread() < 10) BARRIER();",
	"shared memory that nobody wrote":   "SHARED(f32, s, 256); if (thread() == 0) a.y[0] = (f32)s[3];",
	"an index outside of shared memory": "SHARED(f32, s, 8); s[thread()] = 1;",
	"part of a warp exchanges":          "u32 v = 1; if (thread() % 32 < 5) exchange(&v, 4);",
	"an exchange is taken for a barrier": "SHARED(f32, s, 256); s[thread()] = 1; u32 u = 1; exchange(&u, 4); f32 v = s[(thread() + 32) % 256]; " +
		"if (thread() < 128 && block() == 0) a.y[thread()] = v;",
	"a read that races with a write": "f32 v = a.y[0]; if (thread() == 7) a.y[0] = v;",
}

const harmless = "SHARED(f32, s, 256); s[thread()] = 1; BARRIER(); f32 v = s[255 - thread()]; " +
	"if (block() == 0 && thread() < 128) a.y[thread()] = v;"

// launchBody runs a kernel with one argument besides its header, on two blocks.
func launchBody(t *testing.T, d *Device, body string, words uint64) error {
	t.Helper()
	var prelude source.Kernel
	text := prelude.Text() + "struct A { Head h; Out<f32> y; };\nKERNEL(k, A) { " + body + " }\n"
	image, err := d.programs.image(text)
	if err != nil {
		t.Fatal(err)
	}
	y := exactly(t, d, 512)
	defer y.Release()
	args := []uint64{words, d.fault, 0, y.Addr()}
	params := make([]unsafe.Pointer, len(args))
	for i := range args {
		params[i] = unsafe.Pointer(&args[i])
	}
	defer runtime.KeepAlive(args)
	return d.do(func() error {
		m, err := cu.LoadData(string(image))
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Function("k")
		if err != nil {
			t.Fatal(err)
		}
		return f.Launch(2, 1, 1, 256, 1, 1, 0, d.stream, params)
	})
}

func TestTheEmulatorFindsWhatABrokenKernelDoes(t *testing.T) {
	if onGPU {
		t.Skip("a GPU does not find these")
	}
	d := open(t)
	for name, body := range broken {
		for _, order := range orders() {
			t.Setenv("LATHE_EMULATE_ORDER", order)
			if err := launchBody(t, d, body, 4); err == nil {
				t.Errorf("%s, order %s: nothing was found", name, order)
			}
		}
	}
	if err := launchBody(t, d, harmless, 5); err == nil {
		t.Error("a wrong number of arguments was not found")
	}
	for _, order := range orders() {
		t.Setenv("LATHE_EMULATE_ORDER", order)
		if err := launchBody(t, d, harmless, 4); err != nil {
			t.Errorf("order %s: a correct kernel: %v", order, err)
		}
	}
}

// The binary starts and says why there is no GPU, whatever the driver is like.
func TestWithoutAUsableDriverTheReasonIsGiven(t *testing.T) {
	for _, c := range []struct{ env, want string }{
		{"LATHE_LIBCUDA=/nowhere/libcuda.so.1", "no driver"},
		{"LATHE_FAKE_DRIVER=none", "but no GPU"},
		{"LATHE_FAKE_DRIVER=old", "want 11.0 or newer"},
	} {
		out := again(t, "TestHelperSaysWhatOpenSays", c.env)
		if !strings.Contains(out, c.want) {
			t.Errorf("with %s: %q does not say %q", c.env, out, c.want)
		}
	}
}

func TestHelperSaysWhatOpenSays(t *testing.T) {
	_, err := op.OpenDevice("cuda", 0)
	t.Log(err)
}
