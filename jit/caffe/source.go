package caffe

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	// Formats of encoded images.
	_ "image/jpeg"
	_ "image/png"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/jit/caffe/lmdb"
)

func init() {
	layers["Data"] = dataLayer
	layers["ImageData"] = imageDataLayer
}

// sample is one image, channels first in the order blue, green, red, and its label.
type sample struct {
	c, h, w int
	pixels  []float32
	label   int
}

// feeder gives the samples of a data layer, over and over.
type feeder struct {
	next  func() (sample, error)
	t     *transformer
	batch int
}

// dataLayer reads images from a database of LMDB.
func dataLayer(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 0, 0)
	if out := l.fed(); out != nil {
		return out
	}
	f, ok := l.state.(*feeder)
	if !ok {
		p := l.Message.Message("data_param")
		if b := p.Text("backend", "LEVELDB"); b != "LMDB" {
			fail("backend %s is not read; convert the database to LMDB", b)
		}
		db, err := lmdb.Open(l.net.find(p.Text("source", "")))
		if err != nil {
			fail("%v", err)
		}
		if db.Len() == 0 {
			fail("database %s is empty", p.Text("source", ""))
		}
		f = l.newFeeder(p.Int("batch_size", 0), endless(db))
		for range skipped(p.Int("rand_skip", 0)) {
			if _, err := f.next(); err != nil {
				fail("%v", err)
			}
		}
	}
	return f.tops(len(l.top))
}

func skipped(n int) int {
	if n < 1 {
		return 0
	}
	return int(eager.RandInt(0, n, 1).Item())
}

// fed returns what the caller gives in place of the file; nil when it gives nothing.
func (l *layer) fed() []*eager.Tensor {
	var out []*eager.Tensor
	for _, t := range l.top {
		if x := l.net.feed[t]; x != nil {
			out = append(out, x)
		}
	}
	if len(out) < len(l.top) {
		return nil
	}
	return out
}

// endless reads a database again and again, an entry at a time.
func endless(db *lmdb.DB) func() (sample, error) {
	next, _ := iter.Pull2(db.All())
	return func() (sample, error) {
		_, v, ok := next()
		if !ok {
			if err := db.Err(); err != nil {
				return sample{}, err
			}
			next, _ = iter.Pull2(db.All())
			if _, v, ok = next(); !ok {
				return sample{}, errors.Join(errors.New("caffe: the database has no entries any more"), db.Err())
			}
		}
		return decodeDatum(v)
	}
}

// decodeDatum reads a message Datum.
func decodeDatum(b []byte) (sample, error) {
	m, err := ParseBinary(b, "Datum")
	if err != nil {
		return sample{}, err
	}
	s := sample{c: m.Int("channels", 0), h: m.Int("height", 0), w: m.Int("width", 0), label: m.Int("label", 0)}
	data := m.Text("data", "")
	if m.Bool("encoded", false) {
		img, err := decodeImage([]byte(data), 0, 0, true)
		img.label = s.label
		return img, err
	}
	if n := s.c * s.h * s.w; s.c < 0 || s.h < 0 || s.w < 0 || len(data) > 0 && len(data) != n || len(data) == 0 && len(m.Floats("float_data")) != n {
		return sample{}, fmt.Errorf("caffe: datum of %d×%d×%d has %d bytes", s.c, s.h, s.w, len(data))
	}
	if len(data) == 0 {
		for _, v := range m.Floats("float_data") {
			s.pixels = append(s.pixels, float32(v))
		}
		return s, nil
	}
	s.pixels = make([]float32, len(data))
	for i := range s.pixels {
		s.pixels[i] = float32(data[i])
	}
	return s, nil
}

