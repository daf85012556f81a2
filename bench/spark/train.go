package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/data/table"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/eager/optim"
	"github.com/lathe-ml/lathe/spark"
	"github.com/lathe-ml/lathe/spark/gang"
)

const (
	trainSteps = 160 // in parts of 10, of which the fastest counts
	trainBatch = 128 // of the whole gang
)

func newNet() *nn.Sequential {
	return nn.NewSequential(
		nn.NewConv2D(1, 16, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewConv2D(16, 32, 5, nn.ConvOptions{Padding: 2}), nn.NewReLU(), nn.NewMaxPool2D(2),
		nn.NewFlatten(), nn.NewLinear(32*7*7, 128), nn.NewReLU(), nn.NewLinear(128, 10),
	)
}

// The task trains a small convolutional network on digits: rank r takes its part of each batch, so that two
// ranks see what one would.
var _ = gang.Register("train", func(w *gang.Worker) error {
	set, _ := data.MNIST()
	eager.Seed(1)
	net := newNet()
	ddp, err := gang.NewDataParallel(w, net)
	if err != nil {
		return err
	}
	opt := optim.NewSGD(net.Params(), optim.SGDOptions{LR: 0.05, Momentum: 0.9})
	part := trainBatch / w.Size
	loss, began, took := 0.0, time.Now(), math.Inf(1)
	var sums, ofSums time.Duration // in this part, and in the fastest
	for step := range trainSteps {
		if step%10 == 0 {
			if err := w.Barrier(); err != nil {
				return err
			}
			if d := time.Since(began).Seconds(); step > 10 && d < took { // the first ones warm up
				took, ofSums = d, sums
			}
			began, sums = time.Now(), 0
		}
		at := step*trainBatch%(set.Len()-trainBatch) + w.Rank*part
		opt.ZeroGrad()
		l := nn.CrossEntropy(net.Forward(set.X.Slice(0, at, at+part)), set.Y.Slice(0, at, at+part))
		l.Backward()
		computed := time.Now()
		if len(w.Args) == 0 {
			if err := ddp.Average(); err != nil {
				return err
			}
		}
		sums += time.Since(computed)
		opt.Step()
		loss = l.Item()
	}
	norm := 0.0
	for _, p := range net.Params() {
		norm += p.Detach().Square().Sum().Item()
	}
	return w.EmitRow([]string{"rank", "seconds", "sums", "loss", "norm"}, w.Rank, took, ofSums.Seconds(), loss, math.Sqrt(norm))
})

// train compares two workers of one thread with one worker of one thread, on the same batches, in processes of
// this machine or, with an address, in the executors of a Spark. With -bind each worker keeps to a processor of
// its own: some systems put two processes that wait for each other on one. Two workers that sum nothing show what
// the machine gives to two processes.
func train(ctx context.Context, address string, bind, tls bool) error {
	var s *spark.Session
	if address != "" {
		var err error
		if s, err = spark.Connect(address); err != nil {
			return err
		}
		defer s.Close()
	}
	fmt.Println("| workers | images/s | of the time in all-reduce | norm of the weights |\n|---|---|---|---|")
	rate := map[string]float64{}
	for _, who := range []string{"1", "2, no sums", "2", "1", "2, no sums", "2", "1", "2, no sums", "2"} {
		j := gang.Job{
			Task: "train", Workers: 2, Output: "rank bigint, seconds double, sums double, loss double, norm double", Bind: bind, TLS: tls,
		}
		switch who {
		case "1":
			j.Workers = 1
		case "2, no sums":
			j.Args = []string{"alone"}
		}
		t, err := trained(ctx, s, j)
		if err != nil {
			return err
		}
		r := 10 * trainBatch / t.Column("seconds").Floats[0]
		rate[who] = max(rate[who], r)
		sums := t.Column("sums").Floats[0] / t.Column("seconds").Floats[0]
		fmt.Printf("| %s | %.0f | %.0f %% | %.7f |\n", who, r, 100*sums, t.Column("norm").Floats[0])
	}
	fmt.Printf("\n2 workers : 1 worker = %.2f; without sums %.2f\n", rate["2"]/rate["1"], rate["2, no sums"]/rate["1"])
	return nil
}

// trained is what the workers of j tell, in executors of s or, without one, here.
func trained(ctx context.Context, s *spark.Session, j gang.Job) (*table.Table, error) {
	if s == nil {
		out, err := j.Local(ctx)
		if err != nil {
			return nil, err
		}
		return gang.TableOf(out)
	}
	out, err := j.Run(s)
	if err != nil {
		return nil, err
	}
	return out.Table()
}
