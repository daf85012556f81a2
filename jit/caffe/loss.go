package caffe

import (
	"os"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

func init() {
	layers["SoftmaxWithLoss"] = softmaxLoss
	layers["EuclideanLoss"] = func(_ *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 2, 2)
		d := in[0].Sub(in[1].Reshape(in[0].Shape()...))
		return one(d.Mul(d).Sum().Div(2 * float64(in[0].Size(0))))
	}
	layers["SigmoidCrossEntropyLoss"] = sigmoidLoss
	layers["HingeLoss"] = hingeLoss
	layers["ContrastiveLoss"] = contrastiveLoss
	layers["MultinomialLogisticLoss"] = func(_ *layer, in []*eager.Tensor) []*eager.Tensor {
		bottoms(in, 2, 2)
		p, label := rows(in[0]), labels(in[1])
		picked := p.Gather(1, label.Unsqueeze(1)).Maximum(1e-20).Log()
		return one(picked.Sum().Neg().Div(float64(p.Size(0))))
	}
	layers["InfogainLoss"] = infogainLoss
	layers["Accuracy"] = accuracy
}

// rows flattens all axes but the first.
func rows(x *eager.Tensor) *eager.Tensor {
	return x.Reshape(x.Size(0), x.Numel()/max(x.Size(0), 1))
}

func labels(x *eager.Tensor) *eager.Tensor { return x.To(engine.I64).Reshape(x.Numel()) }

// classRows moves the axis of classes last: [samples classes].
func classRows(x *eager.Tensor, a int) *eager.Tensor {
	perm := make([]int, 0, x.Rank())
	for i := range x.Rank() {
		if i != a {
			perm = append(perm, i)
		}
	}
	c := x.Size(a)
	return x.Permute(append(perm, a)...).Reshape(x.Numel()/max(c, 1), c)
}

// normalizer is what LossParameter divides a sum by.
func normalizer(p *Message, all, valid, outer int, def string) float64 {
	mode := p.Text("normalization", def)
	if !p.Has("normalization") && p.Has("normalize") {
		mode = "BATCH_SIZE"
		if p.Bool("normalize", true) {
			mode = "VALID"
		}
	}
	n := 1
	switch mode {
	case "FULL":
		n = all
	case "VALID":
		n = valid
	case "BATCH_SIZE":
		n = outer
	case "NONE":
	default:
		fail("normalization %q is unknown; known: FULL, VALID, BATCH_SIZE, NONE", mode)
	}
	return float64(max(n, 1))
}

// kept says which labels count: [n], and how many.
func kept(p *Message, label *eager.Tensor) (weight *eager.Tensor, n int) {
	weight = eager.Ones(label.Numel())
	if p.Has("ignore_label") {
		weight = label.Ne(p.Int("ignore_label", 0)).To(engine.F32)
	}
	return weight, int(weight.Sum().Item())
}

func softmaxLoss(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 3)
	x, p := in[0], l.Message.Message("loss_param")
	a := axis(l.Message.Message("softmax_param").Int("axis", 1), x.Rank())
	logs := classRows(x, a).LogSoftmax(1)
	label := labels(in[1])
	if label.Numel() != logs.Size(0) {
		fail("%d labels for %d predictions", label.Numel(), logs.Size(0))
	}
	weight, valid := kept(p, label)
	if p.Has("ignore_label") {
		label = eager.Where(weight.Ne(0), label, eager.ZerosLike(label))
	}
	sum := logs.Gather(1, label.Unsqueeze(1)).Squeeze(1).Mul(weight).Sum().Neg()
	out := one(sum.Div(normalizer(p, label.Numel(), valid, x.Shape()[:a].Numel(), "VALID")))
	if len(l.top) > 1 {
		out = append(out, x.Softmax(a))
	}
	return out
}

func sigmoidLoss(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	x, p := in[0], l.Message.Message("loss_param")
	t := in[1].Reshape(x.Shape()...)
	weight, valid := kept(p, t.Reshape(t.Numel()))
	// max(x, 0) − x·t + log(1 + e^−|x|)
	e := x.Maximum(0).Sub(x.Mul(t)).Add(x.Abs().Neg().Exp().Log1p())
	sum := e.Reshape(e.Numel()).Mul(weight).Sum()
	return one(sum.Div(normalizer(p, x.Numel(), valid, x.Size(0), "BATCH_SIZE")))
}

