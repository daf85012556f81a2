package main

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
	"github.com/lathe-ml/lathe/jit/importer"
	"github.com/lathe-ml/lathe/jit/model"
)

func modelCommand() command {
	return command{
		name: "model", args: "info|run|bench|convert|quantize|serve|train|test|time|images|mean|zoo FILE [input.npy …]",
		short:   "look at, run, measure, convert, quantise, serve or train models: .lathe, .onnx, Caffe's .prototxt, Caffe2's .pb",
		example: "lathe model run net.onnx image.npy -o scores.npy",
		run:     runModel,
	}
}

func runModel(ctx context.Context, e *env) error {
	out := e.flags.String("o", "", "run, quantize: write the first output as NumPy array, or the new model, to `FILE`")
	graph := e.flags.Bool("graph", false, "info: list the graph, too")
	runs := e.flags.Int("n", 100, "bench: `number` of runs")
	nodes := e.flags.Bool("nodes", false, "bench: what each operator took, with GFLOP/s and GB/s, too")
	threads := e.flags.Int("threads", 0, "`number` of threads; 0: all")
	seed := e.flags.Uint64("seed", 0, "`seed` of graphs that draw random numbers, and of -shuffle")
	weights := e.flags.String("weights", "", "Caffe: the `FILE`.caffemodel of a .prototxt, train: several with commas between them; Caffe2: the init net of a .pb")
	shapes := e.flags.String("shape", "", "`extents` of inputs that the file leaves free: data=1,3,224,224;mask=1,8")
	var quantize quantizeFlags
	quantize.add(e)
	var served serveFlags
	served.add(e)
	var trained caffeFlags
	trained.add(e)
	var store zooFlags
	store.add(e)
	if err := e.parse(); err != nil {
		return err
	}
	if *threads > 0 {
		engine.SetThreads(*threads)
		defer engine.SetThreads(0)
	}
	if len(e.args) > 0 {
		switch e.args[0] {
		case "train", "test", "time":
			return trained.run(ctx, e, *weights)
		case "images", "mean":
			return trained.convert(e, *seed)
		}
	}
	if len(e.args) > 0 && e.args[0] == "zoo" {
		return store.run(ctx, e, e.args[1:])
	}
	if len(e.args) < 2 {
		return usagef("wants what to do (info, run, bench, convert, quantize, serve, train, test, time, images, mean or zoo) and a file: lathe model info net.onnx")
	}
	if *runs < 1 {
		return usagef("-n %d: want at least 1", *runs)
	}
	what, inputs := e.args[0], e.args[2:]
	switch what {
	case "info", "run", "bench":
	case "convert":
		return convertModel(e, *weights, *shapes)
	case "quantize":
		return quantizeModel(e, &quantize, *weights, *shapes, *out)
	case "serve":
		return serveModels(ctx, e, &served, *weights, *shapes)
	default:
		return usagef("%q is unknown; want info, run, bench, convert, quantize, serve, train, test, time, images, mean or zoo", what)
	}
	if what == "info" && importer.Known(e.args[1]) {
		s, err := importer.Open(e.args[1], *weights)
		if err != nil {
			return err
		}
		fmt.Fprint(e.stdout, s.Info)
		if !*graph {
			return nil
		}
	}
	m, err := importer.Model(e.args[1], *weights, *shapes, inputs)
	if err != nil {
		d, err := importer.OpenDirect(e.args[1], *weights, *shapes, inputs, err)
		switch {
		case err != nil:
			return err
		case what == "info":
			return withoutGraph(d)
		}
		eager.Seed(*seed)
		noteDirect(e, d)
		if what == "run" {
			return runOnce(e, runnableDirect(d), inputs, *out)
		}
		if *nodes {
			return fmt.Errorf("bench: -nodes wants a model that has a graph; without it the operators take what benchmarks of them say")
		}
		return benchModel(ctx, e, runnableDirect(d), *runs)
	}
	defer m.Close()
	m.Seed(*seed)
	switch what {
	case "info":
		if !importer.Known(e.args[1]) {
			fmt.Fprint(e.stdout, m.Info())
		}
		if *graph {
			fmt.Fprint(e.stdout, m.Graph())
		}
		return nil
	case "run":
		return runOnce(e, runnableGraph(m), inputs, *out)
	}
	if err := benchModel(ctx, e, runnableGraph(m), *runs); err != nil || !*nodes {
		return err
	}
	return profileModel(e, m, *runs)
}

// runnable is a model that runs, as a graph or operator by operator.
type runnable struct {
	run     func(in []engine.Array) ([]engine.Array, error)
	inputs  []op.Type
	outputs []string
}

func runnableGraph(m *model.Model) runnable {
	g := m.Graph()
	r := runnable{run: m.Run}
	for _, x := range g.Inputs {
		r.inputs = append(r.inputs, g.Type(x.Value))
	}
	for _, y := range g.Outputs {
		r.outputs = append(r.outputs, y.Name)
	}
	return r
}

func runnableDirect(d *importer.Direct) runnable {
	r := runnable{run: d.Run, outputs: d.Outputs}
	for i, t := range d.Types {
		r.inputs = append(r.inputs, op.Type{DType: t, Shape: d.Shapes[i]})
	}
	return r
}

// noteDirect says why d runs operator by operator.
func noteDirect(e *env, d *importer.Direct) {
	fmt.Fprintf(e.stderr, "lathe: run operator by operator, without a graph: %v\n", d.Why)
}

// runOnce runs m on arrays from files and prints or saves what comes out.
func runOnce(e *env, m runnable, files []string, out string) error {
	in := make([]engine.Array, len(files))
	for i, f := range files {
		x, err := checkpoint.LoadNPY(f)
		if err != nil {
			return err
		}
		in[i] = x.Array()
	}
	y, err := m.run(in)
	if err != nil {
		return err
	}
	for i, a := range y {
		if i == 0 && out != "" {
			if err := checkpoint.SaveNPY(out, eager.FromArray(a)); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%s = %v\n", m.outputs[i], eager.FromArray(a))
	}
	return nil
}

// zeros returns inputs of zeros.
func (m runnable) zeros() []engine.Array {
	in := make([]engine.Array, len(m.inputs))
	for i, t := range m.inputs {
		in[i] = engine.Zeros(t.DType, t.Shape)
	}
	return in
}

// profileModel prints what the operators of m take on inputs of zeros.
func profileModel(e *env, m *model.Model, runs int) error {
	p, err := m.Profile(runs, runnableGraph(m).zeros())
	if err != nil {
		return err
	}
	fmt.Fprint(e.stdout, p)
	return nil
}

// benchModel measures runs on inputs of zeros.
func benchModel(ctx context.Context, e *env, m runnable, runs int) error {
	in := m.zeros()
	times := make([]time.Duration, 0, runs)
	for range runs + 1 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		start := time.Now()
		if _, err := m.run(in); err != nil {
			return err
		}
		times = append(times, time.Since(start))
	}
	first := times[0]
	times = times[1:]
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	fmt.Fprintf(e.stdout, "first run %v; of %d others: fastest %v, median %v, slowest %v (%d threads)\n", first, runs,
		times[0], times[runs/2], times[runs-1], engine.Threads())
	return nil
}
