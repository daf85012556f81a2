package zoo

import (
	"fmt"
	"math"

	"github.com/lathe-ml/lathe/data/vision"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/eager/checkpoint"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/boxes"
)

// faces finds faces with the three stages of MTCNN; files pnet, rnet and onet are state dicts of PyTorch.
func faces(m *Model) (func(path string) (*Result, error), error) {
	net := map[string]*Cascade{}
	for _, role := range []string{"pnet", "rnet", "onet"} {
		path, err := m.file(role)
		if err != nil {
			return nil, err
		}
		state, err := checkpoint.LoadTorch(path)
		if err != nil {
			return nil, err
		}
		net[role] = Stage(role)
		if err := net[role].LoadStateDict(state.Tensors); err != nil {
			return nil, fmt.Errorf("%s: %w", role, err)
		}
		net[role].Eval()
	}
	return func(path string) (*Result, error) {
		photo, err := vision.Read(path)
		if err != nil {
			return nil, err
		}
		found := candidates(net["pnet"], photo)
		found = refined(net["rnet"], photo, found, 24, 0.7)
		found = refined(net["onet"], photo, found, 48, m.threshold(0.7))
		r := &Result{}
		for _, f := range found {
			box := [4]float64(f.box)
			r.Items = append(r.Items, Item{Label: "face", Score: f.score, Box: &box, Marks: f.marks})
		}
		return r, nil
	}, nil
}

// face is a candidate.
type face struct {
	box   boxes.Box
	score float64
	shift [4]float64 // that the network proposes, in parts of the box
	marks [][2]float64
}

const (
	leastFace = 20    // pixels
	shrink    = 0.709 // of one scale of the photo to the next
	cell      = 12    // pixels that the first stage sees at once
)

// candidates runs the first stage over the photo in many sizes.
func candidates(net *Cascade, photo *eager.Tensor) []face {
	h, w := photo.Size(1), photo.Size(2)
	var all []face
	for scale := float64(cell) / leastFace; scale*float64(min(h, w)) >= cell; scale *= shrink {
		sh, sw := int(float64(h)*scale)+1, int(float64(w)*scale)+1
		x := vision.Resize{H: sh, W: sw}.Apply(photo, nil)
		out := net.Heads(bright(x).Unsqueeze(0))
		probs, shifts := out[0].Slice(1, 1, 2).Float64s(), out[1].Float64s()
		rows, columns := out[0].Size(2), out[0].Size(3)
		var found []face
		for i, p := range probs {
			if p < 0.6 {
				continue
			}
			y, x := float64(2*(i/columns)), float64(2*(i%columns))
			f := face{score: p, box: boxes.Box{
				math.Floor((x + 1) / scale), math.Floor((y + 1) / scale), math.Floor((x + cell) / scale), math.Floor((y + cell) / scale),
			}}
			for k := range f.shift {
				f.shift[k] = shifts[k*rows*columns+i]
			}
			found = append(found, f)
		}
		all = append(all, apart(found, 0.5, false)...)
	}
	all = apart(all, 0.7, false)
	for i := range all {
		all[i].move()
	}
	return all
}

// bright maps bytes to −1…1 as the networks were trained.
func bright(x *eager.Tensor) *eager.Tensor {
	return x.To(engine.F32).Sub(127.5).Mul(1.0 / 128).Contiguous()
}

// refined looks at squares around candidates in side×side pixels.
func refined(net *Cascade, photo *eager.Tensor, found []face, side int, least float64) []face {
	var crops []*eager.Tensor
	var kept []face
	for _, f := range found {
		f.box = square(f.box)
		if x := cut(photo, f.box); x != nil {
			crops = append(crops, bright(vision.Resize{H: side, W: side}.Apply(x, nil)))
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	out := net.Heads(eager.Stack(0, crops...))
	probs, shifts := out[0].Float64s(), out[1].Float64s()
	var good []face
	for i, f := range kept {
		f.score = probs[2*i+1]
		if f.score < least {
			continue
		}
		copy(f.shift[:], shifts[4*i:])
		if len(out) > 2 {
			marks := out[2].Slice(0, i, i+1).Float64s()
			w, h := f.box[2]-f.box[0]+1, f.box[3]-f.box[1]+1
			for k := range 5 {
				f.marks = append(f.marks, [2]float64{f.box[0] + w*marks[k] - 1, f.box[1] + h*marks[k+5] - 1})
			}
		}
		good = append(good, f)
	}
	last := len(out) > 2
	if !last { // boxes that overlap go before they are moved, in the last stage afterwards
		good = apart(good, 0.7, false)
	}
	for i := range good {
		good[i].move()
	}
	if last {
		good = apart(good, 0.7, true)
	}
	return good
}

// move shifts the edges as the network proposes.
func (f *face) move() {
	w, h := f.box[2]-f.box[0]+1, f.box[3]-f.box[1]+1
	f.box[0] += f.shift[0] * w
	f.box[1] += f.shift[1] * h
	f.box[2] += f.shift[2] * w
	f.box[3] += f.shift[3] * h
}

// square widens the shorter side.
func square(b boxes.Box) boxes.Box {
	w, h := b[2]-b[0], b[3]-b[1]
	side := max(w, h)
	x, y := b[0]+w/2-side/2, b[1]+h/2-side/2
	return boxes.Box{x, y, x + side, y + side}
}

// cut returns the pixels of a box, black outside the photo; nil where nothing of it is in the photo.
func cut(photo *eager.Tensor, b boxes.Box) *eager.Tensor {
	h, w := photo.Size(1), photo.Size(2)
	x0, y0, x1, y1 := int(b[0])-1, int(b[1])-1, int(b[2]), int(b[3])
	cx0, cy0, cx1, cy1 := max(x0, 0), max(y0, 0), min(x1, w), min(y1, h)
	if cx1-cx0 < 2 || cy1-cy0 < 2 {
		return nil
	}
	x := photo.Slice(1, cy0, cy1).Slice(2, cx0, cx1)
	return x.Pad([]int{0, cy0 - y0, cx0 - x0}, []int{0, y1 - cy1, x1 - cx1}, 0)
}

// apart keeps the best of boxes that share more than limit of their union, or of the smaller one.
func apart(found []face, limit float64, smaller bool) []face {
	scores := make([]float64, len(found))
	for i, f := range found {
		scores[i] = f.score
	}
	order := boxes.ByScore(scores)
	var kept []face
	if !smaller {
		for _, i := range boxes.Suppress(order, limit, 1, len(found), func(i int) boxes.Box { return found[i].box }) {
			kept = append(kept, found[i])
		}
		return kept
	}
next:
	for _, i := range order {
		for _, k := range kept {
			if inside(found[i].box, k.box) > limit {
				continue next
			}
		}
		kept = append(kept, found[i])
	}
	return kept
}

// inside is what two boxes share, in parts of the smaller one.
func inside(a, b boxes.Box) float64 {
	w, h := min(a[2], b[2])-max(a[0], b[0])+1, min(a[3], b[3])-max(a[1], b[1])+1
	area := func(b boxes.Box) float64 { return (b[2] - b[0] + 1) * (b[3] - b[1] + 1) }
	return max(w, 0) * max(h, 0) / min(area(a), area(b))
}
