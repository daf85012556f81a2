package caffe

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Phase is what a network is built for.
type Phase int

// Phases, as files name them.
const (
	Test Phase = iota
	Train
)

// String returns the name in files.
func (p Phase) String() string { return [...]string{"TEST", "TRAIN"}[p] }

// Net is a network that can run. It is not for several goroutines at once.
type Net struct {
	Name  string
	Phase Phase
	// Keep makes Blob return every intermediate result after Forward.
	Keep bool
	// Dir is where files that layers name are looked for, and in the folders above it, before the working directory.
	Dir string
	// Ignored names the layers that files of weights had and the network lacks.
	Ignored []string

	layers []*layer
	blobs  map[string]*eager.Tensor
	shared map[string]*eager.Tensor // parameters by their names
	seen   map[string]bool          // blobs that a layer reads
	feed   map[string]*eager.Tensor // inputs of the run that goes on
	dry    bool                     // the run only makes weights; see Setup
}

// layer is one layer with its weights.
type layer struct {
	*Message
	net         *Net
	name, kind  string
	bottom, top []string
	blobs       []*eager.Tensor
	used        int  // how many of blobs the layer asked for
	ready       bool // it has run, so that all its weights are there
	run         layerFunc
	state       any             // what a layer keeps between runs
	held        []*eager.Tensor // tops of a data layer that Setup has read and no run has had
}

// layerFunc computes the tops of a layer from its bottoms. It panics with *engine.Error.
type layerFunc func(l *layer, in []*eager.Tensor) []*eager.Tensor

// Load reads a network and, when weights is not "", its caffemodel. model may be a caffemodel itself, which describes
// the network too.
func Load(model, weights string) (*Net, error) {
	m, err := ReadNet(model)
	if err != nil {
		return nil, err
	}
	net, err := New(m, Test)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", model, err)
	}
	net.Dir = filepath.Dir(model)
	if weights != "" {
		if err := net.LoadWeights(weights); err != nil {
			return nil, err
		}
	}
	return net, nil
}

// find returns the path of a file that a layer names.
func (n *Net) find(name string) string { return find(n.Dir, name) }

// find looks for a file in a folder, then in those above it, as solvers name their files from the root of a project.
func find(dir, name string) string {
	if filepath.IsAbs(name) || name == "" {
		return name
	}
	for range 4 {
		if beside := filepath.Join(dir, name); exists(beside) {
			return beside
		}
		dir = filepath.Join(dir, "..")
	}
	return name
}

// ReadNet reads a prototxt or a caffemodel and brings it to the current generation of the format.
func ReadNet(path string) (*Message, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("caffe: %w", err)
	}
	m, err := ParseNet(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ParseNet reads the contents of a prototxt or a caffemodel; see ReadNet.
func ParseNet(b []byte) (m *Message, err error) {
	if isBinary(b) {
		m, err = ParseBinary(b, "NetParameter")
	} else {
		m, err = ParseText(string(b))
	}
	if err != nil {
		return nil, err
	}
	if caught := engine.Catch(func() { err = upgrade(m) }); caught != nil {
		err = caught
	}
	return m, err
}

// isBinary reports whether a file holds control characters, which text does not.
func isBinary(b []byte) bool {
	for _, c := range b[:min(len(b), 4096)] {
		if c < 9 || c > 13 && c < 32 {
			return true
		}
	}
	return false
}

// New builds the network of a message for a phase: layers whose rules exclude the phase are left out.
func New(m *Message, phase Phase) (net *Net, err error) {
	net = &Net{Name: m.Text("name", ""), Phase: phase, shared: map[string]*eager.Tensor{}, seen: map[string]bool{}}
	caught := engine.Catch(func() { err = net.build(m) })
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, err
	}
	return net, nil
}

func (n *Net) build(m *Message) error {
	known := map[string]bool{}
	for _, lm := range m.Messages("layer") {
		if !n.includes(m.Message("state"), lm) {
			continue
		}
		l := &layer{
			Message: lm, net: n, name: lm.Text("name", ""), kind: lm.Text("type", ""),
			bottom: lm.Texts("bottom"), top: lm.Texts("top"),
		}
		if l.run = lookup(l.kind); l.run == nil {
			return n.unknown(l)
		}
		for _, b := range l.bottom {
			if !known[b] {
				return fmt.Errorf("caffe: layer %q (%s): nothing computes bottom %q", l.name, l.kind, b)
			}
			n.seen[b] = true
		}
		for _, t := range l.top {
			known[t], n.seen[t] = true, false // a layer in place makes its blob anew
		}
		for _, b := range lm.Messages("blobs") {
			t, err := blobTensor(b)
			if err != nil {
				return fmt.Errorf("caffe: layer %q: %w", l.name, err)
			}
			l.blobs = append(l.blobs, t)
		}
		n.layers = append(n.layers, l)
	}
	if len(n.layers) == 0 {
		return fmt.Errorf("caffe: the network has no layers for phase %v", n.Phase)
	}
	return nil
}

