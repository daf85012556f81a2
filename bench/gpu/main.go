//go:build cuda

// Command gpu measures operators and training steps on an NVIDIA GPU and writes them beside PyTorch's as Markdown.
//
//	go run -tags cuda ./bench/gpu -o bench/gpu.md
//
// PyTorch's times come from peer_torch.py, which -python runs; without a python that has torch with CUDA the
// column stays empty. -small is for the emulator: sizes that it can run, times that mean nothing.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine/cuda"
	"github.com/lathe-ml/lathe/engine/cuda/nccl"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

func main() {
	out := flag.String("o", "", "file to write; none: standard output")
	python := flag.String("python", "python3", "a Python with torch")
	small := flag.Bool("small", false, "sizes for the emulator")
	check := flag.Bool("check", false, "say which GPU there is, and measure nothing")
	libraries := flag.Bool("libraries", false, "with -check: without cuBLAS, cuDNN or NCCL it is an error")
	flag.Parse()
	do := func() error { return run(*out, *python, *small) }
	if *check {
		do = func() error { return say(*libraries) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "gpu:", err)
		os.Exit(1)
	}
}

// say prints what the measurements would run on; with all, a library that is missing is an error.
func say(all bool) error {
	d, err := cuda.Open(0)
	if err != nil {
		return err
	}
	said := strings.Join(d.Libraries(), "; ")
	fmt.Printf("%v is %s; %s\n", d, d.Name(), said)
	if all && strings.Contains(said, "own kernels") {
		return fmt.Errorf("%s; install nvidia-cublas-cu12 and nvidia-cudnn-cu12 beside the library that LATHE_LIBNVRTC names", said)
	}
	if all {
		return nccl.Available()
	}
	return nil
}

func run(out, python string, small bool) error {
	d, err := cuda.Open(0)
	if err != nil {
		return err
	}
	var order []measured
	for _, c := range cases(small) {
		m := measured{benchCase: c, seconds: measure(c.make(d), d.Synchronize, small)}
		if c.uses(d.Libraries()) {
			d.UseLibraries(false)
			m.own = measure(c.make(d), d.Synchronize, small)
			d.UseLibraries(true)
		}
		order = append(order, m)
	}
	theirs := peer{Version: "not asked: sizes are the emulator's"}
	if !small {
		if theirs, err = torch(python); err != nil {
			fmt.Fprintln(os.Stderr, "gpu: without PyTorch:", err)
			theirs.Version = fmt.Sprintf("not measured: %v", err)
		}
	}
	w := &strings.Builder{}
	report(w, d, order, theirs)
	if out == "" {
		_, err = io.WriteString(os.Stdout, w.String())
		return err
	}
	return atomicfile.WriteBytes(out, []byte(w.String()))
}

// measured is a case and its time, also by own kernels where a library may take part.
type measured struct {
	benchCase
	seconds, own float64
}

// uses reports whether one of the libraries that a device says it has takes part in c.
func (c benchCase) uses(libraries []string) bool {
	return slices.ContainsFunc(libraries, func(said string) bool {
		what, by, _ := strings.Cut(said, " by ")
		return strings.Contains(c.libraries, what) && !strings.HasPrefix(by, "own kernels")
	})
}

// measure returns the median time of f in seconds, over runs long enough for the clock.
func measure(f, wait func(), small bool) float64 {
	for range 3 { // compiles, warms up
		f()
	}
	wait()
	n := 1
	for !small {
		if t := timed(f, wait, n); t > 20*time.Millisecond || n > 1<<12 {
			break
		}
		n *= 2
	}
	times := make([]float64, 5)
	for i := range times {
		times[i] = timed(f, wait, n).Seconds() / float64(n)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func timed(f, wait func(), n int) time.Duration {
	start := time.Now()
	for range n {
		f()
	}
	wait()
	return time.Since(start)
}

// peer is PyTorch's seconds by case.
type peer struct {
	Version         string
	Eager, Compiled map[string]float64
}

// torch runs PyTorch's cases.
func torch(python string) (r peer, err error) {
	b, err := exec.Command(python, "bench/gpu/peer_torch.py").Output()
	if e, ok := err.(*exec.ExitError); ok {
		lines := strings.Split(strings.TrimSpace(string(e.Stderr)), "\n")
		return r, fmt.Errorf("%s: %w: %s", python, err, lines[len(lines)-1])
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%s: %w", python, err)
	}
	return r, nil
}

func report(w io.Writer, d *cuda.Device, all []measured, torch peer) {
	major, minor := d.Capability()
	fmt.Fprintf(w, "# On a GPU\n\n%s, sm_%d%d, %.0f GiB. Times are medians of 5; a ratio above 1 says that Lathe is faster.\n", d.Name(),
		major, minor, float64(d.Total())/(1<<30))
	fmt.Fprintf(w, "Written by `./test.sh --gpu`. The peak of memory was %.2f GiB.\n\n", float64(d.Memory().Peak)/(1<<30))
	fmt.Fprintf(w, "PyTorch: %s.\n\n", torch.Version)
	fmt.Fprintf(w, "%s. PyTorch's products and convolutions are cuBLAS and cuDNN too; the last column is own kernels beside "+
		"them.\n\n", strings.Join(d.Libraries(), ", "))
	fmt.Fprintln(w, "| case | time | rate | torch CUDA | torch.compile | own kernels to cuBLAS, cuDNN |\n|---|---|---|---|---|---|")
	ratio := func(seconds map[string]float64, m measured) string {
		t, ok := seconds[m.name]
		if !ok {
			return "–"
		}
		return fmt.Sprintf("%.2f ×", t/m.seconds)
	}
	for _, m := range all {
		own := "–"
		if m.own > 0 {
			own = fmt.Sprintf("%.2f ×", m.seconds/m.own)
		}
		fmt.Fprintf(w, "| %s | %.1f µs | %.3g %s | %s | %s | %s |\n", m.name, 1e6*m.seconds, m.work/m.seconds/1e9, m.unit,
			ratio(torch.Eager, m), ratio(torch.Compiled, m), own)
	}
}

// random is uniform numbers on a device.
func random(d *cuda.Device, shape ...int) *eager.Tensor { return eager.Rand(shape...).To(d) }
