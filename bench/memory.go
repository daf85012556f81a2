package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// memorySteps are enough for pools and collectors to reach their steady state.
const memorySteps = 40

// reportMemory prints the peak memory of each model's training, both sides in processes of their own.
func reportMemory(python string, threads int, match *regexp.Regexp) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("# Peak memory of training, %d threads, %d steps\n\n", threads, memorySteps)
	fmt.Println("Resident memory in MiB: growth from the state before the model is made, and the whole process.\n\n" +
		"| case | growth, ours / peer | ratio | process, ours / peer |\n|---|---|---|---|")
	for _, c := range trainings() {
		if !match.MatchString(c.name) {
			continue
		}
		t := strconv.Itoa(threads)
		ours, err := usage(exec.Command(exe, "-child", c.name, "-threads", t), threads)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		theirs, err := usage(exec.Command(python, "bench/peer_torch.py", "memory", c.name, strconv.Itoa(memorySteps)), threads)
		if err != nil {
			return fmt.Errorf("%s: peer: %w", c.name, err)
		}
		fmt.Printf("| %s | %.1f / %.1f | %.2f | %.0f / %.0f |\n", c.name, ours.growth(), theirs.growth(),
			theirs.growth()/ours.growth(), ours.peak, theirs.peak)
	}
	return nil
}

// trainings are the training steps whose memory is measured.
func trainings() []benchCase {
	all := models()
	for _, c := range sequences() {
		if !strings.HasPrefix(c.name, "attention") {
			all = append(all, c)
		}
	}
	return all
}

// resident is what a process used before its work and at most, in MiB.
type resident struct{ before, peak float64 }

func (r resident) growth() float64 { return max(r.peak-r.before, 0.1) }

func usage(cmd *exec.Cmd, threads int) (r resident, err error) {
	t := strconv.Itoa(threads)
	cmd.Env = append(os.Environ(), "THREADS="+t, "OMP_NUM_THREADS="+t, "MKL_NUM_THREADS="+t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, err
	}
	_, err = fmt.Sscan(string(out), &r.before, &r.peak)
	return r, err
}

// child trains one model and prints its resident memory before and at most.
func child(name string) error {
	for _, c := range trainings() {
		if c.name != name {
			continue
		}
		// 5 sets the high-water mark to what is resident now.
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
			return err
		}
		before, err := status("VmRSS")
		if err != nil {
			return err
		}
		step := c.make()
		for range memorySteps {
			step()
		}
		peak, err := status("VmHWM")
		if err != nil {
			return err
		}
		fmt.Println(before, peak)
		return nil
	}
	return fmt.Errorf("no model is called %q", name)
}

// status reads a field of /proc/self/status in MiB.
func status(field string) (float64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no %s", field)
}
