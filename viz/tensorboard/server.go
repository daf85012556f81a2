package tensorboard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/lathe-ml/lathe/kernel/display"
)

// Board is a running TensorBoard.
//
// Goroutines: Start starts one that reads what TensorBoard prints and waits for its end, which Stop causes.
type Board struct {
	URL string
	Dir string

	command *exec.Cmd
	ended   chan struct{}
}

// Options are the options of Start; the zero value is the default.
type Options struct {
	Python  string        // that has tensorboard; "": LATHE_PYTHON, or the command tensorboard
	Timeout time.Duration // to wait for it; 0: 1 minute
}

var listening = regexp.MustCompile(`at (http://\S+)`)

// Start runs TensorBoard on dir, on any free port of this machine, until Stop or the end of this process.
func Start(dir string, o ...Options) (*Board, error) {
	var opt Options
	if len(o) > 0 {
		opt = o[0]
	}
	if opt.Timeout == 0 {
		opt.Timeout = time.Minute
	}
	args := []string{"tensorboard"}
	if opt.Python == "" {
		opt.Python = os.Getenv("LATHE_PYTHON")
	}
	if opt.Python != "" {
		args = []string{opt.Python, "-m", "tensorboard.main"}
	}
	// the shell ends TensorBoard when the pipe to it ends, as it does with this process
	const guarded = `(read _ <&3; kill -9 -$$) >/dev/null 2>&1 & "$@" 3<&- & wait $!`
	c := exec.Command("/bin/sh", append(append([]string{"-c", guarded, "sh"}, args...),
		"--logdir", dir, "--port", "0", "--host", "127.0.0.1", "--reload_interval", "1")...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	far, near, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("tensorboard.Start: %w", err)
	}
	defer far.Close()
	c.ExtraFiles = []*os.File{far}
	out, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("tensorboard.Start: %w", errors.Join(err, near.Close()))
	}
	b := &Board{Dir: dir, command: c, ended: make(chan struct{})}
	found := make(chan string, 1)
	said := make(chan string, 1)
	go func() {
		defer close(b.ended)
		defer near.Close()
		var lines []string
		for s := bufio.NewScanner(out); s.Scan(); {
			if m := listening.FindStringSubmatch(s.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
			if len(lines) < 20 {
				lines = append(lines, s.Text())
			}
		}
		said <- strings.Join(lines, "\n")
		_ = c.Wait() // it ends by a signal
	}()
	ctx, cancel := context.WithTimeout(context.Background(), opt.Timeout)
	defer cancel()
	select {
	case b.URL = <-found:
		return b, nil
	case <-b.ended:
		return nil, fmt.Errorf("tensorboard.Start: %s has ended; is it installed (pip install tensorboard)?\n%s", args[0], <-said)
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("tensorboard.Start: %s does not answer within %v", args[0], opt.Timeout), b.Stop())
	}
}

// Stop ends TensorBoard.
func (b *Board) Stop() error {
	err := syscall.Kill(-b.command.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		err = nil
	}
	<-b.ended
	return err
}

// String says where it is.
func (b *Board) String() string { return "TensorBoard of " + b.Dir + " at " + b.URL }

// Display shows a link and the page in a frame.
func (b *Board) Display() display.Data {
	u := html.EscapeString(b.URL)
	return display.Data{MIME: map[string]any{
		"text/plain": b.String(),
		"text/html": fmt.Sprintf(`<p>TensorBoard: <a href="%s" target="_blank">%s</a></p><iframe src="%s" `+
			`style="width:100%%;height:600px;border:1px solid #ccc"></iframe>`, u, u, u),
	}}
}
