package audio

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// Spectrogram is the power of a signal at each frequency over time: [… frames] → [… size/2+1 steps], with a
// periodic Hann window, and the signal mirrored at its ends.
type Spectrogram struct {
	Size   int     // of the transform; 0: 400
	Window int     // samples under the window; 0: Size
	Hop    int     // samples between steps; 0: Window/2
	Power  float64 // of the magnitude; 0: 2
}

func (s Spectrogram) defaults() Spectrogram {
	if s.Size == 0 {
		s.Size = 400
	}
	if s.Window == 0 {
		s.Window = s.Size
	}
	if s.Hop == 0 {
		s.Hop = s.Window / 2
	}
	if s.Power == 0 {
		s.Power = 2
	}
	if s.Size < 2 || s.Window < 1 || s.Window > s.Size || s.Hop < 1 {
		engine.Fail("audio.Spectrogram", "size %d, window %d, hop %d; want 2 ≤ size, 1 ≤ window ≤ size, hop ≥ 1",
			s.Size, s.Window, s.Hop)
	}
	return s
}

// Apply returns the spectrogram of x, F32 [… frames].
func (s Spectrogram) Apply(x *eager.Tensor) *eager.Tensor {
	s = s.defaults()
	rows, n := signal("audio.Spectrogram", x)
	if n <= s.Size/2 {
		engine.Fail("audio.Spectrogram", "the signal %v is not longer than half the size %d", x.Array(), s.Size)
	}
	v := x.Float32s()
	steps, bins := 1+n/s.Hop, s.Size/2+1
	out := make([]float32, rows*bins*steps)
	fft := fourier.NewFFT(s.Size)
	window := hann(s.Window, s.Size)
	part, freq := make([]float64, s.Size), make([]complex128, bins)
	for r := range rows {
		row, dst := v[r*n:][:n], out[r*bins*steps:]
		for t := range steps {
			for i := range part {
				part[i] = float64(row[mirror(t*s.Hop+i-s.Size/2, n)]) * window[i]
			}
			for k, c := range fft.Coefficients(freq, part) {
				p := real(c)*real(c) + imag(c)*imag(c)
				if s.Power != 2 {
					p = math.Pow(p, s.Power/2)
				}
				dst[k*steps+t] = float32(p)
			}
		}
	}
	return eager.FromFloat32s(out, shape(x, bins, steps)...)
}

// signal checks that x is F32 [… frames] and returns the number of signals and their length.
func signal(where string, x *eager.Tensor) (rows, n int) {
	if x == nil || x.DType() != engine.F32 || x.Rank() < 1 || x.Numel() == 0 {
		what := "nil"
		if x != nil {
			what = x.Array().String()
		}
		engine.Fail(where, "the signal is %s; want f32[… frames], not empty", what)
	}
	n = x.Size(-1)
	return x.Numel() / n, n
}

// shape replaces the last axis of x.
func shape(x *eager.Tensor, last ...int) []int {
	s := x.Shape()
	return append(append([]int(nil), s[:len(s)-1]...), last...)
}

func hann(n, size int) []float64 {
	w := make([]float64, size)
	for i := range n {
		w[(size-n)/2+i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
	}
	return w
}

// mirror folds i into 0…n−1 at the outermost samples.
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2*n - 2
	i = (i%period + period) % period
	return min(i, period-i)
}

// MelSpectrogram is a Spectrogram in bands that are evenly spaced in pitch: [… frames] → [… Mels steps].
type MelSpectrogram struct {
	Rate   int // of the signal; 0: 16,000
	Size   int // as in Spectrogram
	Window int
	Hop    int
	Power  float64
	Bank   MelBank
	Mels   int // bands; 0: 128
}

// MelBank says how the bands lie; the zero value is the default.
type MelBank struct {
	Low, High float64 // Hz; High 0: half the rate
	Slaney    bool    // Slaney's scale instead of HTK's
	Area      bool    // bands of one area instead of one height
}

// Apply returns the mel spectrogram of x, F32 [… frames].
func (m MelSpectrogram) Apply(x *eager.Tensor) *eager.Tensor {
	if m.Rate == 0 {
		m.Rate = 16000
	}
	if m.Mels == 0 {
		m.Mels = 128
	}
	s := Spectrogram{Size: m.Size, Window: m.Window, Hop: m.Hop, Power: m.Power}.defaults()
	bank := m.Bank.Filters(s.Size/2+1, m.Mels, m.Rate)
	return bank.T().MatMul(s.Apply(x))
}

