package gang

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/engine"
)

func TestMain(m *testing.M) {
	Main()
	code := m.Run()
	atEnd()
	os.Exit(code)
}

// atEnd stops what tests have started.
var atEnd = func() {}

// The tasks that workers of tests run; a worker is this test program itself.
var (
	_ = Register("sum", sumTask)
	_ = Register("fit", fitTask)
	_ = Register("fail", func(w *Worker) error {
		if w.Rank == 1 {
			return errors.New("rank 1 has had enough")
		}
		return w.Barrier()
	})
	_ = Register("double", func(w *Worker) error {
		x, err := w.Tensors("id")
		if err != nil {
			return err
		}
		return w.EmitTensors([]string{"id", "twice"}, x[0], x[0].Add(x[0]))
	})
	_ = Register("files", func(w *Worker) error {
		for _, f := range w.Files {
			if err := w.EmitRow([]string{"rank", "file"}, w.Rank, f); err != nil {
				return err
			}
		}
		return nil
	})
	_ = Register("stall", func(w *Worker) error {
		if w.Rank == 1 {
			select {} // the others give up at their deadline
		}
		return w.Barrier()
	})
	_ = Register("half", func(w *Worker) error {
		if w.Rank == 0 {
			return errors.New("rank 0 has enough")
		}
		if w.Barrier() == nil { // until rank 0 has gone
			return errors.New("rank 0 was there")
		}
		return nil
	})
	_ = Register("async", asyncTask)
	_ = Register("judge", judgeTask)
	_ = Register("early", earlyTask)
	_ = Register("read", readTask)
	_ = Register("divided", dividedTask)
	_ = Register("parquet", func(w *Worker) error {
		x, err := w.FileTensors("b", "a")
		if err != nil {
			return err
		}
		return w.EmitRow([]string{"rank", "rows", "b", "a"}, w.Rank, x[0].Size(0), x[0].Sum().Item(), x[1].Sum().Item())
	})
	_ = Register("pid", func(w *Worker) error {
		fmt.Fprintln(os.Stderr, "pid", os.Getpid())
		if err := os.WriteFile(fmt.Sprintf("%s/%d.pid", w.Args[0], w.Rank), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
			return err
		}
		select {}
	})
)

func sumTask(w *Worker) error {
	x, err := w.Tensors("x")
	if err != nil {
		return err
	}
	s := x[0].Sum()
	if err := w.AllReduce(s); err != nil {
		return err
	}
	return w.EmitRow([]string{"rank", "rows", "sum"}, w.Rank, x[0].Shape()[0], s.Storage().F64()[s.Storage().Offset])
}

// fitTask fits y = 2·x0 − 3·x1 + 0.5 by gradient descent over the gang. Args: steps, then, optionally,
// "rank:attempt:step" at which a worker kills itself, and a folder in which it leaves marks: its process id,
// the step that it is at, its end. With marks it takes its time.
func fitTask(w *Worker) error {
	steps, err := strconv.Atoi(w.Args[0])
	if err != nil {
		return err
	}
	data, err := w.Tensors("x0", "x1", "y")
	if err != nil {
		return err
	}
	for i := range data {
		data[i] = data[i].To(engine.F32).Reshape(-1, 1)
	}
	x, y := eager.Concat(1, data[0], data[1]), data[2]
	eager.Seed(uint64(100 + w.Rank)) // ranks begin with different weights; rank 0's go to all
	net := nn.NewLinear(2, 1)
	ddp, err := NewDataParallel(w, net)
	if err != nil {
		return err
	}
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.3})
	training := checkpoint.Training{Model: net, Optimizer: opt}
	first := 0
	if _, err := w.Resume(func(file string) error {
		err := checkpoint.LoadTraining(file, &training)
		first = training.Step
		return err
	}); err != nil {
		return err
	}
	mark := func(name string, n int) error {
		if len(w.Args) < 3 {
			return nil
		}
		file := filepath.Join(w.Args[2], fmt.Sprintf("%s-%d-%d", name, w.Attempt, w.Rank))
		return os.WriteFile(file, []byte(strconv.Itoa(n)), 0o644)
	}
	if err := mark("pid", os.Getpid()); err != nil {
		return err
	}
	loss := 0.0
	for step := first; step < steps; step++ {
		if err := mark("step", step); err != nil {
			return err
		}
		if len(w.Args) > 2 {
			time.Sleep(25 * time.Millisecond)
		}
		if len(w.Args) > 1 && w.Args[1] == fmt.Sprintf("%d:%d:%d", w.Rank, w.Attempt, step) {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				return err
			}
		}
		opt.ZeroGrad()
		l := net.Forward(x).Sub(y).Square().Mean()
		if err := ddp.Backward(l); err != nil {
			return err
		}
		opt.Step()
		loss = l.Item()
		if w.checkpoint != "" && (step+1)%10 == 0 {
			training.Step = step + 1
			err := w.Save(func(file string) error { return checkpoint.SaveTraining(file, training) })
			if err != nil {
				return err
			}
		}
	}
	if err := errors.Join(w.Barrier(), mark("end", steps)); err != nil {
		return err
	}
	weights := append(append([]float64{}, wide(net.Params()[0])...), wide(net.Params()[1])...)
	return w.EmitRow([]string{"rank", "rows", "attempt", "first", "loss", "w"},
		w.Rank, x.Shape()[0], w.Attempt, first, loss, weights)
}

