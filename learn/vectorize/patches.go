package vectorize

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/random"
)

// patchCount returns how many patches of an image are taken of all that there are.
func patchCount(where string, all int, most any) int {
	if most == nil {
		return all
	}
	if n, ok := learn.OptInt(most); ok && n >= 1 {
		return min(n, all)
	}
	f, ok := learn.OptFloat(most)
	if !ok || f <= 0 || f >= 1 {
		learn.Fail(where, "MaxPatches is %v; want nil (all), a number of 1 or more, or a share in (0, 1)", most)
	}
	return int(f * float64(all))
}

// patches appends patches of an image [height width·channels].
func patches(where string, out []float64, image *learn.Matrix, channels int, size [2]int, most any,
	r *random.State,
) []float64 {
	h, w := image.Rows, image.Cols/channels
	if size[0] < 1 || size[1] < 1 || size[0] > h || size[1] > w {
		learn.Fail(where, "patches are %d×%d and the image %d×%d; want patches within it", size[0], size[1], h, w)
	}
	nh, nw := h-size[0]+1, w-size[1]+1
	take := func(i, j int) {
		for y := range size[0] {
			out = append(out, image.Row(i + y)[j*channels:(j+size[1])*channels]...)
		}
	}
	n := patchCount(where, nh*nw, most)
	if most == nil {
		for k := range nh * nw {
			take(k/nw, k%nw)
		}
		return out
	}
	tops, lefts := r.Ints(nh, n), r.Ints(nw, n)
	for k := range n {
		take(tops[k], lefts[k])
	}
	return out
}

// ExtractPatches returns patches of an image [height width·channels] as rows [patches height·width·channels]: all
// from left to right and top to bottom for most = nil, else as many (a share below 1) at random places.
func ExtractPatches(image *learn.Matrix, channels int, size [2]int, most any, seed int64) (p *learn.Matrix,
	err error,
) {
	const where = "vectorize.ExtractPatches"
	defer learn.Catch(&err)
	if channels < 1 || image.Cols%channels != 0 {
		learn.Fail(where, "the image has %d numbers a row and %d channels; want a multiple", image.Cols, channels)
	}
	data := patches(where, nil, image, channels, size, most, random.New(seed))
	cols := size[0] * size[1] * channels
	return &learn.Matrix{Rows: len(data) / cols, Cols: cols, Data: data}, nil
}

// ReconstructFromPatches returns the image [height width·channels] whose patches these are, all of them in the
// order of ExtractPatches, each pixel the mean of the patches over it.
func ReconstructFromPatches(p *learn.Matrix, size [2]int, height, width, channels int) (image *learn.Matrix,
	err error,
) {
	defer learn.Catch(&err)
	nh, nw := height-size[0]+1, width-size[1]+1
	if nh < 1 || nw < 1 || p.Rows != nh*nw || p.Cols != size[0]*size[1]*channels {
		learn.Fail("vectorize.ReconstructFromPatches",
			"%d patches of %d numbers for a %d×%d image of %d channels; want all %d of %d", p.Rows, p.Cols, height,
			width, channels, max(nh, 0)*max(nw, 0), size[0]*size[1]*channels)
	}
	image = learn.NewMatrix(height, width*channels)
	for k := range p.Rows {
		top, left := k/nw, k%nw*channels
		row := p.Row(k)
		for y := range size[0] {
			line := image.Row(top + y)[left : left+size[1]*channels]
			for x, v := range row[y*len(line) : (y+1)*len(line)] {
				line[x] += v
			}
		}
	}
	for i := range height {
		over := min(i+1, size[0], nh, height-i)
		for j := range image.Row(i) {
			x := j / channels
			image.Row(i)[j] /= float64(over * min(x+1, size[1], nw, width-x))
		}
	}
	return image, nil
}

// PatchExtractor changes images, one a row, to patches, one a row.
type PatchExtractor struct {
	learn.TransformerBase
	ImageSize   []int `param:"image_size"` // height, width and, where they are not 1, channels
	PatchSize   []int `param:"patch_size"` // height and width; nil: a tenth of the image's
	MaxPatches  any   `param:"max_patches=None"`
	RandomState int64 `param:"random_state=0"`
}