// EncodeDatum returns pixels, channels first, as a message Datum: what databases of images hold.
func EncodeDatum(channels, height, width int, pixels []byte, label int) ([]byte, error) {
	if len(pixels) != channels*height*width {
		return nil, fmt.Errorf("caffe: %d pixels for %d×%d×%d", len(pixels), channels, height, width)
	}
	m := newMessage()
	m.set("channels", int64(channels))
	m.set("height", int64(height))
	m.set("width", int64(width))
	m.set("data", string(pixels))
	m.set("label", int64(label))
	return m.Marshal("Datum")
}

// decodeImage decodes a file and, when h and w are given, resizes it as OpenCV does by default.
func decodeImage(b []byte, h, w int, color bool) (sample, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return sample{}, fmt.Errorf("caffe: not an image (JPEG or PNG): %w", err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > 1<<15 || c.Height > 1<<15 {
		return sample{}, fmt.Errorf("caffe: %s image of %d×%d", format, c.Width, c.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return sample{}, fmt.Errorf("caffe: %s image: %w", format, err)
	}
	r := img.Bounds()
	s := sample{c: 3, h: r.Dy(), w: r.Dx()}
	if !color {
		s.c = 1
	}
	n := s.h * s.w
	s.pixels = make([]float32, s.c*n)
	for i := range n {
		rr, gg, bb, _ := img.At(r.Min.X+i%s.w, r.Min.Y+i/s.w).RGBA()
		red, green, blue := float32(rr>>8), float32(gg>>8), float32(bb>>8)
		if color {
			s.pixels[i], s.pixels[n+i], s.pixels[2*n+i] = blue, green, red
		} else {
			s.pixels[i] = float32(int(0.299*red + 0.587*green + 0.114*blue + 0.5))
		}
	}
	if h > 0 && w > 0 && (h != s.h || w != s.w) {
		x := eager.FromFloat32s(s.pixels, 1, s.c, s.h, s.w)
		x = nn.Interpolate(x, nn.UpsampleOptions{Size: []int{h, w}, Mode: "bilinear"}).Round()
		s.h, s.w, s.pixels = h, w, x.Float32s()
	}
	return s, nil
}

// imageDataLayer reads the images that a text file lists with their labels.
func imageDataLayer(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 0, 0)
	if out := l.fed(); out != nil {
		return out
	}
	f, ok := l.state.(*feeder)
	if !ok {
		p := l.Message.Message("image_data_param")
		list, err := readList(l.net.find(p.Text("source", "")))
		if err != nil {
			fail("%v", err)
		}
		root, h, w := l.net.find(p.Text("root_folder", "")), p.Int("new_height", 0), p.Int("new_width", 0)
		color := p.Bool("is_color", true)
		order, i := make([]int, len(list)), -1
		for k := range order {
			order[k] = k
		}
		shuffle := func() {
			if p.Bool("shuffle", false) {
				seed, offset := eager.NextRandom(1)
				rand.New(rand.NewPCG(seed, offset)).Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
			}
		}
		shuffle()
		skip := skipped(p.Int("rand_skip", 0))
		f = l.newFeeder(p.Int("batch_size", 1), func() (sample, error) {
			i++
			if i > 0 && i%len(order) == 0 {
				shuffle()
			}
			e := list[order[(i+skip)%len(order)]]
			b, err := os.ReadFile(filepath.Join(root, e.path))
			if err != nil {
				return sample{}, err
			}
			s, err := decodeImage(b, h, w, color)
			s.label = e.label
			return s, err
		})
	}
	return f.tops(len(l.top))
}

type listed struct {
	path  string
	label int
}

// readList reads lines of a path and a label.
func readList(path string) ([]listed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []listed
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" {
			continue
		}
		at := strings.LastIndexAny(line, " \t")
		if at < 0 {
			return nil, fmt.Errorf("%s: line %q has no label", path, line)
		}
		n, err := strconv.Atoi(line[at+1:])
		if err != nil {
			return nil, fmt.Errorf("%s: line %q does not end in a label", path, line)
		}
		list = append(list, listed{strings.TrimSpace(line[:at]), n})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s lists no images", path)
	}
	return list, nil
}