func wide(x *eager.Tensor) []float64 {
	return x.Detach().To(engine.F64).Contiguous().Storage().F64()
}

// asyncTask fits the numbers of fitTask with a parameter server; the last rank is slow.
func asyncTask(w *Worker) error {
	eager.Seed(uint64(w.Rank))
	net := nn.NewLinear(2, 1)
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.05})
	ps, err := NewParameterServer(w, net, opt)
	if err != nil {
		return err
	}
	defer ps.Close()
	if w.Rank == 0 {
		updates := 0
		if err := ps.Serve(func(n int) error {
			updates = n
			return nil
		}); err != nil {
			return err
		}
		weights := append(append([]float64{}, wide(net.Params()[0])...), wide(net.Params()[1])...)
		return w.EmitRow([]string{"updates", "w"}, updates, weights)
	}
	steps := 150
	if w.Rank == w.Size-1 {
		steps = 10
	}
	for i := range steps {
		if w.Rank == w.Size-1 {
			time.Sleep(time.Millisecond)
		}
		if len(w.Args) > 0 && w.Rank == 1 && i == 5 {
			os.Exit(9)
		}
		x := eager.Randn(64, 2)
		y := x.MatMul(eager.New([]float32{2, -3}).Reshape(2, 1)).Add(eager.New([]float32{0.5}))
		net.Forward(x).Sub(y).Square().Mean().Backward()
		if err := ps.Update(); err != nil {
			return err
		}
	}
	return ps.Close()
}

// judgeTask trains in all ranks but one, which judges their checkpoints.
func judgeTask(w *Worker) error {
	net := nn.NewLinear(2, 1)
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.3})
	state := checkpoint.Training{Model: net, Optimizer: opt}
	x := eager.Randn(64, 2)
	y := x.MatMul(eager.New([]float32{2, -3}).Reshape(2, 1))
	loss := func() *eager.Tensor { return net.Forward(x).Sub(y).Square().Mean() }
	if w.Evaluator {
		seen := 0
		err := w.Checkpoints(func(file string) error {
			seen++
			if err := checkpoint.LoadTraining(file, &state); err != nil {
				return err
			}
			return w.Log("loss", state.Step, loss().Item())
		})
		if err != nil {
			return err
		}
		return w.EmitRow([]string{"evaluator", "rank", "size", "checkpoints", "step"}, 1, w.Rank, w.Size, seen, state.Step)
	}
	ddp, err := NewDataParallel(w, net)
	if err != nil {
		return err
	}
	for step := range 30 {
		opt.ZeroGrad()
		l := loss()
		if err := ddp.Backward(l); err != nil {
			return err
		}
		opt.Step()
		if step%10 == 9 {
			state.Step = step + 1
			if err := errors.Join(w.Log("loss", step+1, l.Item()), w.Save(func(file string) error {
				return checkpoint.SaveTraining(file, state)
			})); err != nil {
				return err
			}
		}
	}
	return w.EmitRow([]string{"evaluator", "rank", "size", "checkpoints", "step"}, 0, w.Rank, w.Size, 0, 30)
}

// earlyTask trains until somebody says stop: rank 1 after step 7, or with an evaluator that one when it has
// seen the checkpoint of step 20 or a later one.
func earlyTask(w *Worker) error {
	if w.Evaluator {
		if err := w.Checkpoints(func(file string) error {
			b, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if step, err := strconv.Atoi(string(b)); err != nil || step < 20 {
				return err
			}
			return w.Stop()
		}); err != nil {
			return err
		}
		return w.EmitRow([]string{"rank", "steps"}, -1, 0)
	}
	for step := 1; ; step++ {
		if w.checkpoint != "" {
			if err := w.Save(func(file string) error { return os.WriteFile(file, []byte(strconv.Itoa(step)), 0o644) }); err != nil {
				return err
			}
		} else if w.Rank == 1 && step == 7 {
			if err := w.Stop(); err != nil {
				return err
			}
		}
		stopped, err := w.Stopped()
		if err != nil {
			return err
		}
		if stopped {
			return w.EmitRow([]string{"rank", "steps"}, w.Rank, step)
		}
	}
}

// readTask reads its files in shuffled batches, twice, and tells how many samples there were, their sums, and
// whether the second epoch had another order. Args: columns of X, with commas, and of Y.
func readTask(w *Worker) error {
	o := FileOptions{X: strings.Split(w.Args[0], ","), Y: w.Args[1]}
	if w.Args[0] == "" {
		o.X, o.Transform = nil, func(x *eager.Tensor) *eager.Tensor { return x.To(engine.F32).Flatten(0).Slice(0, 0, 2) }
	}
	s, err := w.FileStream(o)
	if err != nil {
		return err
	}
	loader := data.NewStreamLoader(s, data.StreamOptions{BatchSize: 4, Buffer: 16, Workers: 2, Seed: 1})
	var orders [2]string
	n, x, y := 0, 0.0, 0.0
	for epoch := range orders {
		n, x, y = 0, 0, 0
		for _, b := range loader.Batches() {
			n += b.X.Size(0)
			x += b.X.Sum().Item()
			y += b.Y.Sum().Item()
			orders[epoch] += fmt.Sprint(b.X.Storage().F32())
		}
	}
	return w.EmitRow([]string{"rank", "samples", "x", "y", "shuffled", "classes"}, w.Rank, n, x, y,
		strconv.FormatBool(orders[0] != orders[1]), strings.Join(w.Classes(), "+"))
}
