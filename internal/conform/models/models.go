// Package models runs networks of nn with weights that were trained elsewhere, and compares what they
// return with recorded results. testdata/models/README.md names the weights and where they are from.
//
//	r := report.New("models", os.Stdout)
//	if err := models.Run(os.DirFS("refs/models"), r); err != nil { … }
//	r.Summary()
//
// It reads refs/NAME.json, refs/NAME.bin and the weights; each file may be compressed (NAME.zst). It does
// not prepare images: the recorded inputs are tensors.
package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/klauspost/compress/zstd"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/jit/zoo"
)

// record is one run of a network.
type record struct {
	Net     string
	Input   tensor
	Outputs []tensor
}

// tensor is {"$t": [dtype, shape, offset, bytes]} into the file of numbers.
type tensor struct {
	T []json.RawMessage `json:"$t"`
}

// tolerance is absolute: outputs are probabilities and coordinates of about 1 that come from sums of up to
// 1152 products in f32, whose order differs from that of the recorded run.
const tolerance = 1e-5

// runMTCNN compares every recorded run of the networks of MTCNN.
func runMTCNN(refs fs.FS, rep *report.Report) error {
	text, err := readFile(refs, "refs/mtcnn.json")
	if err != nil {
		return err
	}
	numbers, err := readFile(refs, "refs/mtcnn.bin")
	if err != nil {
		return err
	}
	var records []record
	if err := json.Unmarshal(text, &records); err != nil {
		return fmt.Errorf("refs/mtcnn.json: %w", err)
	}
	for i, r := range records {
		group, id := "mtcnn."+r.Net, fmt.Sprintf("mtcnn %s#%d", r.Net, i)
		if net := zoo.Stage(r.Net); net == nil {
			rep.Skip(group, id, "network")
		} else if err := compare(refs, numbers, net, r); err != nil {
			rep.Fail(group, id, err.Error())
		} else {
			rep.Pass(group)
		}
	}
	return nil
}

// compare loads the weights of net and runs it.
func compare(refs fs.FS, numbers []byte, net *zoo.Cascade, r record) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *engine.Error:
			err = e
		default:
			panic(e)
		}
	}()
	raw, err := readFile(refs, "torch/mtcnn_"+r.Net+".pt")
	if err != nil {
		return err
	}
	state, err := checkpoint.ReadTorch(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return err
	}
	if err := net.LoadStateDict(state.Tensors); err != nil {
		return err
	}
	x, err := r.Input.read(numbers)
	if err != nil {
		return err
	}
	var got []*eager.Tensor
	eager.NoGrad(func() { got = net.Heads(x) })
	if len(got) != len(r.Outputs) {
		return fmt.Errorf("the network has %d outputs, recorded are %d", len(got), len(r.Outputs))
	}
	for i, o := range r.Outputs {
		want, err := o.read(numbers)
		if err != nil {
			return err
		}
		if !got[i].Shape().Equal(want.Shape()) {
			return fmt.Errorf("output %d is %v, want %v", i, got[i].Array(), want.Array())
		}
		if d := got[i].Sub(want).Abs().Max().Item(); !(d <= tolerance) {
			return fmt.Errorf("output %d differs by %.3g, at most %g is allowed", i, d, tolerance)
		}
	}
	return nil
}

// read returns the tensor; only f32 was recorded.
func (t tensor) read(numbers []byte) (*eager.Tensor, error) {
	var dtype string
	var shape engine.Shape
	var at, size int
	if len(t.T) != 4 {
		return nil, errors.New("a tensor is not [dtype, shape, offset, bytes]")
	}
	for i, to := range []any{&dtype, &shape, &at, &size} {
		if err := json.Unmarshal(t.T[i], to); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", t.T, err)
		}
	}
	if dtype != "f32" || size != 4*shape.Numel() || at < 0 || size < 0 || at > len(numbers)-size {
		return nil, fmt.Errorf("tensor %s is not f32 within %d bytes", t.T, len(numbers))
	}
	x := engine.NewArray(engine.F32, shape)
	copy(x.Buf.Bytes(), numbers[at:at+size])
	return eager.FromArray(x), nil
}

// readFile reads name, or its compressed form name.zst.
func readFile(refs fs.FS, name string) ([]byte, error) {
	b, err := fs.ReadFile(refs, name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if b, err = fs.ReadFile(refs, name+".zst"); err != nil {
		return nil, err
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if b, err = d.DecodeAll(b, nil); err != nil {
		return nil, fmt.Errorf("%s.zst: %w", name, err)
	}
	return b, nil
}
