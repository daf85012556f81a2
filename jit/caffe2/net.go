package caffe2

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/caffe"
)

// Net is a network that can run. It is not for several goroutines at once.
type Net struct {
	Name string

	ops     []*operator
	weights map[string]*eager.Tensor
	order   []string // of the weights
	inputs  []string
	outputs []string
	shapes  map[string]engine.Shape // of inputs that an init net gives a value
}

// operator is one step of a net.
type operator struct {
	*caffe.Message
	kind    string
	in, out []string
	args    map[string]*caffe.Message
	run     func(c *call) []*eager.Tensor
}

// call is an operator that runs, with its inputs.
type call struct {
	*operator
	in []*eager.Tensor
}

// operators holds what every operator does. It panics with *engine.Error.
var operators = map[string]func(c *call) []*eager.Tensor{}

// Operators returns the names of all operators.
func Operators() []string {
	names := make([]string, 0, len(operators))
	for n := range operators {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// fail panics with an error that says which operator it is about, which callers add.
func fail(format string, args ...any) { engine.Fail("caffe2", format, args...) }

// Load reads a predict net and, when init is not "", the net that fills its weights, and runs that.
func Load(predict, init string) (*Net, error) {
	p, err := ReadNet(predict)
	if err != nil {
		return nil, err
	}
	var i *caffe.Message
	if init != "" {
		if i, err = ReadNet(init); err != nil {
			return nil, err
		}
	}
	net, err := New(p, i)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", predict, err)
	}
	return net, nil
}

// ReadNet reads a NetDef, binary or as text.
func ReadNet(path string) (*caffe.Message, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("caffe2: %w", err)
	}
	m, err := ParseNet(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ParseNet reads the contents of a file; see ReadNet.
func ParseNet(b []byte) (m *caffe.Message, err error) {
	if isText(b) {
		m, err = caffe.ParseText(string(b))
	} else {
		m, err = caffe.ParseBinary(b, "NetDef")
	}
	if err != nil {
		return nil, err
	}
	if !m.Has("op") {
		return nil, fmt.Errorf("caffe2: not a NetDef: it has no operators")
	}
	return m, nil
}

// isText reports whether a file begins without control characters, as a binary net does not.
func isText(b []byte) bool {
	return !slices.ContainsFunc(b[:min(len(b), 4096)], func(c byte) bool { return c < 9 || c > 13 && c < 32 })
}

// New returns the network of a predict net whose weights init fills; init may be nil.
func New(predict, init *caffe.Message) (net *Net, err error) {
	net = &Net{weights: map[string]*eager.Tensor{}, shapes: map[string]engine.Shape{}}
	if caught := engine.Catch(func() { err = net.build(predict, init) }); caught != nil {
		return nil, caught
	}
	if err != nil {
		return nil, err
	}
	return net, nil
}

func (n *Net) build(predict, init *caffe.Message) error {
	n.Name = predict.Text("name", "")
	if init != nil {
		ops, err := compile(init)
		if err != nil {
			return fmt.Errorf("init net: %w", err)
		}
		eager.NoGrad(func() { err = run(ops, n.weights) })
		if err != nil {
			return fmt.Errorf("init net: %w", err)
		}
	}
	var err error
	if n.ops, err = compile(predict); err != nil {
		return err
	}
	read, made := map[string]bool{}, map[string]bool{}
	for _, o := range n.ops {
		for _, name := range o.in {
			if !made[name] && !read[name] && n.weights[name] == nil {
				n.inputs = append(n.inputs, name)
			}
			if !made[name] && !read[name] && n.weights[name] != nil {
				n.order = append(n.order, name)
			}
			read[name] = true
		}
		for _, name := range o.out {
			made[name] = true
		}
	}
	return n.ends(predict, made)
}

// ends decides which names are inputs, weights and outputs. Exporters list the data first among the external
// inputs, and some init nets give them an example's value.
func (n *Net) ends(predict *caffe.Message, made map[string]bool) error {
	external := predict.Texts("external_input")
	if len(n.inputs) == 0 && len(external) > 0 && n.weights[external[0]] != nil {
		first := external[0]
		n.shapes[first] = n.weights[first].Shape()
		n.inputs = []string{first}
		n.order = slices.DeleteFunc(n.order, func(w string) bool { return w == first })
		delete(n.weights, first)
	}
	for name := range n.weights {
		if !slices.Contains(n.order, name) {
			delete(n.weights, name) // no operator reads it
		}
	}
	if n.outputs = predict.Texts("external_output"); len(n.outputs) == 0 {
		last := map[string]int{}
		for i, o := range n.ops {
			for _, name := range o.in {
				last[name] = i
			}
		}
		for i, o := range n.ops {
			for _, name := range o.out {
				if at, read := last[name]; (!read || at < i) && !slices.Contains(n.outputs, name) {
					n.outputs = append(n.outputs, name)
				}
			}
		}
	}
	for _, name := range n.outputs {
		if !made[name] {
			return fmt.Errorf("caffe2: nothing computes the output %q", name)
		}
	}
	return nil
}

// compile looks the operators of a net up.
func compile(m *caffe.Message) ([]*operator, error) {
	var ops []*operator
	var unknown []string
	for _, om := range m.Messages("op") {
		o := &operator{Message: om, kind: om.Text("type", ""), in: om.Texts("input"), out: om.Texts("output"), args: map[string]*caffe.Message{}}
		for _, a := range om.Messages("arg") {
			o.args[a.Text("name", "")] = a
		}
		if o.run = operators[o.kind]; o.run == nil && !slices.Contains(unknown, o.kind) {
			unknown = append(unknown, o.kind)
		}
		ops = append(ops, o)
	}
	if len(unknown) == 0 {
		return ops, nil
	}
	slices.Sort(unknown)
	why := "there is no such operator here"
	switch {
	case strings.HasPrefix(unknown[0], "Int8"):
		why = "operators for bytes are not read; convert the net of floats and use lathe model quantize"
	case strings.HasSuffix(unknown[0], "Gradient"):
		why = "gradients come from the tape here; give the net of the forward pass"
	}
	return nil, fmt.Errorf("caffe2: operators %s: %s", strings.Join(unknown, ", "), why)
}

// run runs operators on named blobs.
func run(ops []*operator, blobs map[string]*eager.Tensor) error {
	for i, o := range ops {
		engine.Check()
		if err := o.apply(i, blobs); err != nil {
			return err
		}
	}
	return nil
}

func (o *operator) apply(i int, blobs map[string]*eager.Tensor) (err error) {
	c := &call{operator: o}
	shapes := make([]string, len(o.in))
	for k, name := range o.in {
		x := blobs[name]
		if x == nil {
			return fmt.Errorf("caffe2: operator %d (%s) reads %q, which nothing has computed", i, o.kind, name)
		}
		c.in = append(c.in, x)
		shapes[k] = fmt.Sprint(x.Shape())
	}
	var out []*eager.Tensor
	if caught := engine.Catch(func() { out = o.run(c) }); caught != nil {
		return &engine.Error{
			Where: fmt.Sprintf("caffe2 operator %d", i),
			What: fmt.Sprintf("%s(%s) → %s: %s", o.kind, strings.Join(shapes, ", "), strings.Join(o.out, ", "),
				strings.TrimPrefix(caught.Error(), "caffe2: ")),
		}
	}
	for k, name := range o.out {
		if k < len(out) {
			blobs[name] = out[k]
		} else {
			delete(blobs, name) // statistics of training; who reads them gets an error
		}
	}
	return nil
}

// Inputs returns the names of what Run must be given, in the order of the net.
func (n *Net) Inputs() []string { return slices.Clone(n.inputs) }

// Shape returns the shape that an init net gave an input as an example; nil when it gave none.
func (n *Net) Shape(input string) engine.Shape { return n.shapes[input] }

// Outputs returns the names of the results.
func (n *Net) Outputs() []string { return slices.Clone(n.outputs) }

// Parameter is a weight.
type Parameter struct {
	Name  string
	Value *eager.Tensor
}

// Parameters returns the weights in the order in which operators read them.
func (n *Net) Parameters() []Parameter {
	out := make([]Parameter, len(n.order))
	for i, name := range n.order {
		out[i] = Parameter{name, n.weights[name]}
	}
	return out
}

// Run computes the outputs by name.
func (n *Net) Run(inputs map[string]*eager.Tensor) (map[string]*eager.Tensor, error) {
	blobs := make(map[string]*eager.Tensor, len(n.weights)+len(n.ops))
	for name, w := range n.weights {
		blobs[name] = w
	}
	for name, x := range inputs {
		if !slices.Contains(n.inputs, name) {
			return nil, fmt.Errorf("caffe2: the net has no input %q; it has %s", name, strings.Join(n.inputs, ", "))
		}
		blobs[name] = x
	}
	for _, name := range n.inputs {
		if blobs[name] == nil {
			return nil, fmt.Errorf("caffe2: input %q is not given", name)
		}
	}
	if err := run(n.ops, blobs); err != nil {
		return nil, err
	}
	out := make(map[string]*eager.Tensor, len(n.outputs))
	for _, name := range n.outputs {
		if out[name] = blobs[name]; out[name] == nil {
			return nil, fmt.Errorf("caffe2: the net did not compute output %q", name)
		}
	}
	return out, nil
}
