package exectest

import (
	"bytes"
	"encoding/binary"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"testing"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/tools/go/gcexportdata"

	"github.com/lathe-ml/lathe/kernel/check"
	"github.com/lathe-ml/lathe/kernel/symbols/std"
)

// Tensor, Base and Module are a compiled package in miniature, with the shape of eager/nn.
type (
	Tensor struct{ V float64 }
	Base   struct {
		name   string
		params []*Tensor
		kids   []Module
	}
	Module interface {
		Forward(x *Tensor) *Tensor
		Self() *Base
	}
	Seq struct {
		Base
		mods []Module
	}
)

// Add returns the sum.
func (t *Tensor) Add(u *Tensor) *Tensor { return &Tensor{t.V + u.V} }

// Self returns the base of a module.
func (b *Base) Self() *Base { return b }

// Param makes a parameter.
func (b *Base) Param(v float64) *Tensor { t := &Tensor{v}; b.params = append(b.params, t); return t }

// Register adds a child.
func (b *Base) Register(n string, ms Module) { b.name = n; b.kids = append(b.kids, ms) }

// Count counts the parameters of a module and its children.
func (b *Base) Count() int {
	n := len(b.params)
	for _, k := range b.kids {
		n += k.Self().Count()
	}
	return n
}

// Forward calls the modules in turn.
func (s *Seq) Forward(x *Tensor) *Tensor {
	for _, m := range s.mods {
		x = m.Forward(x)
	}
	return x
}

// NewSeq returns a chain of modules.
func NewSeq(ms ...Module) *Seq { return &Seq{mods: ms} }

// Apply calls m.
func Apply(m Module, x *Tensor) *Tensor { return m.Forward(x) }

// Params counts the parameters of m.
func Params(m Module) int { return m.Self().Count() }

// Each calls f for each module.
func Each(ms []Module, f func(i int, m Module)) {
	for i, m := range ms {
		f(i, m)
	}
}

const mockSource = `package nn
type Tensor struct { V float64 }
type Base struct { name string; params []*Tensor; kids []Module }
type Module interface { Forward(x *Tensor) *Tensor; Self() *Base }
type Seq struct { Base; mods []Module }
func (t *Tensor) Add(u *Tensor) *Tensor
func (b *Base) Self() *Base
func (b *Base) Param(v float64) *Tensor
func (b *Base) Register(n string, ms Module)
func (b *Base) Count() int
func (s *Seq) Forward(x *Tensor) *Tensor
func NewSeq(ms ...Module) *Seq
func Apply(m Module, x *Tensor) *Tensor
func Params(m Module) int
func Each(ms []Module, f func(i int, m Module))
`

type _nn_Module struct {
	IValue   any
	WForward func(x *Tensor) *Tensor
	WSelf    func() *Base
}

// Forward calls the wrapped method.
func (w _nn_Module) Forward(x *Tensor) *Tensor { return w.WForward(x) }

// Self calls the wrapped method.
func (w _nn_Module) Self() *Base { return w.WSelf() }

// mock returns an archive and symbols of the package.
func mock(t *testing.T) ([]byte, map[string]map[string]reflect.Value) {
	path := reflect.TypeFor[Tensor]().PkgPath()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "nn.go", mockSource, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&types.Config{}).Check(path, fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if err := gcexportdata.Write(&data, nil, p); err != nil {
		t.Fatal(err)
	}
	all := append(binary.AppendUvarint(nil, uint64(len(path))), path...)
	all = append(binary.AppendUvarint(all, uint64(data.Len())), data.Bytes()...)
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	symbols := map[string]map[string]reflect.Value{path + "/nn": {
		"Tensor": reflect.ValueOf((*Tensor)(nil)), "Base": reflect.ValueOf((*Base)(nil)),
		"Module": reflect.ValueOf((*Module)(nil)), "Seq": reflect.ValueOf((*Seq)(nil)),
		"_Module": reflect.ValueOf((*_nn_Module)(nil)), "NewSeq": reflect.ValueOf(NewSeq),
		"Apply": reflect.ValueOf(Apply), "Params": reflect.ValueOf(Params), "Each": reflect.ValueOf(Each),
	}}
	for k, v := range std.Symbols {
		symbols[k] = v
	}
	return enc.EncodeAll(all, nil), symbols
}

// modules are cells that use the compiled package, run in one session.
var modules = []struct{ cell, want string }{
	{`type Net struct {
	nn.Base
	w *nn.Tensor
}
func NewNet() *Net {
	n := &Net{}
	n.w = n.Param(2)
	return n
}
func (n *Net) Forward(x *nn.Tensor) *nn.Tensor { return x.Add(n.w) }
net := NewNet()`, ""},
	{"net.Forward(&nn.Tensor{V: 1}).V", "=> 3\n"},
	{"nn.Apply(net, &nn.Tensor{V: 1}).V", "=> 3\n"},
	{"nn.Params(net)", "=> 1\n"},
	{"net.Count()", "=> 1\n"},
	{"s := nn.NewSeq(net, net, NewNet())\ns.Forward(&nn.Tensor{V: 1}).V", "=> 7\n"},
	{"s.Register(\"a\", net)\nnn.Params(s)", "=> 1\n"},
	{"var m nn.Module = net\nm.Forward(&nn.Tensor{V: 1}).V", "=> 3\n"},
	{"nn.Apply(m, &nn.Tensor{V: 1}).V", "=> 3\n"},
	{"ms := []nn.Module{net, s}\nms = append(ms, NewNet())\nnn.NewSeq(ms...).Forward(&nn.Tensor{V: 1}).V", "=> 11\n"},
	{"nn.Each(ms, func(i int, m nn.Module) { fmt.Print(i, m.Forward(&nn.Tensor{}).V, \" \") })", "0 2 1 6 2 2 "},
	{`type Deep struct {
	nn.Base
	a, b nn.Module
	c *Net
}
func NewDeep() *Deep {
	d := &Deep{a: NewNet(), c: NewNet()}
	d.b = nn.NewSeq(NewNet())
	d.Register("a", d.a)
	d.Register("b", d.b)
	d.Register("c", d.c)
	return d
}
func (d *Deep) Forward(x *nn.Tensor) *nn.Tensor { return d.c.Forward(d.b.Forward(d.a.Forward(x))) }
d := NewDeep()
nn.Apply(d, &nn.Tensor{V: 1}).V`, "=> 7\n"},
	{"nn.Params(d)", "=> 2\n"},
	{"m = d\nm.Self().Count()", "=> 2\n"},
	{"func (n *Net) Forward(x *nn.Tensor) *nn.Tensor { return x }", ""},
	{"nn.Apply(net, &nn.Tensor{V: 1}).V", "=> 1\n"},
	{"d.Forward(&nn.Tensor{V: 1}).V", "=> 1\n"},
	{"n2, ok := m.(*Deep)\nok && n2 == d", "=> true\n"},
	{"func build(k int) nn.Module { if k == 0 { return NewNet() }; return NewDeep() }\nbuild(1).Self().Count()", "=> 2\n"},
}

// Modules tests that types of a session implement interfaces of compiled packages and embed their
// types.
func Modules(t *testing.T, start New) {
	archive, symbols := mock(t)
	o := Options{Symbols: symbols, Library: check.Open(std.Exports, archive)}
	nb := notebook(t, start, o, map[string]string{"nn": reflect.TypeFor[Tensor]().PkgPath(), "fmt": "fmt"})
	for _, c := range modules {
		if got := nb.Run(t, c.cell); got != c.want {
			t.Errorf("%s\ngot  %q\nwant %q", c.cell, got, c.want)
		}
	}
}