func (l *layer) newFeeder(batch int, next func() (sample, error)) *feeder {
	if batch < 1 {
		fail("batch_size is %d", batch)
	}
	f := &feeder{next: next, batch: batch, t: l.newTransformer()}
	l.state = f
	return f
}

// tops returns the next batch: images and, when there is a second top, labels.
func (f *feeder) tops(n int) []*eager.Tensor {
	var data, labels []float32
	var c, h, w int
	for i := range f.batch {
		s, err := f.next()
		if err != nil {
			fail("%v", err)
		}
		s = f.t.apply(s)
		if i == 0 {
			c, h, w = s.c, s.h, s.w
		}
		if s.c != c || s.h != h || s.w != w {
			fail("images of %d×%d×%d and %d×%d×%d in one batch; set crop_size, or new_height and new_width", c, h, w, s.c, s.h, s.w)
		}
		data, labels = append(data, s.pixels...), append(labels, float32(s.label))
	}
	out := []*eager.Tensor{eager.FromFloat32s(data, f.batch, c, h, w)}
	if n > 1 {
		out = append(out, eager.FromFloat32s(labels, f.batch))
	}
	return out
}

// transformer applies TransformationParameter: mean, crop, mirror, scale.
type transformer struct {
	p     *Message
	phase Phase
	mean  *eager.Tensor // [c h w], or nil
	flat  []float32
	means []float64
	rand  *rand.Rand
}

func (l *layer) newTransformer() *transformer {
	p, phase := l.Message.Message("transform_param"), l.net.Phase
	seed, offset := eager.NextRandom(1)
	t := &transformer{p: p, phase: phase, means: p.Floats("mean_value"), rand: rand.New(rand.NewPCG(seed, offset))}
	if path := p.Text("mean_file", ""); path != "" {
		b, err := os.ReadFile(l.net.find(path))
		if err != nil {
			fail("mean_file: %v", err)
		}
		m, err := ParseBinary(b, "BlobProto")
		if err != nil {
			fail("%s: %v", path, err)
		}
		mean, err := blobTensor(m)
		if err != nil {
			fail("%s: %v", path, err)
		}
		t.mean, t.flat = mean, mean.Float32s()
	}
	return t
}

func (t *transformer) apply(s sample) sample {
	if t.mean != nil && len(t.flat) != len(s.pixels) {
		fail("the mean has shape %v, the image %d×%d×%d", t.mean.Shape(), s.c, s.h, s.w)
	}
	if n := len(t.means); n > 1 && n != s.c {
		fail("%d mean values for %d channels", n, s.c)
	}
	size := t.p.Int("crop_size", 0)
	h, w, y0, x0 := s.h, s.w, 0, 0
	if size > 0 {
		if size > s.h || size > s.w {
			fail("crop_size %d is larger than the image of %d×%d", size, s.h, s.w)
		}
		h, w = size, size
		y0, x0 = (s.h-h)/2, (s.w-w)/2
		if t.phase == Train {
			y0, x0 = t.rand.IntN(s.h-h+1), t.rand.IntN(s.w-w+1)
		}
	}
	flip := t.p.Bool("mirror", false) && t.phase == Train && t.rand.IntN(2) == 1
	scale := float32(t.p.Float("scale", 1))
	out := sample{c: s.c, h: h, w: w, label: s.label, pixels: make([]float32, s.c*h*w)}
	for i := range out.pixels {
		c, y, x := i/(h*w), i/w%h, i%w
		at := (c*s.h+y0+y)*s.w + x0 + x
		v := s.pixels[at]
		switch {
		case t.mean != nil:
			v -= t.flat[at]
		case len(t.means) == 1:
			v -= float32(t.means[0])
		case len(t.means) > 1:
			v -= float32(t.means[c])
		}
		if flip {
			x = w - 1 - x
		}
		out.pixels[(c*h+y)*w+x] = v * scale
	}
	return out
}
