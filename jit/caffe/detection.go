package caffe

import (
	"math"
	"slices"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit/boxes"
)

func init() {
	layers["Normalize"] = normalize
	layers["PriorBox"] = priorBox
	layers["DetectionOutput"] = detectionOutput
	layers["ROIPooling"] = roiPooling
}

// normalize divides by the Euclidean norm over channels, or over each sample, and scales channels.
func normalize(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 1, 1)
	x, p := in[0], l.Message.Message("norm_param")
	axes := []int{1}
	if p.Bool("across_spatial", true) {
		axes = nil
		for i := 1; i < x.Rank(); i++ {
			axes = append(axes, i)
		}
	}
	y := x.Div(x.Mul(x).SumKeep(axes...).Add(p.Float("eps", 1e-10)).Sqrt())
	f := p
	if !p.Has("scale_filler") {
		f = newMessage()
		unit := newMessage()
		unit.set("value", 1.0)
		f.set("scale_filler", unit)
	}
	if p.Bool("channel_shared", true) {
		return one(y.Mul(l.param(0, engine.Shape{1}, f, "scale_filler")))
	}
	return one(y.Mul(channels(l.param(0, engine.Shape{x.Size(1)}, f, "scale_filler"), 1, x.Rank())))
}

// priorBox lists the boxes that each place of a feature map stands for, and their variances: [1 2 4·boxes].
func priorBox(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	p := l.Message.Message("prior_box_param")
	h, w := in[0].Size(2), in[0].Size(3)
	imgH, imgW := float64(p.Int("img_h", in[1].Size(2))), float64(p.Int("img_w", in[1].Size(3)))
	if s := p.Int("img_size", 0); s > 0 {
		imgH, imgW = float64(s), float64(s)
	}
	stepH, stepW := p.Float("step_h", p.Float("step", 0)), p.Float("step_w", p.Float("step", 0))
	if stepH == 0 || stepW == 0 {
		stepH, stepW = imgH/float64(h), imgW/float64(w)
	}
	offset := p.Float("offset", 0.5)
	sizes := priorSizes(p)
	list := make([]float64, 0, h*w*len(sizes)*4)
	for y := range h {
		for x := range w {
			cx, cy := (float64(x)+offset)*stepW, (float64(y)+offset)*stepH
			for _, s := range sizes {
				list = append(list, (cx-s[0]/2)/imgW, (cy-s[1]/2)/imgH, (cx+s[0]/2)/imgW, (cy+s[1]/2)/imgH)
			}
		}
	}
	if p.Bool("clip", false) {
		for i, v := range list {
			list[i] = min(max(v, 0), 1)
		}
	}
	variance := p.Floats("variance")
	switch len(variance) {
	case 0:
		variance = slices.Repeat([]float64{0.1}, 4)
	case 1:
		variance = slices.Repeat(variance, 4)
	case 4:
	default:
		fail("%d variances, want 1 or 4", len(variance))
	}
	n := len(list)
	list = append(list, slices.Repeat(variance, n/4)...)
	return one(eager.FromFloat64s(list, 1, 2, n).To(engine.F32))
}

// priorSizes returns the widths and heights of the boxes of one place.
func priorSizes(p *Message) [][2]float64 {
	least, most := p.Floats("min_size"), p.Floats("max_size")
	if len(least) == 0 || len(most) > 0 && len(most) != len(least) {
		fail("%d least and %d greatest sizes", len(least), len(most))
	}
	ratios := []float64{1}
	for _, r := range p.Floats("aspect_ratio") {
		if slices.ContainsFunc(ratios, func(o float64) bool { return math.Abs(o-r) < 1e-6 }) {
			continue
		}
		ratios = append(ratios, r)
		if p.Bool("flip", true) {
			ratios = append(ratios, 1/r)
		}
	}
	var sizes [][2]float64
	for i, s := range least {
		sizes = append(sizes, [2]float64{s, s})
		if len(most) > 0 {
			g := math.Sqrt(s * most[i])
			sizes = append(sizes, [2]float64{g, g})
		}
		for _, r := range ratios[1:] {
			sizes = append(sizes, [2]float64{s * math.Sqrt(r), s / math.Sqrt(r)})
		}
	}
	return sizes
}

// decode turns a prediction into a box.
func decode(kind string, prior boxes.Box, v [4]float64, loc []float64, encoded bool) boxes.Box {
	d := [4]float64{loc[0], loc[1], loc[2], loc[3]}
	if !encoded {
		for i := range d {
			d[i] *= v[i]
		}
	}
	w, h := prior[2]-prior[0], prior[3]-prior[1]
	switch kind {
	case "CORNER":
		return boxes.Box{prior[0] + d[0], prior[1] + d[1], prior[2] + d[2], prior[3] + d[3]}
	case "CORNER_SIZE":
		return boxes.Box{prior[0] + d[0]*w, prior[1] + d[1]*h, prior[2] + d[2]*w, prior[3] + d[3]*h}
	case "CENTER_SIZE":
		cx, cy := (prior[0]+prior[2])/2+d[0]*w, (prior[1]+prior[3])/2+d[1]*h
		bw, bh := math.Exp(d[2])*w, math.Exp(d[3])*h
		return boxes.Box{cx - bw/2, cy - bh/2, cx + bw/2, cy + bh/2}
	}
	fail("code_type %q is unknown; known: CORNER, CENTER_SIZE, CORNER_SIZE", kind)
	return boxes.Box{}
}