func hingeLoss(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	x, label := rows(in[0]), labels(in[1])
	sign := eager.OneHot(label, x.Size(1)).To(x.DType()).Mul(-2).Add(1) // −1 at the label, 1 elsewhere
	m := x.Mul(sign).Add(1).Maximum(0)
	if l.Message.Message("hinge_loss_param").Text("norm", "L1") == "L2" {
		m = m.Mul(m)
	}
	return one(m.Sum().Div(float64(x.Size(0))))
}

func contrastiveLoss(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 3, 3)
	p := l.Message.Message("contrastive_loss_param")
	margin := p.Float("margin", 1)
	d := rows(in[0]).Sub(rows(in[1]))
	sq := d.Mul(d).Sum(1)
	var apart *eager.Tensor
	if p.Bool("legacy_version", false) {
		apart = sq.Neg().Add(margin).Maximum(0)
	} else {
		gap := sq.Sqrt().Neg().Add(margin).Maximum(0)
		apart = gap.Mul(gap)
	}
	similar := in[2].Reshape(in[2].Numel())
	return one(eager.Where(similar.Ne(0), sq, apart).Sum().Div(2 * float64(d.Size(0))))
}

// infogainLoss weighs the log probabilities of all classes by a row of the matrix H.
func infogainLoss(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 3)
	p := l.Message.Message("infogain_loss_param")
	a := axis(p.Int("axis", 1), in[0].Rank())
	logs := classRows(in[0], a).LogSoftmax(1)
	c := logs.Size(1)
	h := l.infogain(in, p, c)
	label := labels(in[1])
	lp := l.Message.Message("loss_param")
	weight, valid := kept(lp, label)
	if lp.Has("ignore_label") {
		label = eager.Where(weight.Ne(0), label, eager.ZerosLike(label))
	}
	sum := h.IndexSelect(0, label).Mul(logs).Sum(1).Mul(weight).Sum().Neg()
	out := one(sum.Div(normalizer(lp, label.Numel(), valid, in[0].Shape()[:a].Numel(), "VALID")))
	if len(l.top) > 1 {
		out = append(out, in[0].Softmax(a))
	}
	return out
}

// infogain returns H: the third bottom, or what the file that parameter source names holds.
func (l *layer) infogain(in []*eager.Tensor, p *Message, c int) *eager.Tensor {
	if len(in) == 3 {
		return in[2].Reshape(c, c)
	}
	if h, ok := l.state.(*eager.Tensor); ok {
		return h
	}
	path := p.Text("source", "")
	b, err := os.ReadFile(l.net.find(path))
	if err != nil {
		fail("the matrix of the loss: %v", err)
	}
	m, err := ParseBinary(b, "BlobProto")
	if err != nil {
		fail("%s: %v", path, err)
	}
	t, err := blobTensor(m)
	if err != nil {
		fail("%s: %v", path, err)
	}
	if t.Numel() != c*c {
		fail("%s: matrix of %d elements for %d classes", path, t.Numel(), c)
	}
	l.state = t.Reshape(c, c)
	return t.Reshape(c, c)
}

// accuracy is the share of samples whose label is among the k best; a second top has it for each class.
func accuracy(l *layer, in []*eager.Tensor) []*eager.Tensor {
	bottoms(in, 2, 2)
	p := l.Message.Message("accuracy_param")
	x := classRows(in[0].Detach(), axis(p.Int("axis", 1), in[0].Rank()))
	label := in[1].To(engine.I64).Reshape(in[1].Numel()).Ints()
	if len(label) != x.Size(0) {
		fail("%d labels for %d predictions", len(label), x.Size(0))
	}
	k, c := p.Int("top_k", 1), x.Size(1)
	ignore, hasIgnore := p.Int("ignore_label", 0), p.Has("ignore_label")
	v := x.Float64s()
	hits, total := make([]float64, c), make([]float64, c)
	right, all := 0.0, 0.0
	for i, y := range label {
		if hasIgnore && y == ignore {
			continue
		}
		if y < 0 || y >= c {
			fail("label %d of sample %d is outside 0 to %d", y, i, c-1)
		}
		better := -1 // the label itself counts, too; so do equal scores
		for _, s := range v[i*c : (i+1)*c] {
			if s >= v[i*c+y] {
				better++
			}
		}
		all++
		total[y]++
		if better < k {
			right++
			hits[y]++
		}
	}
	for i := range hits {
		hits[i] /= max(total[i], 1)
	}
	return []*eager.Tensor{eager.Of(right / max(all, 1)).Reshape().To(engine.F32), eager.FromFloat64s(hits, c).To(engine.F32)}
}
