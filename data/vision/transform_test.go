package vision

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// recorded is a tensor in testdata.
type recorded struct {
	DType string
	Shape []int
	Data  []byte
}

func (r recorded) tensor() *eager.Tensor {
	d := engine.U8
	if r.DType == "float32" {
		d = engine.F32
	}
	a := engine.NewArray(d, r.Shape)
	copy(a.Buf.Bytes(), r.Data)
	return eager.FromArray(a)
}

type transformCase struct {
	recorded
	Name, Source string
	Args         []float64
}

// photo returns the recorded photo and what torchvision made of it.
func photo(t testing.TB) (*eager.Tensor, []transformCase) {
	t.Helper()
	f, err := os.Open("testdata/transforms.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Photo recorded
		Cases []transformCase
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all.Photo.tensor(), all.Cases
}

// apply runs the transform that a case names.
func apply(t *testing.T, c transformCase, x *eager.Tensor) *eager.Tensor {
	a := func(i int) float64 { return c.Args[i] }
	n := func(i int) int { return int(c.Args[i]) }
	size := func(r Resize) *eager.Tensor {
		r.H, r.W = n(0), n(1)
		return r.Apply(x, nil)
	}
	switch c.Name {
	case "resize bilinear":
		return size(Resize{})
	case "resize bilinear plain":
		return size(Resize{NoAntialias: true})
	case "resize bicubic":
		return size(Resize{Interpolation: Bicubic})
	case "resize bicubic plain":
		return size(Resize{Interpolation: Bicubic, NoAntialias: true})
	case "resize nearest":
		return size(Resize{Interpolation: Nearest})
	case "resize nearest exact":
		return size(Resize{Interpolation: NearestExact})
	case "fit":
		return Resize{Size: n(0), MaxSize: n(1)}.Apply(x, nil)
	case "center crop":
		return CenterCrop{H: n(0), W: n(1)}.Apply(x, nil)
	case "pad":
		return Pad{Padding: []int{3, 5, 7, 2}, Fill: 9, Mode: PadMode(n(0))}.Apply(x, nil)
	case "brightness":
		return AdjustBrightness(x, a(0))
	case "contrast":
		return AdjustContrast(x, a(0))
	case "saturation":
		return AdjustSaturation(x, a(0))
	case "sharpness":
		return AdjustSharpness(x, a(0))
	case "hue":
		return AdjustHue(x, a(0))
	case "gray":
		return ToGrayscale(x, n(0))
	case "blur":
		return Blur(x, n(0), a(1))
	case "rotate":
		return Rotate(x, Motion{Angle: a(0), Bilinear: n(1) == 1}, n(2) == 1)
	case "affine":
		return Affine(x, Motion{
			Angle: a(0), Translate: [2]float64{a(1), a(2)}, Scale: a(3), Shear: [2]float64{a(4), a(5)},
			Bilinear: n(6) == 1,
		})
	}
	return applyPlain(t, c, x)
}

func applyPlain(t *testing.T, c transformCase, x *eager.Tensor) *eager.Tensor {
	switch c.Name {
	case "invert":
		return Invert(x)
	case "solarize":
		return Solarize(x, c.Args[0])
	case "posterize":
		return Posterize(x, int(c.Args[0]))
	case "auto contrast":
		return AutoContrast(Crop(x, 3, 3, 17, 17))
	case "equalize":
		return Equalize(x)
	case "horizontal flip":
		return HorizontalFlip(x)
	case "vertical flip":
		return VerticalFlip(x)
	case "normalize":
		return Compose{ToTensor{}, Normalize{Mean: ImageNetMean, Std: ImageNetStd}}.Apply(x, nil)
	case "to u8":
		return ToDtype{DType: engine.U8, Scale: true}.Apply(x, nil)
	}
	t.Fatalf("no transform %q", c.Name)
	return nil
}

// slack is how far bytes may be off, and the part of pixels that may be off further. Resizing follows
// Pillow to the bit, and PyTorch's weights have fewer bits; positions halfway between two pixels and
// values halfway between two bytes depend on the order of operations in F32.
var slack = map[string][2]float64{
	"resize bilinear": {1, 0}, "resize bilinear plain": {1, 0}, "resize bicubic": {1, 0}, "resize bicubic plain": {1, 0},
	"fit": {1, 0}, "rotate": {1, 0.005}, "affine": {1, 0.005}, "hue": {1, 0}, "blur": {1, 0}, "contrast": {1, 0},
	"saturation": {1, 0.001},
}

func TestTransformsAgreeWithTorchvision(t *testing.T) {
	img, cases := photo(t)
	if len(cases) < 60 {
		t.Fatalf("%d cases", len(cases))
	}
	unit := ToTensor{}.Apply(img, nil)
	for _, c := range cases {
		x := img
		if c.Source == "f32" {
			x = unit
		}
		got, want := apply(t, c, x), c.tensor()
		if got.Array().String() != want.Array().String() {
			t.Errorf("%s %v: %v, want %v", c.Name, c.Args, got.Array(), want.Array())
			continue
		}
		most := slack[c.Name][0]
		if c.DType == "float32" {
			most = 2e-6
		}
		worst, off := 0.0, 0
		w := want.Float64s()
		for i, v := range got.Float64s() {
			d := math.Abs(v - w[i])
			worst = max(worst, d)
			if d > most {
				off++
			}
		}
		if part := float64(off) / float64(len(w)); part > slack[c.Name][1] {
			t.Errorf("%s %v of %s: %.3f of the values are off, at most by %v", c.Name, c.Args, c.Source, part, worst)
		}
	}
}
