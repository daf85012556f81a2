package models

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// suites are the models that come with recorded results, by the name of the record.
var suites = []struct {
	name string
	run  func(refs fs.FS, rep *report.Report) error
}{
	{"mtcnn", runMTCNN},
	{"efficientnet_lite0", runEfficientNet},
	{"basic_pitch", runBasicPitch},
	{"silero_vad", runSilero},
	{"caffe_wechat_qr", runWeChat},
}

// Run compares every model whose record is in refs.
func Run(refs fs.FS, rep *report.Report) error {
	found := false
	for _, s := range suites {
		if !has(refs, "refs/"+s.name+".json") {
			continue
		}
		found = true
		if err := s.run(refs, rep); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if !found {
		return errors.New("the folder has no refs/NAME.json of a known model")
	}
	return nil
}

func has(refs fs.FS, name string) bool {
	for _, n := range []string{name, name + ".zst"} {
		if _, err := fs.Stat(refs, n); err == nil {
			return true
		}
	}
	return false
}

// records reads refs/NAME.json into out and returns the numbers beside it.
func records(refs fs.FS, name string, out any) ([]byte, error) {
	text, err := readFile(refs, "refs/"+name+".json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("refs/%s.json: %w", name, err)
	}
	return readFile(refs, "refs/"+name+".bin")
}

func loadONNX(refs fs.FS, name string) (*onnx.Model, error) {
	raw, err := readFile(refs, "onnx/"+name+".onnx")
	if err != nil {
		return nil, err
	}
	return onnx.Parse(raw, nil)
}

// differ returns by how much got differs from the recorded tensor at most.
func differ(got onnx.Value, want tensor, numbers []byte) (float64, error) {
	w, err := want.read(numbers)
	if err != nil {
		return 0, err
	}
	g, ok := got.(*onnx.Tensor)
	if !ok || !g.Shape().Equal(w.Shape()) {
		return 0, fmt.Errorf("got %v, want a tensor of shape %v", got, w.Shape())
	}
	return g.Data.Sub(w).Abs().Max().Item(), nil
}

// outcome reports one case; limit is the largest difference that is allowed.
func outcome(rep *report.Report, group, id string, d, limit float64, err error) {
	switch {
	case err != nil:
		rep.Fail(group, id, err.Error())
	case !(d <= limit):
		rep.Fail(group, id, fmt.Sprintf("differs by %.3g, at most %g is allowed", d, limit))
	default:
		rep.Pass(group)
	}
}

// runEfficientNet classifies photos; scores are of about 10.
func runEfficientNet(refs fs.FS, rep *report.Report) error {
	var runs []struct {
		Image         string
		Input, Output tensor
		Top5          []int
	}
	numbers, err := records(refs, "efficientnet_lite0", &runs)
	if err != nil {
		return err
	}
	m, err := loadONNX(refs, "efficientnet_lite0")
	if err != nil {
		return err
	}
	for _, r := range runs {
		d, err := func() (float64, error) {
			x, err := r.Input.read(numbers)
			if err != nil {
				return 0, err
			}
			out, err := m.RunOrdered([]onnx.Value{onnx.FromTensor(x)})
			if err != nil {
				return 0, err
			}
			_, top := out[0].(*onnx.Tensor).Data.TopK(5, 1)
			for i, k := range top.Ints() {
				if k != r.Top5[i] {
					return 0, fmt.Errorf("class %d of the best five is %d, want %d", i, k, r.Top5[i])
				}
			}
			return differ(out[0], r.Output, numbers)
		}()
		outcome(rep, "efficientnet_lite0", "efficientnet_lite0 "+r.Image, d, 1e-3, err)
	}
	return nil
}

// runBasicPitch finds notes in audio; outputs are probabilities.
func runBasicPitch(refs fs.FS, rep *report.Report) error {
	var runs []struct {
		Audio   string
		Input   tensor
		Outputs map[string]tensor
	}
	numbers, err := records(refs, "basic_pitch", &runs)
	if err != nil {
		return err
	}
	m, err := loadONNX(refs, "basic_pitch_nmp")
	if err != nil {
		return err
	}
	for _, r := range runs {
		x, err := r.Input.read(numbers)
		if err != nil {
			return err
		}
		out, err := m.Run(map[string]onnx.Value{m.Inputs()[0].Name: onnx.FromTensor(x)})
		for name, want := range r.Outputs {
			d := 0.0
			if err == nil {
				d, err = differ(out[name], want, numbers)
			}
			outcome(rep, "basic_pitch", "basic_pitch "+r.Audio+" "+name, d, 1e-4, err)
		}
	}
	return nil
}

// runSilero finds speech in recordings of 16 kHz, chunk by chunk, with the state and the end of the last chunk
// carried on. At a rate of 8 kHz, for which the model has another branch, it hears every second sample.
func runSilero(refs fs.FS, rep *report.Report) error {
	var runs []struct {
		Audio          string
		Chunk, Context int
		Rate           int // 16000 where it is not given
		Probs          []float64
		FinalState     tensor `json:"final_state"`
	}
	numbers, err := records(refs, "silero_vad", &runs)
	if err != nil {
		return err
	}
	m, err := loadONNX(refs, "silero_vad")
	if err != nil {
		return err
	}
	for _, r := range runs {
		r.Rate = cmp.Or(r.Rate, 16000)
		id := fmt.Sprintf("silero_vad %s %d Hz", r.Audio, r.Rate)
		samples, err := readWAV(refs, "audio/"+r.Audio)
		if errors.Is(err, fs.ErrNotExist) {
			if samples = made(r.Audio, len(r.Probs)*r.Chunk); samples == nil {
				rep.Skip("silero_vad", id, "the recording is not in the folder")
				continue
			}
			err = nil
		}
		worst := 0.0
		context, state := make([]float32, r.Context), eager.Zeros(2, 1, 128)
		rate := onnx.FromTensor(eager.New(int64(r.Rate)))
		samples = thinned(samples, 16000/r.Rate)
		for i := 0; err == nil && i < len(r.Probs) && (i+1)*r.Chunk <= len(samples); i++ {
			x := append(context, samples[i*r.Chunk:(i+1)*r.Chunk]...)
			context = append([]float32{}, x[len(x)-r.Context:]...)
			var out map[string]onnx.Value
			out, err = m.Run(map[string]onnx.Value{
				"input": onnx.FromTensor(eager.FromFloat32s(x, 1, len(x))), "state": onnx.FromTensor(state), "sr": rate,
			})
			if err == nil {
				state = out["stateN"].(*onnx.Tensor).Data
				worst = max(worst, math.Abs(out["output"].(*onnx.Tensor).Data.Item()-r.Probs[i]))
			}
		}
		if err == nil && len(r.FinalState.T) > 0 {
			var d float64
			d, err = differ(onnx.FromTensor(state), r.FinalState, numbers)
			worst = max(worst, d)
		}
		outcome(rep, "silero_vad", id, worst, 1e-3, err)
	}
	return nil
}

// thinned returns every step-th sample.
func thinned(samples []float32, step int) []float32 {
	out := make([]float32, 0, len(samples)/step)
	for i := 0; i+step <= len(samples); i += step {
		out = append(out, samples[i])
	}
	return out
}

// made returns the samples of a recording that is no file; nil when it is not known.
func made(name string, n int) []float32 {
	if name == "silence" {
		return make([]float32, n)
	}
	return nil
}

// readWAV returns the samples of a mono file of 16 bits, from −1 to 1.
func readWAV(refs fs.FS, name string) ([]float32, error) {
	b, err := readFile(refs, name)
	if err != nil {
		return nil, err
	}
	for at := 12; at+8 <= len(b); {
		size := int(binary.LittleEndian.Uint32(b[at+4:]))
		if string(b[at:at+4]) == "data" {
			b = b[at+8 : min(len(b), at+8+size)]
			out := make([]float32, len(b)/2)
			for i := range out {
				out[i] = float32(int16(binary.LittleEndian.Uint16(b[2*i:]))) / 32768
			}
			return out, nil
		}
		at += 8 + size + size%2
	}
	return nil, fmt.Errorf("%s has no data: %w", name, errors.ErrUnsupported)
}
