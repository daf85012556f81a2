package caffe

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/caffe/hdf5"
)

func init() {
	layers["HDF5Data"] = hdf5Data
	layers["HDF5Output"] = hdf5Output
}

// hdf5Source gives rows of the files that a list names, over and over.
type hdf5Source struct {
	files   []string
	tops    []string
	shuffle bool
	rand    *rand.Rand

	file   int // whose rows follow
	rows   []int
	blobs  [][]float32
	shapes [][]int
}

// hdf5Data reads rows of the data sets that are called like its tops.
func hdf5Data(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 0, 0)
	if out := l.fed(); out != nil {
		return out
	}
	p := l.Message.Message("hdf5_data_param")
	n := p.Int("batch_size", 0)
	if n < 1 {
		fail("batch_size is %d", n)
	}
	if l.Message.Has("transform_param") {
		fail("HDF5 data are taken as they are; transform_param is for images")
	}
	s, ok := l.state.(*hdf5Source)
	if !ok {
		seed, offset := eager.NextRandom(1)
		s = &hdf5Source{tops: l.top, shuffle: p.Bool("shuffle", false), rand: rand.New(rand.NewPCG(seed, offset)), file: -1}
		if err := s.list(l.net, p.Text("source", "")); err != nil {
			fail("%v", err)
		}
		l.state = s
	}
	data := make([][]float32, len(l.top))
	var first [][]int
	for range n {
		if len(s.rows) == 0 {
			if err := s.load(); err != nil {
				fail("%v", err)
			}
		}
		if first == nil {
			first = s.shapes
		}
		row := s.rows[0]
		s.rows = s.rows[1:]
		for k, shape := range s.shapes {
			if !slices.Equal(shape[1:], first[k][1:]) {
				fail("%s: rows of %q have shape %v, before %v", s.files[s.file], l.top[k], shape[1:], first[k][1:])
			}
			size := engine.Shape(shape[1:]).Numel()
			data[k] = append(data[k], s.blobs[k][row*size:(row+1)*size]...)
		}
	}
	out := make([]*eager.Tensor, len(l.top))
	for k := range out {
		out[k] = eager.FromFloat32s(data[k], slices.Concat([]int{n}, first[k][1:])...)
	}
	return out
}

// list reads the names of files, one a line.
func (s *hdf5Source) list(n *Net, source string) error {
	path := n.find(source)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			if found := n.find(name); exists(found) {
				name = found
			} else if beside := filepath.Join(filepath.Dir(path), name); exists(beside) {
				name = beside
			}
			s.files = append(s.files, name)
		}
	}
	if len(s.files) == 0 {
		return fmt.Errorf("%s lists no files", path)
	}
	return lines.Err()
}

// load reads the next file.
func (s *hdf5Source) load() error {
	again := s.file >= 0 && len(s.files) == 1
	s.file = (s.file + 1) % len(s.files)
	if s.file == 0 && s.shuffle {
		s.rand.Shuffle(len(s.files), func(a, b int) { s.files[a], s.files[b] = s.files[b], s.files[a] })
	}
	if !again {
		if err := s.read(s.files[s.file]); err != nil {
			return err
		}
	}
	s.rows = make([]int, s.shapes[0][0])
	for i := range s.rows {
		s.rows[i] = i
	}
	if s.shuffle {
		s.rand.Shuffle(len(s.rows), func(a, b int) { s.rows[a], s.rows[b] = s.rows[b], s.rows[a] })
	}
	return nil
}

func (s *hdf5Source) read(path string) error {
	f, err := hdf5.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s.blobs, s.shapes = nil, nil
	for _, t := range s.tops {
		d, err := f.Read(t)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if d.IsText() || len(d.Shape) == 0 || d.Shape[0] == 0 {
			return fmt.Errorf("%s: %q has shape %v; want rows of numbers", path, t, d.Shape)
		}
		if len(s.shapes) > 0 && d.Shape[0] != s.shapes[0][0] {
			return fmt.Errorf("%s: %q has %d rows, %q %d", path, s.tops[0], s.shapes[0][0], t, d.Shape[0])
		}
		s.blobs, s.shapes = append(s.blobs, d.Float32s()), append(s.shapes, d.Shape)
	}
	return nil
}

// hdf5Output writes its bottoms, data and label, with the rows of all runs so far.
func hdf5Output(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	path := l.Message.Message("hdf5_output_param").Text("file_name", "")
	if path == "" {
		fail("hdf5_output_param has no file_name")
	}
	if l.net.dry {
		return nil
	}
	names := []string{"data", "label"}
	items, _ := l.state.([]hdf5.Item)
	for i, x := range in {
		if x.Rank() == 0 || i > 0 && x.Size(0) != in[0].Size(0) {
			fail("bottoms %v and %v have other numbers of rows", in[0].Shape(), x.Shape())
		}
		v := x.Detach().Float32s()
		if len(items) <= i {
			items = append(items, hdf5.Item{Path: names[i], Shape: slices.Clone(x.Shape()), Value: v})
			continue
		}
		if !slices.Equal(items[i].Shape[1:], []int(x.Shape()[1:])) {
			fail("%s of shape %v after %v", names[i], x.Shape(), items[i].Shape)
		}
		items[i].Shape[0] += x.Size(0)
		items[i].Value = append(items[i].Value.([]float32), v...)
	}
	l.state = items
	if err := hdf5.Create(path, items); err != nil {
		fail("%v", err)
	}
	return nil
}