// NewPatchExtractor returns one for images of that size: height, width and channels.
func NewPatchExtractor(size ...int) *PatchExtractor {
	m := &PatchExtractor{}
	learn.Init(m)
	m.ImageSize = size
	return m
}

// size returns the extents of images and patches.
func (m *PatchExtractor) size(cols int) (h, w, c int, patch [2]int) {
	s := slices.Clone(m.ImageSize)
	if len(s) == 0 { // square and grey
		side := int(math.Round(math.Sqrt(float64(cols))))
		s = []int{side, side}
	}
	if len(s) == 2 {
		s = append(s, 1)
	}
	if len(s) != 3 || s[0]*s[1]*s[2] != cols {
		m.Fail("ImageSize is %v for rows of %d numbers; want height, width and channels with that product", m.ImageSize,
			cols)
	}
	patch = [2]int{s[0] / 10, s[1] / 10}
	if len(m.PatchSize) != 0 {
		if len(m.PatchSize) != 2 {
			m.Fail("PatchSize is %v; want height and width", m.PatchSize)
		}
		patch = [2]int(m.PatchSize)
	}
	return s[0], s[1], s[2], patch
}

// Fit checks the sizes; there is nothing to learn.
func (m *PatchExtractor) Fit(x learn.Data, _ *learn.Matrix) (err error) {
	defer learn.Catch(&err)
	m.size(m.Begin(x, nil).Cols)
	m.Done()
	return nil
}

// Transform returns patches [images·patches height·width·channels].
func (m *PatchExtractor) Transform(x learn.Data) (d learn.Data, err error) {
	defer learn.Catch(&err)
	v := m.Ready(x)
	h, w, c, patch := m.size(v.Cols)
	r := random.New(m.RandomState)
	var out []float64
	for i := range v.Rows {
		image := &learn.Matrix{Rows: h, Cols: w * c, Data: v.Row(i)}
		out = patches(m.Name(), out, image, c, patch, m.MaxPatches, r)
	}
	cols := patch[0] * patch[1] * c
	return &learn.Matrix{Rows: len(out) / cols, Cols: cols, Data: out}, nil
}

// GridGraph returns the graph of a grid of nx·ny·nz pixels, ones between neighbours and on the diagonal; mask
// (nil: all) chooses pixels.
func GridGraph(nx, ny, nz int, mask []bool) (*learn.CSR, error) {
	return pixelGraph("vectorize.GridGraph", nx, ny, nz, nil, mask)
}

// ImageGraph returns the graph of an image [height width]: the size of the gradient between neighbours, and the
// pixels on the diagonal.
func ImageGraph(image *learn.Matrix, mask []bool) (*learn.CSR, error) {
	return pixelGraph("vectorize.ImageGraph", image.Rows, image.Cols, 1, image.Data, mask)
}

func pixelGraph(where string, nx, ny, nz int, values []float64, mask []bool) (g *learn.CSR, err error) {
	defer learn.Catch(&err)
	n := nx * ny * nz
	if nx < 1 || ny < 1 || nz < 1 || mask != nil && len(mask) != n {
		learn.Fail(where, "a grid of %d×%d×%d with a mask of %d; want 1 or more and a mask of all pixels", nx, ny, nz,
			len(mask))
	}
	number, count := make([]int, n), 0
	for i := range number {
		number[i] = -1
		if mask == nil || mask[i] {
			number[i] = count
			count++
		}
	}
	b := learn.NewCSRBuilder(count)
	edge := func(i, j int, inside bool) {
		if !inside || number[j] < 0 {
			return
		}
		v := 1.0
		if values != nil && i != j {
			v = math.Abs(values[i] - values[j])
		} else if values != nil {
			v = values[i]
		}
		b.Add(number[j], v)
	}
	for i := range n {
		if number[i] < 0 {
			continue
		}
		x, y, z := i/(ny*nz), i/nz%ny, i%nz
		edge(i, i-ny*nz, x > 0)
		edge(i, i-nz, y > 0)
		edge(i, i-1, z > 0)
		edge(i, i, true)
		edge(i, i+1, z < nz-1)
		edge(i, i+nz, y < ny-1)
		edge(i, i+ny*nz, x < nx-1)
		b.EndRow()
	}
	return b.CSR(), nil
}
