package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/internal/atomicfile"
)

// Wave is a recording.
type Wave struct {
	Samples *eager.Tensor // F32 [channels frames], −1…1
	Rate    int           // frames a second
}

// String returns one line: channels, seconds and rate.
func (w Wave) String() string {
	if w.Samples == nil || w.Samples.Rank() != 2 || w.Rate == 0 {
		return "no recording"
	}
	n := w.Samples.Size(1)
	return fmt.Sprintf("%d channels, %.2f s at %d Hz", w.Samples.Size(0), float64(n)/float64(w.Rate), w.Rate)
}

// Mono returns the mean of the channels as one.
func (w Wave) Mono() Wave {
	return Wave{w.Samples.Mean(0).Unsqueeze(0), w.Rate}
}

// Read reads a WAV or FLAC file.
func Read(path string) (Wave, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Wave{}, fmt.Errorf("audio.Read: %w", err)
	}
	w, err := decode(b)
	if err != nil {
		return Wave{}, fmt.Errorf("audio.Read: %s: %w", path, err)
	}
	return w, nil
}

// Decode is Read for the bytes of a file.
func Decode(b []byte) (Wave, error) {
	w, err := decode(b)
	if err != nil {
		return Wave{}, fmt.Errorf("audio.Decode: %w", err)
	}
	return w, nil
}

func decode(b []byte) (Wave, error) {
	switch {
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WAVE":
		return decodeWAV(b[12:])
	case bytes.HasPrefix(b, []byte("fLaC")):
		return decodeFLAC(b)
	}
	return Wave{}, fmt.Errorf("neither WAV nor FLAC: it starts with %q", b[:min(12, len(b))])
}

// The codes of WAV's sample formats.
const (
	pcm        = 1
	floating   = 3
	aLaw       = 6
	muLaw      = 7
	extensible = 0xfffe
)

// format is WAV's chunk "fmt ".
type format struct {
	code, channels, rate, bits int
}

func decodeWAV(b []byte) (Wave, error) {
	var f format
	for len(b) >= 8 {
		id, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		if id == "data" && n == math.MaxUint32 { // written to a pipe: up to the end
			n = int64(len(b))
		}
		if n > int64(len(b)) {
			return Wave{}, fmt.Errorf("chunk %q has %d bytes, the file %d more; it was cut off", id, n, len(b))
		}
		switch id {
		case "fmt ":
			var err error
			if f, err = readFormat(b[:n]); err != nil {
				return Wave{}, err
			}
		case "data":
			if f.channels == 0 {
				return Wave{}, errors.New("the samples come before their format")
			}
			return f.samples(b[:n])
		}
		b = b[min(n+n&1, int64(len(b))):]
	}
	return Wave{}, errors.New("there is no chunk of samples; the file was cut off")
}

func readFormat(b []byte) (f format, err error) {
	if len(b) < 16 {
		return f, fmt.Errorf("the format has %d bytes, want at least 16", len(b))
	}
	at := func(i int) int { return int(binary.LittleEndian.Uint16(b[i:])) }
	f = format{at(0), at(2), int(binary.LittleEndian.Uint32(b[4:])), at(14)}
	if f.code == extensible && len(b) >= 26 {
		f.code = at(24)
	}
	ok := map[int][]int{pcm: {8, 16, 24, 32}, floating: {32, 64}, aLaw: {8}, muLaw: {8}}[f.code]
	for _, bits := range ok {
		if bits == f.bits && f.channels > 0 && f.channels <= 256 && f.rate > 0 {
			return f, nil
		}
	}
	return f, fmt.Errorf("format %d with %d bits, %d channels, %d Hz; PCM of 8, 16, 24 or 32 bits, floats of 32 or "+
		"64, A-law and µ-law are read", f.code, f.bits, f.channels, f.rate)
}

// samples converts interleaved samples to channels.
func (f format) samples(b []byte) (Wave, error) {
	size := f.bits / 8 * f.channels
	if len(b)%size != 0 {
		return Wave{}, fmt.Errorf("%d bytes of samples are not whole frames of %d", len(b), size)
	}
	n := len(b) / size
	a := engine.NewArray(engine.F32, engine.Shape{f.channels, n})
	out := a.F32()
	value := f.value()
	for i := range n {
		for c := range f.channels {
			out[c*n+i] = value(b)
			b = b[f.bits/8:]
		}
	}
	return Wave{eager.FromArray(a), f.rate}, nil
}

// value returns what reads the first sample of b.
func (f format) value() func(b []byte) float32 {
	le := binary.LittleEndian
	switch {
	case f.code == floating && f.bits == 32:
		return func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }
	case f.code == floating:
		return func(b []byte) float32 { return float32(math.Float64frombits(le.Uint64(b))) }
	case f.code == aLaw:
		return func(b []byte) float32 { return float32(expandA(b[0])) / (1 << 15) }
	case f.code == muLaw:
		return func(b []byte) float32 { return float32(expandMu(b[0])) / (1 << 15) }
	case f.bits == 8:
		return func(b []byte) float32 { return (float32(b[0]) - 128) / 128 }
	case f.bits == 16:
		return func(b []byte) float32 { return float32(int16(le.Uint16(b))) / (1 << 15) }
	case f.bits == 24:
		return func(b []byte) float32 {
			return float32(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / (1 << 31)
		}
	}
	return func(b []byte) float32 { return float32(float64(int32(le.Uint32(b))) / (1 << 31)) }
}

// expandA and expandMu undo the logarithmic coding of telephony. Source: ITU-T G.711.
func expandA(b byte) int {
	b ^= 0x55
	v := int(b&15)<<4 + 8
	if e := int(b>>4) & 7; e > 0 {
		v = (v + 256) << (e - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

func expandMu(b byte) int {
	b = ^b
	v := (int(b&15)<<3+132)<<(int(b>>4)&7) - 132
	if b&0x80 != 0 {
		return -v
	}
	return v
}

// EncodeWAV returns the recording as a WAV file of 16 bits; samples beyond −1…1 are clipped.
func (w Wave) EncodeWAV() []byte {
	if w.Samples == nil || w.Samples.Rank() != 2 || w.Rate <= 0 {
		engine.Fail("audio.EncodeWAV", "the recording is %v at %d Hz; want [channels frames] and a rate > 0",
			w.Samples, w.Rate)
	}
	c, n := w.Samples.Size(0), w.Samples.Size(1)
	v := w.Samples.Float32s()
	le := binary.LittleEndian
	b := append([]byte("RIFF"), le.AppendUint32(nil, uint32(36+2*c*n))...)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00"...)
	b = le.AppendUint16(b, uint16(c))
	b = le.AppendUint32(b, uint32(w.Rate))
	b = le.AppendUint32(b, uint32(2*c*w.Rate))
	b = le.AppendUint16(b, uint16(2*c))
	b = append(b, "\x10\x00data"...)
	b = le.AppendUint32(b, uint32(2*c*n))
	for i := range n {
		for k := range c {
			s := math.RoundToEven(float64(v[k*n+i]) * (1 << 15))
			b = le.AppendUint16(b, uint16(int16(min(max(s, -1<<15), 1<<15-1))))
		}
	}
	return b
}

// WriteWAV writes the recording as a WAV file of 16 bits; beside path, then renamed.
func (w Wave) WriteWAV(path string) error {
	if err := atomicfile.WriteBytes(path, w.EncodeWAV()); err != nil {
		return fmt.Errorf("audio.WriteWAV: %w", err)
	}
	return nil
}