// Filters returns the weight of each frequency in each band, F32 [bins mels].
func (b MelBank) Filters(bins, mels, rate int) *eager.Tensor {
	if b.High == 0 {
		b.High = float64(rate / 2)
	}
	if bins < 2 || mels < 1 || rate < 2 || b.Low < 0 || b.Low >= b.High {
		engine.Fail("audio.MelBank", "%d bins, %d mels, rate %d, %v…%v Hz; want ≥ 2, ≥ 1, ≥ 2, and a range", bins, mels,
			rate, b.Low, b.High)
	}
	lo, hi := b.mel(b.Low), b.mel(b.High)
	points := make([]float64, mels+2)
	for i := range points {
		points[i] = b.hertz(lo + (hi-lo)*float64(i)/float64(mels+1))
	}
	w := make([]float32, bins*mels)
	for k := range bins {
		f := float64(rate/2) * float64(k) / float64(bins-1)
		for m := range mels {
			up := (f - points[m]) / (points[m+1] - points[m])
			down := (points[m+2] - f) / (points[m+2] - points[m+1])
			v := max(0, min(up, down))
			if b.Area {
				v *= 2 / (points[m+2] - points[m])
			}
			w[k*mels+m] = float32(v)
		}
	}
	return eager.FromFloat32s(w, bins, mels)
}

// Slaney's scale is linear up to 1,000 Hz and logarithmic beyond.
const (
	slaneyStep = 200.0 / 3
	slaneyBend = 1000.0
)

var slaneyLog = math.Log(6.4) / 27

func (b MelBank) mel(hz float64) float64 {
	switch {
	case !b.Slaney:
		return 2595 * math.Log10(1+hz/700)
	case hz >= slaneyBend:
		return slaneyBend/slaneyStep + math.Log(hz/slaneyBend)/slaneyLog
	}
	return hz / slaneyStep
}

func (b MelBank) hertz(mel float64) float64 {
	bend := slaneyBend / slaneyStep
	switch {
	case !b.Slaney:
		return 700 * (math.Pow(10, mel/2595) - 1)
	case mel >= bend:
		return slaneyBend * math.Exp(slaneyLog*(mel-bend))
	}
	return mel * slaneyStep
}

// AmplitudeToDB turns power into decibels.
type AmplitudeToDB struct {
	Amplitude bool    // x is a magnitude, not a power
	TopDB     float64 // nothing is more than this below the loudest of x; 0: no such bound
}

// Apply returns 10·log₁₀ x, or 20·log₁₀ x of amplitudes; the smallest power is 1e-10.
func (t AmplitudeToDB) Apply(x *eager.Tensor) *eager.Tensor {
	signal("audio.AmplitudeToDB", x)
	by := 10.0
	if t.Amplitude {
		by = 20
	}
	v := x.Float32s()
	top := math.Inf(-1)
	for i, p := range v {
		d := by * math.Log10(max(float64(p), 1e-10))
		v[i] = float32(d)
		top = max(top, d)
	}
	if t.TopDB > 0 {
		for i := range v {
			v[i] = max(v[i], float32(top-t.TopDB))
		}
	}
	return eager.FromFloat32s(v, x.Shape()...)
}

// MFCC is the cosine transform of the loudness in mel bands: [… frames] → [… Count steps].
type MFCC struct {
	Count int // coefficients; 0: 40
	Log   bool
	Mel   MelSpectrogram
}

// Apply returns the coefficients of x, F32 [… frames]: of decibels within 80 of the loudest, or with Log of
// ln(mel + 1e-6).
func (m MFCC) Apply(x *eager.Tensor) *eager.Tensor {
	if m.Count == 0 {
		m.Count = 40
	}
	if m.Mel.Mels == 0 {
		m.Mel.Mels = 128
	}
	if m.Count < 1 || m.Count > m.Mel.Mels {
		engine.Fail("audio.MFCC", "%d coefficients of %d mel bands; want at most as many", m.Count, m.Mel.Mels)
	}
	mel := m.Mel.Apply(x)
	if m.Log {
		mel = mel.Add(1e-6).Log()
	} else {
		mel = AmplitudeToDB{TopDB: 80}.Apply(mel)
	}
	n := m.Mel.Mels
	dct := make([]float32, m.Count*n)
	for k := range m.Count {
		scale := math.Sqrt(2 / float64(n))
		if k == 0 {
			scale = math.Sqrt(1 / float64(n))
		}
		for i := range n {
			dct[k*n+i] = float32(scale * math.Cos(math.Pi/float64(n)*(float64(i)+0.5)*float64(k)))
		}
	}
	return eager.FromFloat32s(dct, m.Count, n).MatMul(mel)
}
