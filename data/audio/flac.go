package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/mewkiz/flac"

	"github.com/lathe-ml/lathe/eager"
)

// maxFrames bounds the memory of a decoded file: silence takes almost no room in FLAC.
const maxFrames = 1 << 28

func decodeFLAC(b []byte) (w Wave, err error) {
	defer func() { // the library panics on files that contradict themselves
		if r := recover(); r != nil {
			w, err = Wave{}, fmt.Errorf("the FLAC data is broken: %v", r)
		}
	}()
	s, err := flac.New(bytes.NewReader(b))
	if err != nil {
		return Wave{}, fmt.Errorf("the FLAC header is broken: %w", err)
	}
	channels, bits := int(s.Info.NChannels), s.Info.BitsPerSample
	if channels < 1 || bits < 4 || bits > 32 || s.Info.SampleRate == 0 {
		return Wave{}, fmt.Errorf("%d channels of %d bits at %d Hz", channels, bits, s.Info.SampleRate)
	}
	out := make([][]float32, channels)
	scale := float64(int64(1) << (bits - 1))
	for {
		f, err := s.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Wave{}, fmt.Errorf("frame at sample %d: %w", len(out[0]), err)
		}
		if len(f.Subframes) != channels {
			return Wave{}, fmt.Errorf("a frame of %d channels in a file of %d", len(f.Subframes), channels)
		}
		for c, sub := range f.Subframes {
			for _, v := range sub.Samples {
				out[c] = append(out[c], float32(float64(v)/scale))
			}
		}
		if len(out[0])*channels > maxFrames {
			return Wave{}, fmt.Errorf("more than %d samples", maxFrames)
		}
	}
	n := len(out[0])
	if want := s.Info.NSamples; want > 0 && uint64(n) != want {
		return Wave{}, fmt.Errorf("%d samples of %d; the file was cut off", n, want)
	}
	var all []float32
	for _, c := range out {
		if len(c) != n {
			return Wave{}, fmt.Errorf("channels of %d and %d samples", n, len(c))
		}
		all = append(all, c...)
	}
	return Wave{eager.FromFloat32s(all, channels, n), int(s.Info.SampleRate)}, nil
}
