package caffe

import (
	"math"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/boxes"
)

func init() { layers["Proposal"] = proposal }

// anchors returns the boxes that Faster R-CNN centres at each place: for each ratio of height to width, each scale.
// Their ends are pixels that belong to them.
func anchors(base int, ratios, scales []float64) []boxes.Box {
	var out []boxes.Box
	mid := float64(base-1) / 2
	for _, r := range ratios {
		w := math.RoundToEven(math.Sqrt(float64(base*base) / r))
		h := math.RoundToEven(w * r)
		for _, s := range scales {
			dx, dy := (w*s-1)/2, (h*s-1)/2
			out = append(out, boxes.Box{mid - dx, mid - dy, mid + dx, mid + dy})
		}
	}
	return out
}

// proposal turns scores [1 2A H W] and moves [1 4A H W] of anchors into regions [n 5] of (0, x1, y1, x2, y2), best
// first, and with a second top their scores. The third bottom is (height, width, scale) of the image.
// Source: Ren et al. 2015; numbers as py-faster-rcnn's proposal_layer.py has them.
func proposal(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 3, 3)
	p := l.Message.Message("proposal_param")
	ratios, scales := p.Floats("ratio"), p.Floats("scale")
	if len(ratios) == 0 {
		ratios = []float64{0.5, 1, 2}
	}
	if len(scales) == 0 {
		scales = []float64{8, 16, 32}
	}
	base := anchors(p.Int("base_size", 16), ratios, scales)
	s, a := in[0].Shape(), len(base)
	if len(s) != 4 || s[0] != 1 || s[1] != 2*a || in[1].Numel() != 4*a*s[2]*s[3] || in[2].Numel() < 3 {
		fail("scores %v, moves %v and image %v for %d anchors and one image", s, in[1].Shape(), in[2].Shape(), a)
	}
	stride, plane := float64(p.Int("feat_stride", 16)), s[2]*s[3]
	score, move, image := in[0].Float64s()[a*plane:], in[1].Float64s(), in[2].Float64s()
	least := float64(p.Int("min_size", 16)) * image[2]
	var all []boxes.Box
	var scores []float64
	for at := range plane {
		x, y := float64(at%s[3])*stride, float64(at/s[3])*stride
		for k, b := range base {
			var d [4]float64
			for i := range d {
				d[i] = move[(4*k+i)*plane+at]
			}
			b = moved(boxes.Box{b[0] + x, b[1] + y, b[2] + x, b[3] + y}, d, image[1]-1, image[0]-1)
			if b[2]-b[0]+1 >= least && b[3]-b[1]+1 >= least {
				all, scores = append(all, b), append(scores, score[k*plane+at])
			}
		}
	}
	order := boxes.ByScore(scores)
	if n := p.Int("pre_nms_topn", 6000); n > 0 && len(order) > n {
		order = order[:n]
	}
	kept := boxes.Suppress(order, p.Float("nms_thresh", 0.7), 1, p.Int("post_nms_topn", 300), func(i int) boxes.Box {
		return boxes.Box{all[i][0], all[i][1], all[i][2] + 1, all[i][3] + 1}
	})
	if len(kept) == 0 {
		fail("no region of %d is at least %v pixels wide and high", a*plane, least)
	}
	var rows, best []float64
	for _, i := range kept {
		rows, best = append(append(rows, 0), all[i][:]...), append(best, scores[i])
	}
	out := one(eager.FromFloat64s(rows, len(kept), 5).To(engine.F32))
	if len(l.top) > 1 {
		out = append(out, eager.FromFloat64s(best, len(kept), 1).To(engine.F32))
	}
	return out
}

// moved shifts and stretches an anchor and cuts it at the image's last column and row.
func moved(b boxes.Box, d [4]float64, right, bottom float64) boxes.Box {
	w, h := b[2]-b[0]+1, b[3]-b[1]+1
	cx, cy := b[0]+w/2+d[0]*w, b[1]+h/2+d[1]*h
	w, h = w*math.Exp(d[2]), h*math.Exp(d[3])
	clip := func(v, most float64) float64 { return max(min(v, most), 0) }
	return boxes.Box{clip(cx-w/2, right), clip(cy-h/2, bottom), clip(cx+w/2, right), clip(cy+h/2, bottom)}
}