// unknown says why a layer cannot run.
func (n *Net) unknown(l *layer) error {
	if p := l.Message.Message("python_param"); l.kind == "Python" {
		return fmt.Errorf("caffe: layer %q is the Python class %s.%s, which is not run; caffe.Register(\"Python\", …) can put Go in its place",
			l.name, p.Text("module", ""), p.Text("layer", ""))
	}
	return fmt.Errorf("caffe: layer %q: type %q is unknown; caffe.Register can add it", l.name, l.kind)
}

// includes applies the rules of a layer to the phase, level and stages.
func (n *Net) includes(state, l *Message) bool {
	if l.Has("phase") && l.Text("phase", "") != n.Phase.String() && !l.Has("include") {
		return false
	}
	meets := func(r *Message) bool {
		level, stages := state.Int("level", 0), state.Texts("stage")
		if r.Has("phase") && r.Text("phase", "") != n.Phase.String() ||
			r.Has("min_level") && level < r.Int("min_level", 0) || r.Has("max_level") && level > r.Int("max_level", 0) {
			return false
		}
		for _, s := range r.Texts("stage") {
			if !slices.Contains(stages, s) {
				return false
			}
		}
		return !slices.ContainsFunc(r.Texts("not_stage"), func(s string) bool { return slices.Contains(stages, s) })
	}
	if inc := l.Messages("include"); len(inc) > 0 {
		return slices.ContainsFunc(inc, meets)
	}
	return !slices.ContainsFunc(l.Messages("exclude"), meets)
}

// Forward runs the network on inputs by name and returns the blobs that no layer reads. Layers of type Input take
// what inputs gives in place of the shape that the file states; data layers read their files.
func (n *Net) Forward(inputs map[string]*eager.Tensor) (out map[string]*eager.Tensor, err error) {
	n.blobs, n.feed = map[string]*eager.Tensor{}, inputs
	defer func() { n.feed = nil }()
	names := n.inputNames()
	for name := range inputs {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("caffe: the network has no input %q; it has %s", name, strings.Join(names, ", "))
		}
	}
	last := n.lastReads()
	for i, l := range n.layers {
		engine.Check()
		if err := n.runLayer(l); err != nil {
			return nil, err
		}
		for name, k := range last {
			if k == i && !n.Keep && n.seen[name] {
				delete(n.blobs, name)
			}
		}
	}
	out = map[string]*eager.Tensor{}
	for name, read := range n.seen {
		if b := n.blobs[name]; !read && b != nil {
			out[name] = b
		}
	}
	return out, nil
}

// Setup makes the weights that no file gave, by their fillers, and checks the shapes of the others: it runs the network
// on the first batch of its data layers, which the next Forward gets again, and on zeros where inputs have a stated shape.
func (n *Net) Setup() error {
	if !slices.ContainsFunc(n.layers, func(l *layer) bool { return !l.ready }) {
		return nil
	}
	feed := map[string]*eager.Tensor{}
	for name, shape := range n.Inputs() {
		if shape == nil {
			return fmt.Errorf("caffe: input %q states no shape", name)
		}
		feed[name] = eager.Zeros(shape...)
	}
	n.dry = true
	defer func() { n.dry = false }()
	var err error
	eager.NoGrad(func() { _, err = n.Forward(feed) })
	return err
}

// AddState gives a network that is not built yet a level and stages, which choose among its layers.
func (m *Message) AddState(level int, stages ...string) {
	state := m.Message("state")
	if state == nil {
		state = newMessage()
		m.set("state", state)
	}
	state.set("level", int64(level))
	for _, s := range stages {
		state.add("stage", s)
	}
}

// lastReads says which layer reads each blob last.
func (n *Net) lastReads() map[string]int {
	last := map[string]int{}
	for i, l := range n.layers {
		for _, b := range l.bottom {
			last[b] = i
		}
	}
	return last
}

func (n *Net) inputNames() []string {
	var names []string
	for _, l := range n.layers {
		if len(l.bottom) == 0 {
			names = append(names, l.top...)
		}
	}
	return names
}

