package caffe

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/nn"
)

func init() { layers["WindowData"] = windowData }

// view is a window of an image: of a class, or of the background (0).
type view struct {
	path           string
	class          int
	x1, y1, x2, y2 int
}

// views draws windows of objects and of the background by R-CNN's rules.
type views struct {
	objects, rest []view
	p             *Message
	root          string
	t             *transformer
}

// windowData reads the images that a window file lists and cuts windows of crop_size from them.
func windowData(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 0, 0)
	if out := l.fed(); out != nil {
		return out
	}
	v, ok := l.state.(*views)
	if !ok {
		v = &views{p: l.Message.Message("window_data_param"), t: l.newTransformer()}
		v.root = l.net.find(v.p.Text("root_folder", ""))
		path := l.net.find(v.p.Text("source", ""))
		f, err := os.Open(path)
		if err != nil {
			fail("%v", err)
		}
		defer f.Close()
		if err := v.list(f); err != nil {
			fail("%s: %v", path, err)
		}
		l.state = v
	}
	n, size := v.p.Int("batch_size", 0), v.t.p.Int("crop_size", 0)
	if n < 1 || size < 1 {
		fail("batch_size is %d and crop_size of transform_param %d", n, size)
	}
	objects := min(int(float64(n)*v.p.Float("fg_fraction", 0.25)), n)
	if objects > 0 && len(v.objects) == 0 || objects < n && len(v.rest) == 0 {
		fail("the list has %d windows of objects and %d of the background", len(v.objects), len(v.rest))
	}
	var data, labels []float32
	for i := range n {
		from := v.rest
		if i >= n-objects {
			from = v.objects
		}
		w := from[v.t.rand.IntN(len(from))]
		s, err := v.cut(w, size)
		if err != nil {
			fail("%v", err)
		}
		data, labels = append(data, s...), append(labels, float32(w.class))
	}
	return []*eager.Tensor{eager.FromFloat32s(data, n, 3, size, size), eager.FromFloat32s(labels, n)}
}

// list reads records: "# INDEX", a path, channels, height, width, the number of windows, and for each its class, overlap
// with an object, and ends x1 y1 x2 y2.
func (v *views) list(r io.Reader) error {
	in := bufio.NewReader(r)
	fg, bg := v.p.Float("fg_threshold", 0.5), v.p.Float("bg_threshold", 0.5)
	for image := 0; ; image++ {
		var mark, path string
		var index, c, h, w, n int
		if _, err := fmt.Fscan(in, &mark, &index); err == io.EOF && mark == "" {
			break
		} else if err != nil || mark != "#" {
			return fmt.Errorf("image %d does not begin with # and a number", image)
		}
		if _, err := fmt.Fscan(in, &path, &c, &h, &w, &n); err != nil || n < 0 {
			return fmt.Errorf("image %d: want a path, channels, height, width and the number of windows", image)
		}
		for i := range n {
			var overlap float64
			x := view{path: path}
			if _, err := fmt.Fscan(in, &x.class, &overlap, &x.x1, &x.y1, &x.x2, &x.y2); err != nil {
				return fmt.Errorf("image %d, window %d: want a class, an overlap and four ends", image, i)
			}
			switch {
			case overlap >= fg:
				if x.class < 1 {
					return fmt.Errorf("image %d, window %d: class %d of an object, want at least 1", image, i, x.class)
				}
				v.objects = append(v.objects, x)
			case overlap < bg:
				x.class = 0
				v.rest = append(v.rest, x)
			}
		}
	}
	if len(v.objects)+len(v.rest) == 0 {
		return fmt.Errorf("the list has no windows")
	}
	return nil
}

