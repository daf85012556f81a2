package caffe

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/internal/atomicfile"
	"github.com/lathe-ml/lathe/jit/caffe/lmdb"
)

// ImageSet says how ConvertImages prepares images; the zero value keeps them as they are, in colour and in the list's order.
type ImageSet struct {
	Root          string // folder that the list's paths begin at; the working directory by default
	Height, Width int    // size that images are brought to (bilinear); 0: their own
	Gray          bool   // one channel
	Encoded       bool   // keep the bytes of the JPEG or PNG files, which layers decode when they read them
	Shuffle       bool   // write the images in an order drawn from Seed
	Seed          uint64
}

// ConvertImages writes the images that a text file lists, a path and a label a line, into a new database of LMDB, which Data
// layers read: Caffe's convert_imageset. It returns how many there are. Keys are the number and the path of an image, as Caffe
// writes them; channels are in the order blue, green, red. A file that cannot be read is an error, and leaves no database.
func ConvertImages(list, database string, set ImageSet) (n int, err error) {
	if (set.Height > 0) != (set.Width > 0) || set.Height < 0 || set.Encoded && (set.Height > 0 || set.Gray) {
		return 0, fmt.Errorf("caffe: size %d×%d, encoded %v: want both sides or none, and files that stay encoded as they are", set.Height, set.Width, set.Encoded)
	}
	images, err := readList(list)
	if err != nil {
		return 0, fmt.Errorf("caffe: %w", err)
	}
	if _, err := os.Stat(filepath.Join(database, "data.mdb")); err == nil {
		return 0, fmt.Errorf("caffe: %s is there already; remove it, or name another folder", database)
	}
	if set.Shuffle {
		r := rand.New(rand.NewPCG(set.Seed, 0))
		r.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
	}
	var failed error
	err = lmdb.Create(database, func(yield func(k, v []byte) bool) {
		for i, e := range images {
			var v []byte
			if v, failed = set.datum(e); failed != nil {
				return
			}
			if !yield(fmt.Appendf(nil, "%08d_%s", i, e.path), v) {
				return
			}
			n++
		}
	})
	if failed != nil {
		err = errors.Join(failed, os.RemoveAll(filepath.Join(database, "data.mdb")))
		os.Remove(database) // unless it holds something else
		return 0, fmt.Errorf("caffe: %w", err)
	}
	return n, err
}

// datum reads one image of a list.
func (set ImageSet) datum(e listed) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(set.Root, e.path))
	if err != nil {
		return nil, err
	}
	s, err := decodeImage(b, set.Height, set.Width, !set.Gray)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.path, err)
	}
	if set.Encoded {
		m := newMessage()
		m.set("encoded", true)
		m.set("data", string(b))
		m.set("label", int64(e.label))
		return m.Marshal("Datum")
	}
	pixels := make([]byte, len(s.pixels))
	for i, v := range s.pixels {
		pixels[i] = byte(v)
	}
	return EncodeDatum(s.c, s.h, s.w, pixels, e.label)
}

// MeanImage writes the mean of a database's images, which all have one size, as a BlobProto [1 c h w]: Caffe's
// compute_image_mean. It returns the mean of each channel.
func MeanImage(database, path string) ([]float64, error) {
	db, err := lmdb.Open(database)
	if err != nil {
		return nil, fmt.Errorf("caffe: %w", err)
	}
	defer db.Close()
	var sum []float64
	var first sample
	for k, v := range db.All() {
		s, err := decodeDatum(v)
		if err != nil {
			return nil, fmt.Errorf("%w, in %s of %s", err, k, database)
		}
		if sum == nil {
			first, sum = s, make([]float64, len(s.pixels))
		}
		if s.c != first.c || s.h != first.h || s.w != first.w {
			return nil, fmt.Errorf("caffe: %s of %s is %d×%d×%d, the first image %d×%d×%d; convert them to one size", k, database, s.c, s.h, s.w, first.c, first.h, first.w)
		}
		for i, x := range s.pixels {
			sum[i] += float64(x)
		}
	}
	if err := db.Err(); err != nil {
		return nil, fmt.Errorf("caffe: %w", err)
	}
	if len(sum) == 0 {
		return nil, fmt.Errorf("caffe: %s has no images", database)
	}
	mean, channels := make([]float32, len(sum)), make([]float64, first.c)
	for i, x := range sum {
		mean[i] = float32(x / float64(db.Len()))
		channels[i/(first.h*first.w)] += x / float64(db.Len()*first.h*first.w)
	}
	b, err := blobOf(eager.FromFloat32s(mean, 1, first.c, first.h, first.w)).Marshal("BlobProto")
	if err != nil {
		return nil, err
	}
	return channels, atomicfile.WriteBytes(path, b)
}