// firstTop is the name of a layer's first result.
func (l *layer) firstTop() string {
	if len(l.top) == 0 {
		return ""
	}
	return l.top[0]
}

func (n *Net) runLayer(l *layer) (err error) {
	in := make([]*eager.Tensor, len(l.bottom))
	for i, b := range l.bottom {
		in[i] = n.blobs[b]
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *engine.Error:
			shapes := make([]string, len(in))
			for i, x := range in {
				shapes[i] = fmt.Sprint(x.Shape())
			}
			err = &engine.Error{
				Where: fmt.Sprintf("caffe layer %q", l.name),
				What:  fmt.Sprintf("%s(%s): %s", l.kind, strings.Join(shapes, ", "), strings.TrimPrefix(r.Error(), "caffe: ")),
			}
		default:
			panic(r)
		}
	}()
	out := l.held
	if out == nil {
		out = l.run(l, in)
		if n.dry && len(l.bottom) == 0 && n.feed[l.firstTop()] == nil {
			l.held = out
		}
	} else {
		l.held = nil
	}
	if l.ready = true; len(l.blobs) > l.used && layers[l.kind] != nil && !isCustom(l.kind) {
		fail("the file gives %d weights, the layer has %d", len(l.blobs), l.used)
	}
	if len(out) < len(l.top) {
		fail("%d results for tops %q", len(out), l.top)
	}
	for i, t := range l.top {
		n.blobs[t] = out[i]
	}
	return nil
}

// Blob returns a result of the last Forward by name: an output, or any when Keep is set; nil when there is none.
func (n *Net) Blob(name string) *eager.Tensor { return n.blobs[name] }

// Inputs returns the names and stated shapes of the layers of type Input.
func (n *Net) Inputs() map[string]engine.Shape {
	in := map[string]engine.Shape{}
	for _, l := range n.layers {
		if l.kind == "Input" {
			for i, t := range l.top {
				in[t] = l.inputShape(i)
			}
		}
	}
	return in
}

// Parameter is a weight of a layer with its factors of the learning rate and the weight decay.
type Parameter struct {
	Name                string // LAYER.INDEX
	Value               *eager.Tensor
	RateMult, DecayMult float64
}

// Parameters returns all weights, shared ones once. Weights that no file gave are there after the first Forward.
func (n *Net) Parameters() []Parameter {
	var ps []Parameter
	seen := map[*eager.Tensor]bool{}
	for _, l := range n.layers {
		specs := l.Messages("param")
		for i, b := range l.blobs {
			if b == nil || seen[b] {
				continue
			}
			seen[b] = true
			p := Parameter{Name: fmt.Sprintf("%s.%d", l.name, i), Value: b, RateMult: 1, DecayMult: 1}
			if l.kind == "BatchNorm" {
				p.RateMult, p.DecayMult = 0, 0
			}
			if i < len(specs) {
				p.RateMult, p.DecayMult = specs[i].Float("lr_mult", p.RateMult), specs[i].Float("decay_mult", p.DecayMult)
			}
			ps = append(ps, p)
		}
	}
	return ps
}

// param returns weight i, of the given shape. A file may give the same elements with leading extents of 1. When
// no file gives it, the filler in message p makes it.
func (l *layer) param(i int, shape engine.Shape, p *Message, filler string) *eager.Tensor {
	for len(l.blobs) <= i {
		l.blobs = append(l.blobs, nil)
	}
	l.used = max(l.used, i+1)
	b := l.blobs[i]
	if b == nil {
		if specs := l.Messages("param"); i < len(specs) && specs[i].Has("name") {
			b = l.net.shared[specs[i].Text("name", "")]
		}
	}
	if b == nil {
		b = fill(p.Message(filler), shape)
	}
	if !b.Shape().Equal(shape) {
		if !fits(b.Shape(), shape) {
			fail("weight %d has shape %v, want %v", i, b.Shape(), shape)
		}
		b = b.Detach().Reshape(shape...)
	}
	if b != l.blobs[i] {
		if l.net.Phase == Train && l.rate(i) != 0 {
			b.SetRequiresGrad(true)
		}
		l.blobs[i] = b
		if specs := l.Messages("param"); i < len(specs) && specs[i].Has("name") {
			l.net.shared[specs[i].Text("name", "")] = b
		}
	}
	return b
}

// rate returns the factor of the learning rate of weight i.
func (l *layer) rate(i int) float64 {
	if l.kind == "BatchNorm" {
		return 0
	}
	if specs := l.Messages("param"); i < len(specs) {
		return specs[i].Float("lr_mult", 1)
	}
	return 1
}
