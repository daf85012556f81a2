package vision

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

type fileCase struct {
	Name, Mode string
	File       []byte
	Shape      []int
	CRC        uint32
	Mean       float64
}

func files(t testing.TB) []fileCase {
	t.Helper()
	b, err := os.ReadFile("testdata/files.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []fileCase
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 15 {
		t.Fatalf("%d cases", len(all))
	}
	return all
}

func TestFilesAreReadAsPillowReadsThem(t *testing.T) {
	for _, c := range files(t) {
		x, err := Decode(c.File, ReadOptions{Mode: map[string]Mode{"RGB": RGB, "L": Gray, "RGBA": RGBA}[c.Mode]})
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if x.DType() != engine.U8 || !slices.Equal([]int(x.Shape()), c.Shape) {
			t.Errorf("%s: %v, want u8%v", c.Name, x.Array(), c.Shape)
			continue
		}
		px := x.Contiguous().Array().U8()
		sum := 0.0
		for _, v := range px {
			sum += float64(v)
		}
		if mean := sum / float64(len(px)); crc32.ChecksumIEEE(px) != c.CRC {
			t.Errorf("%s: mean %v, want %v and the same bytes", c.Name, mean, c.Mean)
		}
	}
}

func TestBrokenImagesAreRefusedWithAReason(t *testing.T) {
	var png []byte
	for _, c := range files(t) {
		if c.Name == "png" {
			png = c.File
		}
	}
	huge := bytes.Clone(png)
	copy(huge[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0})
	crc := crc32.ChecksumIEEE(huge[12:29])
	copy(huge[29:], []byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)})
	for want, b := range map[string][]byte{
		"the file is empty":                       {},
		"not an image that is read here":          []byte("hello, world"),
		"png: unexpected EOF":                     png[:len(png)/2],
		"the header says 65536×65536 pixels in a": huge,
		"was cut off":                             {0xff, 0xd8, 0xff},
	} {
		if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range files(f) {
		f.Add(c.File, uint8(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, m uint8) {
		x, err := Decode(b, ReadOptions{Mode: Mode(m % 4)})
		if (x == nil) == (err == nil) {
			t.Errorf("tensor %v and error %v", x, err)
		}
	})
}

// tree writes files to a folder of photos of two classes.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, c := range files(t) {
		if !strings.HasPrefix(c.Name, "orientation") {
			continue
		}
		name := filepath.Join(dir, []string{"cats", "dogs"}[i%2], c.Name+".jpg")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, c.File, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var augmented = Compose{
	RandomResizedCrop{Size: 16},
	RandomHorizontalFlip{},
	ColorJitter{0.4, 0.4, 0.4, 0.1},
	RandAugment{},
	RandomAffine{Degrees: [2]float64{-5, 5}},
	RandomErasing{},
	ToTensor{},
	Normalize{Mean: ImageNetMean, Std: ImageNetStd},
}

func TestFolderOfPhotosGivesTheSameBatchesForAnyNumberOfWorkers(t *testing.T) {
	dir := tree(t)
	run := func(workers, skip int) (sums []float64) {
		f, err := NewFolder(dir, FolderOptions{Transform: augmented})
		if err != nil {
			t.Fatal(err)
		}
		if f.Len() != 8 || strings.Join(f.Classes, " ") != "cats dogs" {
			t.Fatalf("%v", f)
		}
		l := data.NewLoader(f, data.LoaderOptions{BatchSize: 3, Shuffle: true, Seed: 3, Workers: workers})
		var saved []byte
		for range 2 {
			for b := l.Epoch(); b.Next(); {
				if skip--; skip == 0 {
					saved, _ = l.MarshalText()
					l = data.NewLoader(f, data.LoaderOptions{BatchSize: 3, Shuffle: true, Seed: 3, Workers: workers})
					if err := l.UnmarshalText(saved); err != nil {
						t.Fatal(err)
					}
					b = l.Epoch()
					b.Next()
				}
				sums = append(sums, b.X.Sum().Item(), b.Y.To(eager.F32).Sum().Item())
			}
		}
		return sums
	}
	want := run(0, 0)
	if len(want) != 12 || want[0] == want[6] {
		t.Fatalf("two epochs give %v", want)
	}
	for _, workers := range []int{1, 3} {
		if got := run(workers, 0); !slices.Equal(got, want) {
			t.Errorf("%d workers: %v, want %v", workers, got, want)
		}
	}
}

func TestErrorsOfFoldersNameTheFile(t *testing.T) {
	dir := tree(t)
	bad := filepath.Join(dir, "dogs", "broken.jpg")
	if err := os.WriteFile(bad, []byte{0xff, 0xd8, 0xff, 0xd9}, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := NewFolder(dir, FolderOptions{Transform: Resize{H: 8, W: 8}})
	if err != nil {
		t.Fatal(err)
	}
	err = engine.Catch(func() { data.Collect(f) })
	if err == nil || !strings.Contains(err.Error(), bad) || !strings.Contains(err.Error(), "(sample 4)") {
		t.Errorf("error %v, want the file %s and its number 4", err, bad)
	}
	if _, err := NewFolder(t.TempDir()); err == nil || !strings.Contains(err.Error(), "one for each class") {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestTransformsThatDoNotSuitSaySo(t *testing.T) {
	img, _ := photo(t)
	for want, f := range map[string]func(){
		"vision.Resize: the image is nil":            func() { Resize{Size: 3}.Apply(nil, nil) },
		"vision.Resize: the image is f64[2 3]":       func() { Resize{Size: 3}.Apply(eager.Zeros(2, 3).To(eager.F64), nil) },
		"vision.Resize: size 0, or 0×0":              func() { Resize{}.Apply(img, nil) },
		"vision.CenterCrop: size 0":                  func() { CenterCrop{}.Apply(img, nil) },
		"vision.RandomCrop: the image u8[3 37 41] i": func() { RandomCrop{Size: 50}.Apply(img, nil) },
		"vision.Normalize: the image is u8":          func() { Normalize{}.Apply(img, nil) },
		"vision.Normalize: mean [1 2] and std [1]": func() {
			Compose{ToTensor{}, Normalize{[]float64{1, 2}, []float64{1}}}.Apply(img, nil)
		},
		"vision.Pad: padding [1 2 3]":    func() { Pad{Padding: []int{1, 2, 3}}.Apply(img, nil) },
		"vision.Pad: padding [50] of an": func() { Pad{Padding: []int{50}, Mode: Reflect}.Apply(img, nil) },
		"vision.Blur: kernel 4":          func() { Blur(img, 4, 1) },
		"vision.AdjustHue: shift 0.7":    func() { AdjustHue(img, 0.7) },
	} {
		if err := engine.Catch(f); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s…", err, want)
		}
	}
}

func TestRandomCropsStayInsideTheImage(t *testing.T) {
	// A pixel of 0 can only come from padding: the image itself has none.
	x := eager.Full(1, 1, 20, 30)
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		for _, c := range []Transform{RandomCrop{H: 13, W: 30}, RandomResizedCrop{Size: 9}} {
			for _, v := range c.Apply(x, r).Float64s() {
				if math.Abs(v-1) > 1e-6 {
					t.Fatalf("%T shows %v outside the image", c, v)
				}
			}
		}
	}
	padded := RandomCrop{Size: 40, PadIfNeeded: true}.Apply(x, r)
	if s := padded.Sum().Item(); padded.Shape().String() != "[1 40 40]" || s != 600 {
		t.Errorf("padded to %v with sum %v, want 600", padded.Array(), s)
	}
}
