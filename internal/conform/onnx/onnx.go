// Package onnx runs tests of the ONNX project through jit/onnx and compares the outputs.
//
//	r := report.New("onnx", os.Stdout)
//	if err := onnx.Run(os.DirFS("refs/onnx"), r); err != nil { … }
//	r.Summary()
//
// The folder holds MANIFEST.tsv (with the tolerances) and the tests: onnx_tests.zip, onnx_tests.tar.zst, or
// the folders KIND/TEST themselves. It runs models, it does not export them.
package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/jit/onnx"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// test is a row of the manifest.
type test struct {
	dir, name, op string
	rtol, atol    float64
}

// Run runs every test of refs.
func Run(refs fs.FS, rep *report.Report) error {
	files, err := open(refs)
	if err != nil {
		return err
	}
	tests, err := list(refs, files)
	if err != nil {
		return err
	}
	for _, t := range tests {
		if _, err := fs.Stat(files, t.dir+"/model.onnx"); err != nil {
			rep.Skip(t.op, t.name, "the folder has no such test")
			continue
		}
		if err := t.run(files); err != nil {
			rep.Fail(t.op, t.name, err.Error())
		} else {
			rep.Pass(t.op)
		}
	}
	return nil
}

// list reads the manifest, or finds the tests where there is none.
func list(refs, files fs.FS) ([]test, error) {
	text, err := fs.ReadFile(refs, "MANIFEST.tsv")
	if err != nil {
		return find(files)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	head := strings.Split(lines[0], "\t")
	column := func(name string) int { return slices.Index(head, name) }
	kind, name, op, rtol, atol := column("kind"), column("test"), column("main_op"), column("rtol"), column("atol")
	if min(kind, name, op, rtol, atol) < 0 {
		return nil, fmt.Errorf("MANIFEST.tsv has columns %v, want kind, test, main_op, rtol, atol", head)
	}
	var tests []test
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) <= max(kind, name, op, rtol, atol) {
			return nil, fmt.Errorf("MANIFEST.tsv, line %d has %d columns", i+2, len(f))
		}
		t := test{dir: path.Join(f[kind], f[name]), name: f[name], op: f[op]}
		if t.rtol, err = strconv.ParseFloat(f[rtol], 64); err != nil {
			return nil, fmt.Errorf("MANIFEST.tsv, line %d: rtol %q", i+2, f[rtol])
		}
		if t.atol, err = strconv.ParseFloat(f[atol], 64); err != nil {
			return nil, fmt.Errorf("MANIFEST.tsv, line %d: atol %q", i+2, f[atol])
		}
		tests = append(tests, t)
	}
	return tests, nil
}

func find(files fs.FS) ([]test, error) {
	var tests []test
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "model.onnx" {
			dir := path.Dir(p)
			tests = append(tests, test{dir: dir, name: path.Base(dir), op: path.Base(dir), rtol: 1e-3, atol: 1e-7})
		}
		return err
	})
	if err == nil && len(tests) == 0 {
		err = fmt.Errorf("no MANIFEST.tsv and no folder with a model.onnx")
	}
	return tests, err
}

// run runs all data sets of a test.
func (t test) run(files fs.FS) (err error) {
	sub, err := fs.Sub(files, t.dir)
	if err != nil {
		return err
	}
	data, err := fs.ReadFile(sub, "model.onnx")
	if err != nil {
		return err
	}
	var p pb.ModelProto
	if err := proto.Unmarshal(data, &p); err != nil {
		return err
	}
	m, err := onnx.FromProto(&p, sub)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		dir := fmt.Sprintf("test_data_set_%d", i)
		if _, err := fs.Stat(sub, dir); err != nil {
			if i == 0 {
				return fmt.Errorf("the test has no data set")
			}
			return nil
		}
		if err := t.runSet(m, &p, sub, dir); err != nil {
			return err
		}
	}
}

func (t test) runSet(m *onnx.Model, p *pb.ModelProto, sub fs.FS, dir string) error {
	in := make([]onnx.Value, len(m.Inputs()))
	types := map[string]*pb.TypeProto{}
	for _, v := range p.GetGraph().GetInput() {
		types[v.GetName()] = v.GetType()
	}
	for i, info := range m.Inputs() {
		v, err := read(sub, fmt.Sprintf("%s/input_%d.pb", dir, i), types[info.Name])
		if err != nil {
			return err
		}
		in[i] = v
	}
	got, err := m.RunOrdered(in)
	if err != nil {
		return err
	}
	for i, v := range p.GetGraph().GetOutput() {
		want, err := read(sub, fmt.Sprintf("%s/output_%d.pb", dir, i), v.GetType())
		if err != nil {
			return err
		}
		if want == nil {
			return fmt.Errorf("%s has no output_%d.pb to compare with", dir, i)
		}
		if err := compare(got[i], want, t.rtol, t.atol); err != nil {
			return fmt.Errorf("output %d (%s): %w", i, v.GetName(), err)
		}
	}
	return nil
}

// read decodes a file as the type of a graph's value; nil when there is no such file.
func read(sub fs.FS, name string, typ *pb.TypeProto) (onnx.Value, error) {
	data, err := fs.ReadFile(sub, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case typ.GetSequenceType() != nil:
		var s pb.SequenceProto
		if err := proto.Unmarshal(data, &s); err != nil {
			return nil, err
		}
		return onnx.DecodeSequence(&s)
	case typ.GetOptionalType() != nil:
		var o pb.OptionalProto
		if err := proto.Unmarshal(data, &o); err != nil {
			return nil, err
		}
		return onnx.DecodeOptional(&o)
	}
	var t pb.TensorProto
	if err := proto.Unmarshal(data, &t); err != nil {
		return nil, err
	}
	return onnx.DecodeTensor(&t, nil)
}
