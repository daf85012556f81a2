package host_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/kernel/host"
	"github.com/lathe-ml/lathe/kernel/wire"
)

// parent is what the test binary does as a server: it starts a kernel, keeps it busy, prints its id
// and waits to be killed.
func parent() int {
	exe, err := os.Executable()
	if err != nil {
		return 1
	}
	k, err := host.Start(context.Background(), host.Options{Command: []string{exe, "kernel"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: "for { }"})
	if err != nil || k.Send(m) != nil {
		return 1
	}
	fmt.Println(k.PID())
	select {}
}

func TestAKilledServerLeavesNoKernel(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "parent")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it says that the process was killed
	for end := time.Now().Add(time.Minute); running(pid); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("kernel %d outlived its server", pid)
		}
	}
}

// running reports whether a process exists and is no zombie that waits to be collected.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}