// found is a box of one class.
type found struct {
	class int
	score float64
	box   boxes.Box
}

// detectionOutput decodes the boxes of an SSD network and keeps the best: [1 1 n 7] with rows (image, class, score,
// box). Without any, the row is (0, −1 …).
func detectionOutput(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 3, 4)
	p := l.Message.Message("detection_output_param")
	classes := p.Int("num_classes", 0)
	loc, conf, prior := in[0].Float64s(), in[1].Float64s(), in[2].Float64s()
	n := in[0].Size(0)
	priors := in[2].Size(2) / 4
	locClasses := 1
	if !p.Bool("share_location", true) {
		locClasses = classes
	}
	if classes < 1 || priors == 0 || len(loc) != n*priors*locClasses*4 || len(conf) != n*priors*classes || len(prior) < 8*priors {
		fail("locations %v, scores %v and priors %v for %d classes", in[0].Shape(), in[1].Shape(), in[2].Shape(), classes)
	}
	kind := p.Text("code_type", "CORNER")
	encoded := p.Bool("variance_encoded_in_target", false)
	keep := p.Int("keep_top_k", -1)
	var rows []float64
	for img := range n {
		var all []found
		decoded := make([][]boxes.Box, locClasses)
		for c := range decoded {
			decoded[c] = make([]boxes.Box, priors)
			for i := range priors {
				pr, v := (*[4]float64)(prior[4*i:]), (*[4]float64)(prior[4*(priors+i):])
				at := ((img*priors+i)*locClasses + c) * 4
				decoded[c][i] = decode(kind, boxes.Box(*pr), *v, loc[at:at+4], encoded)
			}
		}
		for c := range classes {
			if c != p.Int("background_label_id", 0) {
				score := func(i int) float64 { return conf[(img*priors+i)*classes+c] }
				all = append(all, suppressed(p, decoded[c%locClasses], score, c)...)
			}
		}
		if keep >= 0 && len(all) > keep {
			slices.SortStableFunc(all, byScore)
			all = all[:keep]
			slices.SortStableFunc(all, func(a, b found) int { return a.class - b.class })
		}
		for _, f := range all {
			rows = append(rows, float64(img), float64(f.class), f.score, f.box[0], f.box[1], f.box[2], f.box[3])
		}
	}
	if len(rows) == 0 {
		rows = []float64{0, -1, -1, -1, -1, -1, -1}
	}
	return one(eager.FromFloat64s(rows, 1, 1, len(rows)/7, 7).To(engine.F32))
}

func byScore(a, b found) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return 0
}

// suppressed is non-maximum suppression of one class.
func suppressed(p *Message, all []boxes.Box, score func(i int) float64, class int) []found {
	nms := p.Message("nms_param")
	least := p.Float("confidence_threshold", math.Inf(-1))
	var places []int
	var scores []float64
	for i := range all {
		if s := score(i); s > least {
			places, scores = append(places, i), append(scores, s)
		}
	}
	order := boxes.ByScore(scores)
	if k := nms.Int("top_k", -1); k >= 0 && len(order) > k {
		order = order[:k]
	}
	at := func(i int) boxes.Box { return all[places[i]] }
	var kept []found
	for _, i := range boxes.Suppress(order, nms.Float("nms_threshold", 0.3), nms.Float("eta", 1), -1, at) {
		kept = append(kept, found{class, scores[i], at(i)})
	}
	return kept
}

// roiPooling takes the largest element of each bin of regions (image, x1, y1, x2, y2).
func roiPooling(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	p := l.Message.Message("roi_pooling_param")
	ph, pw, scale := p.Int("pooled_h", 0), p.Int("pooled_w", 0), p.Float("spatial_scale", 1)
	s := in[0].Shape()
	if ph < 1 || pw < 1 || len(s) != 4 || in[1].Numel()%5 != 0 {
		fail("bins %d×%d, regions %v", ph, pw, in[1].Shape())
	}
	v, roi := in[0].Float64s(), in[1].Float64s()
	n := len(roi) / 5
	out := make([]float64, 0, n*s[1]*ph*pw)
	for k := range n {
		r := roi[5*k : 5*k+5]
		img := int(r[0])
		if img < 0 || img >= s[0] {
			fail("region %d is of image %d of %d", k, img, s[0])
		}
		x0, y0 := int(math.Round(r[1]*scale)), int(math.Round(r[2]*scale))
		rw, rh := max(int(math.Round(r[3]*scale))-x0+1, 1), max(int(math.Round(r[4]*scale))-y0+1, 1)
		for c := range s[1] {
			plane := v[(img*s[1]+c)*s[2]*s[3]:][:s[2]*s[3]]
			for b := range ph * pw {
				ya, yb := bin(b/pw, rh, ph, y0, s[2])
				xa, xb := bin(b%pw, rw, pw, x0, s[3])
				best := 0.0
				for i := ya; i < yb; i++ {
					for j := xa; j < xb; j++ {
						if e := plane[i*s[3]+j]; i == ya && j == xa || e > best {
							best = e
						}
					}
				}
				out = append(out, best)
			}
		}
	}
	return one(eager.FromFloat64s(out, n, s[1], ph, pw).To(engine.F32))
}

// bin returns the elements of bin i of a region of extent n that starts at from, within limit.
func bin(i, n, bins, from, limit int) (lo, hi int) {
	lo = i*n/bins + from
	hi = ((i+1)*n+bins-1)/bins + from
	return min(max(lo, 0), limit), min(max(hi, 0), limit)
}
