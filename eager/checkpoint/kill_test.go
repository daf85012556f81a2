package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
)

// trainFile names in the environment the checkpoint of a process that trains instead of testing.
const trainFile = "LATHE_TEST_TRAIN"

func TestMain(m *testing.M) {
	if path := os.Getenv(trainFile); path != "" {
		if err := trainChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Of the run: 150 samples are 8 batches, and saves fall in the middle of epochs.
const (
	killSteps   = 40
	killBatches = 8
	saveEvery   = 3
)

// trainChild trains from the checkpoint at path, or from the start when there is none. It prints each step
// with the bits of its loss, and waits for a byte of its input before each.
func trainChild(path string) error {
	eager.Seed(5)
	run := newRun()
	iris := data.Iris()
	loader := data.NewLoader(data.NewTensorDataset(iris.X.To(eager.F32), iris.Y),
		data.LoaderOptions{BatchSize: 20, Shuffle: true, Workers: 2})
	schedule := optim.NewOneCycle(run.Optimizer, optim.OneCycleOptions{MaxLR: 0.05, Steps: killSteps + 1})
	run.Loader, run.Schedule = loader, schedule
	if err := LoadTraining(path, &run); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var ticket [1]byte
	for run.Step < killSteps {
		for b := loader.Epoch(); b.Next() && run.Step < killSteps; {
			if _, err := os.Stdin.Read(ticket[:]); err != nil {
				return err
			}
			run.Optimizer.Self().ZeroGrad()
			loss := nn.CrossEntropy(run.Model.Forward(b.X), b.Y)
			loss.Backward()
			run.Optimizer.Step()
			schedule.Step()
			fmt.Println(run.Step, math.Float64bits(loss.Item()))
			if run.Step++; run.Step%saveEvery == 0 {
				if err := SaveTraining(path, run); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// runChild lets a child make up to steps steps and kills it after the first kill lines (0: never). It
// returns the first step and adds to the losses, which must be those of a step that is made again.
func runChild(t *testing.T, path string, steps, kill int, losses map[int]uint64) (first int) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), trainFile+"="+path)
	c.Stdin, c.Stderr = strings.NewReader(strings.Repeat(".", steps)), os.Stderr
	if kill > 0 { // the input stays open, so that only the signal ends the child
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		fmt.Fprint(w, strings.Repeat(".", steps))
		c.Stdin = r
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	first = -1
	lines := bufio.NewScanner(out)
	for n := 1; lines.Scan(); n++ {
		var step int
		var bits uint64
		if _, err := fmt.Sscan(lines.Text(), &step, &bits); err != nil {
			t.Errorf("line %q: %v", lines.Text(), err)
		}
		if first < 0 {
			first = step
		}
		if old, again := losses[step]; again && old != bits {
			t.Errorf("the loss of step %d is %v, before it was %v", step, math.Float64frombits(bits),
				math.Float64frombits(old))
		}
		losses[step] = bits
		if n == kill {
			if err := c.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	err = c.Wait()
	killed := c.ProcessState.Sys().(syscall.WaitStatus).Signaled()
	if killed != (kill > 0) || kill == 0 && err != nil {
		t.Fatalf("the child ended with %v", err)
	}
	return first
}

// TestKilledTrainingContinuesBitForBit kills a process three times, wherever it is within some steps and
// saves, and compares the loss of every step with a run that nobody disturbs.
func TestKilledTrainingContinuesBitForBit(t *testing.T) {
	dir := t.TempDir()
	losses := map[int]uint64{}
	if first := runChild(t, filepath.Join(dir, "whole"), killSteps, 0, losses); first != 0 {
		t.Errorf("the whole run starts at step %d", first)
	}
	if len(losses) != killSteps {
		t.Fatalf("the whole run has %d steps, want %d", len(losses), killSteps)
	}
	path := filepath.Join(dir, "killed")
	seen, middle := map[int]uint64{}, false
	for i, kill := range []int{5, 4, 11, 0} {
		steps := kill + 4
		if kill == 0 {
			steps = killSteps
		}
		made := map[int]uint64{}
		first := runChild(t, path, steps, kill, made)
		if (first > 0) != (i > 0) || first%saveEvery != 0 {
			t.Errorf("run %d starts at step %d", i, first)
		}
		middle = middle || first%killBatches != 0
		for step, bits := range made {
			seen[step] = bits
			if losses[step] != bits {
				t.Errorf("run %d: the loss of step %d is %v, undisturbed it is %v", i, step,
					math.Float64frombits(bits), math.Float64frombits(losses[step]))
			}
		}
	}
	if len(seen) != killSteps || !middle {
		t.Errorf("%d steps were made, want %d; continued in the middle of an epoch: %v", len(seen), killSteps,
			middle)
	}
}

func TestStateThatDoesNotFitChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	run := newRun()
	schedule := optim.NewCosine(run.Optimizer, 10, 0)
	run.Schedule, run.Loader = schedule, data.NewLoader(data.NewTensorDataset(eager.Ones(8, 1), eager.Ones(8)))
	if err := SaveTraining(path, run); err != nil {
		t.Fatal(err)
	}
	other := newRun()
	other.Loader = data.NewLoader(data.NewTensorDataset(eager.Ones(9, 1), eager.Ones(9)))
	before := other.Model.Self().Params()[0].Float32s()
	err := LoadTraining(path, &other)
	if err == nil || !strings.Contains(err.Error(), "is of 8 samples, batch 0; the data set has 9 samples") {
		t.Errorf("error %v", err)
	}
	if now := other.Model.Self().Params()[0].Float32s(); fmt.Sprint(now) != fmt.Sprint(before) {
		t.Error("the model was changed")
	}
	if err := SaveTraining(path, newRun()); err != nil {
		t.Fatal(err)
	}
	if err := LoadTraining(path, &run); err == nil ||
		!strings.Contains(err.Error(), "leave Training.") {
		t.Errorf("error %v", err)
	}
}

func TestPlateauContinues(t *testing.T) {
	opt := func() optim.Optimizer { return optim.NewSGD(nn.NewLinear(1, 1).Params()) }
	a, b := optim.NewPlateau(opt()), optim.NewPlateau(opt())
	for _, loss := range []float64{1, 0.1, 0.3, 0.3} {
		a.Step(loss)
	}
	text, err := a.MarshalText()
	if err == nil {
		err = b.UnmarshalText(text)
	}
	if again, _ := b.MarshalText(); err != nil || string(again) != string(text) {
		t.Errorf("%q, want %q, error %v", again, text, err)
	}
	if err := b.UnmarshalText([]byte("x")); err == nil {
		t.Error("a broken state was taken")
	}
}
