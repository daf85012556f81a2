package caffe

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lathe-ml/lathe/jit/caffe/lmdb"
)

// photos writes three PNG files of one colour each, the last of another size, and their list.
func photos(t *testing.T) (dir, list string) {
	t.Helper()
	dir = t.TempDir()
	for i, name := range []string{"a.png", "b.png", "c.png"} {
		size := 4 + 2*(i/2)
		img := image.NewNRGBA(image.Rect(0, 0, size, size))
		for p := range size * size {
			img.Set(p%size, p/size, color.NRGBA{uint8(10 + i), uint8(20 + i), uint8(30 + i), 255})
		}
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "list.txt", "a.png 3\nb.png 1\n\nc.png 2\n")
	return dir, filepath.Join(dir, "list.txt")
}

// TestListedImagesBecomeADatabaseAndItsMean reads back what ConvertImages wrote: order, keys, sizes, channels, labels.
func TestListedImagesBecomeADatabaseAndItsMean(t *testing.T) {
	dir, list := photos(t)
	for _, set := range []ImageSet{{Root: dir}, {Root: dir, Encoded: true}, {Root: dir, Height: 4, Width: 4}, {Root: dir, Gray: true}} {
		path := filepath.Join(t.TempDir(), "db")
		if n, err := ConvertImages(list, path, set); n != 3 || err != nil {
			t.Fatalf("%+v: %d images, %v", set, n, err)
		}
		db, err := lmdb.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		var all []sample
		for k, v := range db.All() {
			s, err := decodeDatum(v)
			if err != nil {
				t.Fatal(err)
			}
			keys, all = append(keys, string(k)), append(all, s)
		}
		if got := strings.Join(keys, " "); got != "00000000_a.png 00000001_b.png 00000002_c.png" {
			t.Errorf("keys %s", got)
		}
		last, side, first := all[2], 6, float32(32)
		if set.Height > 0 {
			side = 4
		}
		if set.Gray {
			first = 20 // 0.299·12 + 0.587·22 + 0.114·32 = 20.15
		}
		if last.h != side || last.w != side || last.label != 2 || last.pixels[0] != first {
			t.Errorf("%+v: the third image is %d×%d, label %d, first pixel %v", set, last.h, last.w, last.label, last.pixels[0])
		}
		mean, err := MeanImage(path, filepath.Join(dir, "mean.binaryproto"))
		if set.Height > 0 {
			if err != nil || len(mean) != 3 || mean[0] != 31 || mean[2] != 11 {
				t.Errorf("mean of channels %v, %v", mean, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "one size") {
			t.Errorf("images of two sizes have a mean: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestConversionsThatFailLeaveNoDatabase names the file or the setting.
func TestConversionsThatFailLeaveNoDatabase(t *testing.T) {
	dir, list := photos(t)
	write(t, dir, "bad.png", "not an image")
	write(t, dir, "bad.txt", "a.png 0\nbad.png 1\n")
	write(t, dir, "gone.txt", "a.png 0\ngone.png 1\n")
	path := filepath.Join(dir, "db")
	for _, c := range []struct {
		list, want string
		set        ImageSet
	}{
		{filepath.Join(dir, "bad.txt"), "bad.png", ImageSet{Root: dir}},
		{filepath.Join(dir, "gone.txt"), "gone.png", ImageSet{Root: dir}},
		{list, "both sides", ImageSet{Root: dir, Width: 5}},
		{filepath.Join(dir, "none.txt"), "none.txt", ImageSet{}},
	} {
		if _, err := ConvertImages(c.list, path, c.set); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.list, err, c.want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a database is there", c.list)
		}
	}
	if _, err := ConvertImages(list, path, ImageSet{Root: dir}); err != nil {
		t.Fatal(err)
	}
	if _, err := ConvertImages(list, path, ImageSet{Root: dir}); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("a database is written over: %v", err)
	}
}