// cut returns a window, with context_pad pixels of its surroundings, as 3 planes of size×size. What lies outside the
// image is 0 after the mean is taken off.
func (v *views) cut(w view, size int) ([]float32, error) {
	b, err := os.ReadFile(filepath.Join(v.root, strings.TrimPrefix(w.path, "/")))
	if err != nil && filepath.IsAbs(w.path) {
		b, err = os.ReadFile(w.path)
	}
	if err != nil {
		return nil, err
	}
	img, err := decodeImage(b, 0, 0, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.path, err)
	}
	x1, y1, x2, y2 := w.x1, w.y1, w.x2, w.y2
	pad, square := v.p.Int("context_pad", 0), v.p.Text("crop_mode", "warp") == "square"
	outW, outH, padW, padH := size, size, 0, 0
	flip := v.t.phase == Train && v.t.p.Bool("mirror", false) && v.t.rand.IntN(2) == 1
	if pad > 0 || square {
		if 2*pad >= size {
			return nil, fmt.Errorf("context_pad %d leaves nothing of crop_size %d", pad, size)
		}
		scale := float64(size) / float64(size-2*pad)
		halfH, halfW := float64(y2-y1+1)/2, float64(x2-x1+1)/2
		cx, cy := float64(x1)+halfW, float64(y1)+halfH
		if square {
			halfH = max(halfH, halfW)
			halfW = halfH
		}
		x1, x2 = int(math.Round(cx-halfW*scale)), int(math.Round(cx+halfW*scale))
		y1, y2 = int(math.Round(cy-halfH*scale)), int(math.Round(cy+halfH*scale))
		wide, high := x2-x1+1, y2-y1+1
		left, top := max(0, -x1), max(0, -y1)
		right := max(0, x2-img.w+1)
		sx, sy := float64(size)/float64(wide), float64(size)/float64(high)
		x1, x2, y1, y2 = x1+left, min(x2, img.w-1), y1+top, min(y2, img.h-1)
		outW = min(int(math.Round(float64(x2-x1+1)*sx)), size)
		outH = min(int(math.Round(float64(y2-y1+1)*sy)), size)
		padH, padW = int(math.Round(float64(top)*sy)), int(math.Round(float64(left)*sx))
		if flip {
			padW = int(math.Round(float64(right) * sx))
		}
		padH, padW = min(padH, size-outH), min(padW, size-outW)
	}
	if x1 < 0 || y1 < 0 || x2 < x1 || y2 < y1 || x2 >= img.w || y2 >= img.h || outW < 1 || outH < 1 {
		return nil, fmt.Errorf("%s: window %d %d %d %d of an image of %d×%d", w.path, w.x1, w.y1, w.x2, w.y2, img.w, img.h)
	}
	return v.place(img, x1, y1, x2, y2, [4]int{outW, outH, padW, padH}, flip, size), nil
}

// place resizes a part of an image, takes the mean off, and puts it into planes of size×size.
func (v *views) place(img sample, x1, y1, x2, y2 int, out [4]int, flip bool, size int) []float32 {
	w, h, padW, padH := out[0], out[1], out[2], out[3]
	x := eager.FromFloat32s(img.pixels, 1, 3, img.h, img.w).Slice(2, y1, y2+1).Slice(3, x1, x2+1)
	if x.Size(2) != h || x.Size(3) != w {
		x = nn.Interpolate(x, nn.UpsampleOptions{Size: []int{h, w}, Mode: "bilinear"}).Round()
	}
	px, dst := x.Float32s(), make([]float32, 3*size*size)
	scale := float32(v.t.p.Float("scale", 1))
	for i := range px {
		c, row, col := i/(h*w), i/w%h, i%w
		if flip {
			col = w - 1 - col
		}
		at := (c*size+padH+row)*size + padW + col
		dst[at] = (px[i] - v.mean(c, padH+row, padW+col, size)) * scale
	}
	return dst
}

// mean is what transform_param takes off at a place of a window: the centre of a mean image, or a value.
func (v *views) mean(c, row, col, size int) float32 {
	t := v.t
	switch {
	case t.mean != nil:
		s := t.mean.Shape()
		h, w := s[len(s)-2], s[len(s)-1]
		if len(t.flat) != 3*h*w || h < size || w < size {
			fail("the mean has shape %v for windows of %d×%d", s, size, size)
		}
		return t.flat[(c*h+(h-size)/2+row)*w+(w-size)/2+col]
	case len(t.means) == 1:
		return float32(t.means[0])
	case len(t.means) == 3:
		return float32(t.means[c])
	case len(t.means) > 0:
		fail("%d mean values for 3 channels", len(t.means))
	}
	return 0
}
