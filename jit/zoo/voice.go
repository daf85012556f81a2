package zoo

import (
	"fmt"

	"github.com/lathe-ml/lathe/data/audio"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/jit/onnx"
)

// voices finds speech with a network that hears a recording piece by piece and keeps a state, as Silero VAD does:
// inputs input, state and sr, outputs output and stateN. A piece is 32 ms, heard with the end of the one before it.
func voices(m *Model) (func(path string) (*Result, error), error) {
	path, err := m.file("model")
	if err != nil {
		return nil, err
	}
	net, err := onnx.Load(path)
	if err != nil {
		return nil, err
	}
	rate := m.Entry.Input.Rate
	if rate == 0 {
		rate = 16000
	}
	if rate != 16000 && rate != 8000 {
		return nil, fmt.Errorf("input: rate %d; want 16000 or 8000", rate)
	}
	return func(path string) (*Result, error) {
		w, err := audio.Read(path)
		if err != nil {
			return nil, err
		}
		probs, err := voiceOf(net, w.Mono().Resample(rate).Samples.Float32s(), rate)
		if err != nil {
			return nil, err
		}
		return &Result{Items: passages(probs, m.threshold(0.5))}, nil
	}, nil
}

// pieces a second, at any rate.
const pieceSeconds = 0.032

// voiceOf returns the probability of speech in each piece.
func voiceOf(net *onnx.Model, samples []float32, rate int) ([]float64, error) {
	size := rate * 32 / 1000
	before := make([]float32, size/8)
	state, sr := eager.Zeros(2, 1, 128), onnx.FromTensor(eager.New(int64(rate)))
	var probs []float64
	for ; len(samples) > 0; samples = samples[min(size, len(samples)):] {
		piece := make([]float32, size)
		copy(piece, samples)
		x := append(append([]float32{}, before...), piece...)
		before = piece[size-len(before):]
		out, err := net.Run(map[string]onnx.Value{
			"input": onnx.FromTensor(eager.FromFloat32s(x, 1, len(x))), "state": onnx.FromTensor(state), "sr": sr,
		})
		if err != nil {
			return nil, err
		}
		p, ok := out["output"].(*onnx.Tensor)
		next, known := out["stateN"].(*onnx.Tensor)
		if !ok || !known || p.Numel() != 1 {
			return nil, fmt.Errorf("the model has no outputs output and stateN")
		}
		state, probs = next.Data, append(probs, p.Data.Item())
	}
	return probs, nil
}

// quiet is how many pieces without speech end a passage: 0.1 s.
const quiet = 3

// passages joins pieces of speech. A passage ends where less than the threshold by 0.15 is heard for quiet pieces; those
// of less than 0.25 s are left out.
func passages(probs []float64, threshold float64) []Item {
	var all []Item
	begin, still := -1, 0
	end := func(at int) {
		if from, to := float64(begin)*pieceSeconds, float64(at)*pieceSeconds; to-from >= 0.25 {
			sum := 0.0
			for _, p := range probs[begin:at] {
				sum += p
			}
			all = append(all, Item{Label: "speech", Score: sum / float64(at-begin), From: from, To: to})
		}
		begin, still = -1, 0
	}
	for i, p := range probs {
		switch {
		case begin < 0 && p >= threshold:
			begin, still = i, 0
		case begin >= 0 && p < threshold-0.15:
			if still++; still == quiet {
				end(i + 1 - quiet)
			}
		case begin >= 0:
			still = 0
		}
	}
	if begin >= 0 {
		end(len(probs) - still)
	}
	return all
}
