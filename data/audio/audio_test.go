package audio

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

type recorded struct {
	Rate  int
	Clip  []byte
	Files []struct {
		Name       string
		File, Want []byte
		Rate       int
		Shape      []int
	}
	Features []struct {
		Name  string
		Shape []int
		Want  []byte
	}
}

func record(t testing.TB) recorded {
	t.Helper()
	f, err := os.Open("testdata/audio.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.NewDecoder(z).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func floats(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}

func TestFilesHoldTheSamplesThatWereWritten(t *testing.T) {
	r := record(t)
	if len(r.Files) < 13 {
		t.Fatalf("%d files", len(r.Files))
	}
	for _, c := range r.Files {
		w, err := Decode(c.File)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if w.Rate != c.Rate || !slices.Equal([]int(w.Samples.Shape()), c.Shape) {
			t.Errorf("%s: %v, want %v at %d", c.Name, w, c.Shape, c.Rate)
			continue
		}
		if got := w.Samples.Float32s(); !slices.Equal(got, floats(c.Want)) {
			t.Errorf("%s: %v…, want %v…", c.Name, got[:5], floats(c.Want)[:5])
		}
	}
}

func TestFeaturesAgreeWithTorchaudio(t *testing.T) {
	r := record(t)
	clip := floats(r.Clip)
	x := eager.FromFloat32s(clip, 1, len(clip))
	mel := MelSpectrogram{Rate: r.Rate, Size: 512, Mels: 40}
	wide := mel
	wide.Mels = 64
	for _, c := range r.Features {
		var got *eager.Tensor
		tol := 2e-5 // of the largest value: torchaudio computes in F32, also the filters and the logarithm
		switch c.Name {
		case "spectrogram":
			got = Spectrogram{}.Apply(x)
		case "spectrogram 512":
			got = Spectrogram{Size: 512, Window: 400, Hop: 160, Power: 1}.Apply(x)
		case "mel":
			got = MelSpectrogram{Rate: r.Rate}.Apply(x)
		case "mel slaney":
			got = MelSpectrogram{
				Rate: r.Rate, Size: 512, Mels: 40, Bank: MelBank{Low: 50, High: 7000, Slaney: true, Area: true},
			}.Apply(x)
		case "db":
			got = AmplitudeToDB{TopDB: 80}.Apply(mel.Apply(x))
		case "mfcc":
			got = MFCC{Count: 20, Mel: mel}.Apply(x)
		case "mfcc log":
			got = MFCC{Log: true, Mel: wide}.Apply(x)
		case "resample 8000":
			got = Resample(x, r.Rate, 8000)
		case "resample 44100":
			got = Resample(x, r.Rate, 44100).Slice(1, 0, 4000)
		case "resample 11025":
			got = Wave{x, r.Rate}.Resample(11025).Samples
		default:
			t.Fatalf("no feature %q", c.Name)
		}
		if !slices.Equal([]int(got.Shape()), c.Shape) {
			t.Errorf("%s: %v, want %v", c.Name, got.Array(), c.Shape)
			continue
		}
		want := floats(c.Want)
		largest, worst := 0.0, 0.0
		for i, v := range got.Float32s() {
			largest = max(largest, math.Abs(float64(want[i])))
			worst = max(worst, math.Abs(float64(v-want[i])))
		}
		if worst > tol*largest || largest == 0 {
			t.Errorf("%s: off by %g of %g", c.Name, worst, largest)
		}
	}
}

func TestWrittenWAVIsReadBack(t *testing.T) {
	r := record(t)
	clip := floats(r.Clip)
	w := Wave{eager.FromFloat32s(clip, 2, len(clip)/2), r.Rate}
	path := filepath.Join(t.TempDir(), "clip.wav")
	if err := w.WriteWAV(path); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != w.String() || w.String() != "2 channels, 0.12 s at 16000 Hz" {
		t.Errorf("%v, want %v", got, w)
	}
	for i, v := range got.Samples.Float32s() {
		if math.Abs(float64(v-clip[i])) > 1.0/(1<<16) {
			t.Fatalf("sample %d is %v, want %v", i, v, clip[i])
		}
	}
	if m := got.Mono().Samples; m.Shape().String() != "[1 2000]" {
		t.Errorf("mono %v", m.Array())
	}
}

func TestBrokenFilesSayWhy(t *testing.T) {
	r := record(t)
	for _, c := range r.Files {
		for n := 0; n < len(c.File)-2; n += 1 + len(c.File)/20 {
			if _, err := Decode(c.File[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes are accepted", c.Name, n, len(c.File))
			}
		}
	}
	wav := slices.Clone(r.Files[1].File)
	for want, change := range map[string]func(b []byte){
		"format 85 with 16 bits":  func(b []byte) { b[20] = 85 },
		"0 channels":              func(b []byte) { b[22] = 0 },
		`it starts with "MThd`:    func(b []byte) { copy(b, "MThd") },
		"are not whole frames of": func(b []byte) { b[40]-- },
	} {
		b := slices.Clone(wav)
		change(b)
		if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
	for want, f := range map[string]func(){
		"audio.Spectrogram: the signal is nil":       func() { Spectrogram{}.Apply(nil) },
		"audio.Spectrogram: the signal f32[1 100] i": func() { Spectrogram{}.Apply(eager.Zeros(1, 100)) },
		"audio.MFCC: 40 coefficients of 10":          func() { MFCC{Mel: MelSpectrogram{Mels: 10}}.Apply(eager.Zeros(1, 900)) },
		"audio.Resample: from 0 Hz":                  func() { Resample(eager.Zeros(1, 9), 0, 3) },
	} {
		if err := engine.Catch(f); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s…", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range record(f).Files {
		f.Add(c.File)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := Decode(b)
		if (w.Samples == nil) == (err == nil) {
			t.Errorf("recording %v and error %v", w, err)
		}
	})
}
