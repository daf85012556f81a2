package jpeg

import (
	"encoding/json"
	"hash/crc32"
	"os"
	"strconv"
	"strings"
	"testing"
)

type recorded struct {
	Name string
	File []byte
	Want map[string][4]int // by reduction: channels, height, width, CRC-32 of the planes
}

func cases(t testing.TB) []recorded {
	t.Helper()
	b, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []recorded }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) < 20 {
		t.Fatalf("%d cases", len(all.Cases))
	}
	return all.Cases
}

func TestSamplesEqualLibjpegs(t *testing.T) {
	for _, c := range cases(t) {
		for reduce, want := range c.Want {
			n, _ := strconv.Atoi(reduce)
			img, err := Decode(c.File, Options{Reduce: n})
			if err != nil {
				t.Errorf("%s /%d: %v", c.Name, n, err)
				continue
			}
			got := [4]int{img.Channels, img.Height, img.Width, int(crc32.ChecksumIEEE(img.Pix))}
			if got != want {
				t.Errorf("%s /%d: %v, want %v", c.Name, n, got, want)
			}
		}
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	for _, c := range cases(t) {
		if strings.HasPrefix(c.Name, "progressive") || strings.HasSuffix(c.Name, "progressive") {
			continue // ends between two scans are complete images of less detail
		}
		for n := 0; n < len(c.File)-40; n += 1 + n/8 {
			if _, err := Decode(c.File[:n], Options{}); err == nil {
				t.Errorf("%s: %d of %d bytes decode without an error", c.Name, n, len(c.File))
			}
		}
	}
}

func TestWhatIsNotDecodedIsNamed(t *testing.T) {
	good := cases(t)[0].File
	change := func(marker byte, at int, v byte) []byte {
		b := append([]byte(nil), good...)
		for i := range b {
			if b[i] == 0xff && b[i+1] == marker {
				b[i+at] = v
				return b
			}
		}
		t.Fatalf("no marker %x", marker)
		return nil
	}
	for want, b := range map[string][]byte{
		"not a JPEG file":                       []byte("PNG"),
		"arithmetically coded JPEG (marker c9)": change(0xc0, 1, 0xc9),
		"a lossless or hierarchical":            change(0xc0, 1, 0xc3),
		"samples of 12 bits":                    change(0xc0, 4, 12),
		"2 components":                          append(change(0xc0, 9, 2)[:0:0], two(change(0xc0, 9, 2))...),
		"cut off":                               change(0xc0, 5, 200), // a height that the data cannot fill
	} {
		if _, err := Decode(b, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
	if _, err := Decode(good, Options{Reduce: 3}); err == nil {
		t.Error("a reduction by 3 is accepted")
	}
}

// two makes the frame header of b, which claims two components, as long as two components are.
func two(b []byte) []byte {
	for i := range b {
		if b[i] == 0xff && b[i+1] == 0xc0 {
			b[i+3] -= 3
			return append(b[:i+16:i+16], b[i+19:]...)
		}
	}
	return b
}

func FuzzDecode(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(c.File, uint8(0))
		f.Add(c.File, uint8(2))
	}
	f.Fuzz(func(t *testing.T, b []byte, r uint8) {
		if info, err := DecodeInfo(b); err == nil && info.Width*info.Height > 1<<22 {
			return
		}
		img, err := Decode(b, Options{Reduce: 1 << (r & 3), Gray: r&4 != 0})
		if (img == nil) == (err == nil) {
			t.Errorf("image %v and error %v", img, err)
		}
		if img != nil && len(img.Pix) != img.Channels*img.Width*img.Height {
			t.Errorf("%d bytes for %d×%d×%d", len(img.Pix), img.Channels, img.Height, img.Width)
		}
	})
}
