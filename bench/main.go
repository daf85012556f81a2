// Command bench times Lathe against a peer in one interleaved run and prints ratios.
//
//	python3 -m venv bench/.venv && bench/.venv/bin/pip install torch==2.15.0 numpy
//	go run ./bench -python bench/.venv/bin/python -threads 2 -o bench/results
//	go run ./bench -python bench/.venv/bin/python -memory > bench/results-memory.md
//	go run ./bench -python bench/.venv/bin/python -loader PHOTOS > bench/results-loader.md
//	go run ./bench -python VENV/bin/python -inference -o bench/results-inference (onnxruntime, onnx)
//	go run ./bench -python VENV/bin/python -jpeg PHOTOS MODEL.onnx … > bench/results-jpeg.md (onnxruntime)
//	go run ./bench -parallel > bench/results-parallel.md
//	go run ./bench -caffenet -budget 10s > bench/results-caffenet-2t.md
//
// Our side runs in this process, the peer's in a child; they take turns, A B A B …, so that a drift of
// the machine's speed meets both. A repeat is clean when no thread of its process was preempted.
// Figures are the minimum over all repeats and the median of the clean ones; the ratio is peer/ours,
// above 1 where Lathe is faster. Differences under 15 % are ties.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/lathe-ml/lathe/eager/parallel"
	"github.com/lathe-ml/lathe/engine"
)

func main() {
	parallel.Main()
	log.SetFlags(0)
	python := flag.String("python", "python3", "Python with the peer installed")
	threads := flag.Int("threads", 2, "threads on both sides")
	only := flag.String("run", ".", "regular expression over case names")
	budget := flag.Duration("budget", 3*time.Second, "time per case and side")
	out := flag.String("o", "", "write rows into OUT-THREADS.md and .json, too")
	memory := flag.Bool("memory", false, "peak memory of the models' training instead of times")
	photos := flag.String("loader", "", "folder of JPEG files (bench/photos.py makes one): time loading it")
	one := flag.String("child", "", "train one model and print its memory (what -memory starts)")
	processes := flag.Bool("parallel", false, "data parallel training over processes, without a peer")
	caffenet := flag.Bool("caffenet", false, "images a second of Caffe's reference network, without a peer")
	jpegs := flag.String("jpeg", "", "folder of JPEG files: classify them with ResNet-50 and the models given, beside ONNX Runtime")
	infer := flag.Bool("inference", false, "frozen graphs beside ONNX Runtime instead of PyTorch")
	flag.Parse()
	engine.SetThreads(*threads)
	if *infer {
		match, err := regexp.Compile(*only)
		if err == nil {
			err = reportInference(*python, *threads, match, *budget, *out)
		}
		if err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if *jpegs != "" {
		match, err := regexp.Compile(*only)
		if err == nil {
			err = reportJPEG(*python, *jpegs, flag.Args(), match, *threads, *budget)
		}
		if err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if *caffenet {
		if err := reportCaffeNet(*threads, *budget); err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if *processes {
		if err := reportParallel(); err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if *one != "" {
		if err := child(*one); err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if *photos != "" {
		if err := reportLoader(*python, *photos); err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if *memory {
		match, err := regexp.Compile(*only)
		if err == nil {
			err = reportMemory(*python, *threads, match)
		}
		if err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if err := run(*python, *threads, *only, *budget, *out); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(python string, threads int, only string, budget time.Duration, out string) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	p, err := startPeer(threads, python, "bench/peer_torch.py")
	if err != nil {
		return err
	}
	defer p.stop()
	r := report{Peer: p.name, Threads: threads, CPU: cpuName()}
	for _, c := range cases() {
		if !match.MatchString(c.name) {
			continue
		}
		row, err := pair(c, p, budget)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		r.Rows = append(r.Rows, row)
		fmt.Fprintln(os.Stderr, row)
		if err := r.write(out); err != nil { // at once: a long run may be ended
			return err
		}
	}
	fmt.Print(r.markdown())
	return nil
}

// peer is the child process of the other side.
type peer struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// startPeer starts a program that measures what it reads the names of.
func startPeer(threads int, command ...string) (*peer, error) {
	cmd := exec.Command(command[0], command[1:]...)
	t := fmt.Sprint(threads)
	cmd.Env = append(os.Environ(), "THREADS="+t, "OMP_NUM_THREADS="+t, "MKL_NUM_THREADS="+t)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("peer: %w; run from the repository root and give -python", err)
	}
	p := &peer{cmd: cmd, in: in, out: bufio.NewReader(out)}
	name, err := p.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("peer did not start: %w", err)
	}
	p.name = strings.TrimSpace(name)
	return p, nil
}

func (p *peer) stop() {
	_ = p.signal(syscall.SIGCONT) // an error may have left it stopped; it may be gone
	p.in.Close()
	p.cmd.Wait()
}

// settle is the pause between turns: the idle threads of the side that has finished spin for some
// milliseconds, and would take a processor from the other.
const settle = 8 * time.Millisecond

// signal stops the peer in our turn, and lets it go on: threads of ONNX Runtime spin longer than settle.
func (p *peer) signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// sample is the time of one repeat.
type sample struct {
	seconds float64 // per step
	clean   bool
}

func (p *peer) measure(name string, count int) (sample, error) {
	fmt.Fprintln(p.in, name, count)
	var seconds float64
	var switches int
	if _, err := fmt.Fscanf(p.out, "%g %d\n", &seconds, &switches); err != nil {
		return sample{}, fmt.Errorf("peer: %w", err)
	}
	return sample{seconds / float64(max(count, 1)), switches == 0}, nil
}

func measure(step func(), count int) sample {
	before := switches()
	start := time.Now()
	for range count {
		step()
	}
	return sample{time.Since(start).Seconds() / float64(count), switches() == before}
}

func switches() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return -1
	}
	return r.Nivcsw
}

// pair alternates both sides until each has used the budget.
func pair(c benchCase, p *peer, budget time.Duration) (row, error) {
	step := c.make()
	for range 3 {
		step()
	}
	if _, err := p.measure(c.name, 0); err != nil {
		return row{}, err
	}
	one := measure(step, 1).seconds
	count := max(1, int(0.005/one))
	r := row{Name: c.name, Work: c.work}
	deadline := time.Now().Add(2 * budget)
	for n := 0; n < 5 || time.Now().Before(deadline) && n < 2000; n++ {
		if err := p.signal(syscall.SIGSTOP); err != nil {
			return r, err
		}
		measure(step, count) // threads find their processors and caches again
		r.ours = append(r.ours, measure(step, count))
		if err := p.signal(syscall.SIGCONT); err != nil {
			return r, err
		}
		time.Sleep(settle)
		if _, err := p.measure(c.name, count); err != nil {
			return r, err
		}
		s, err := p.measure(c.name, count)
		if err != nil {
			return r, err
		}
		r.theirs = append(r.theirs, s)
		time.Sleep(settle)
	}
	r.summarise()
	return r, nil
}
