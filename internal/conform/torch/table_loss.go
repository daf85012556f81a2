package torch

import (
	"github.com/lathe-ml/lathe/eager/nn"
	"github.com/lathe-ml/lathe/engine"
)

func (c *call) reduction() string { return c.str("reduction", "mean") }

func (c *call) lossOptions() nn.LossOptions {
	return nn.LossOptions{Reduction: c.reduction(), Weight: c.opt("weight"), PosWeight: c.opt("pos_weight")}
}

func (c *call) classOptions() nn.ClassOptions {
	o := nn.ClassOptions{
		Reduction: c.reduction(), Weight: c.opt("weight"), LabelSmoothing: c.float("label_smoothing", 0),
	}
	if c.has("ignore_index") {
		o.Ignore, o.IgnoreIndex = true, c.int("ignore_index", 0)
	}
	return o
}

// pair2 are two tensors, broadcast to one shape.
func (c *call) pair2(a, b string) (*tensor, *tensor) {
	x, y := c.t(a), c.t(b)
	s, err := engine.Broadcast(x.Shape(), y.Shape())
	if err != nil {
		engine.Fail("broadcast", "%v", err)
	}
	return x.Expand(s...), y.Expand(s...)
}

// pairLoss is a loss of a prediction and a target.
func pairLoss(f func(x, y *tensor, o ...nn.LossOptions) *tensor) entry {
	return entry{"input target weight", func(c *call) any {
		c.asF32("input")
		x, y := c.pair2("input", "target")
		return f(x, y, c.lossOptions())
	}}
}

// scaledLoss is a pairLoss with one number.
func scaledLoss(
	name string, otherwise float64, f func(x, y *tensor, v float64, o ...nn.LossOptions) *tensor,
) entry {
	return entry{"input target", func(c *call) any {
		c.asF32("input", "target")
		x, y := c.pair2("input", "target")
		return f(x, y, c.float(name, otherwise), c.lossOptions())
	}}
}

// tripleLoss is a loss of three operands with a margin.
func tripleLoss(f func(a, b, y *tensor, margin float64, o ...nn.LossOptions) *tensor) entry {
	return entry{"input1 input2 target", func(c *call) any {
		c.asF32("input1", "input2", "target")
		a, b := c.pair2("input1", "input2")
		return f(a, b, c.t("target"), c.float("margin", 0), c.lossOptions())
	}}
}

// losses are the losses by their functional names.
var losses = map[string]entry{
	"mse_loss":                         pairLoss(nn.MSE),
	"l1_loss":                          pairLoss(nn.L1),
	"binary_cross_entropy":             pairLoss(nn.BCE),
	"binary_cross_entropy_with_logits": pairLoss(nn.BCEWithLogits),
	"soft_margin_loss":                 pairLoss(nn.SoftMargin),
	"multilabel_margin_loss":           pairLoss(nn.MultiLabelMargin),
	"multilabel_soft_margin_loss":      pairLoss(nn.MultiLabelSoftMargin),
	"smooth_l1_loss":                   scaledLoss("beta", 1, nn.SmoothL1),
	"huber_loss":                       scaledLoss("delta", 1, nn.Huber),
	"hinge_embedding_loss":             scaledLoss("margin", 1, nn.HingeEmbedding),
	"margin_ranking_loss":              tripleLoss(nn.MarginRanking),
	"cosine_embedding_loss":            tripleLoss(nn.CosineEmbedding),

	"cross_entropy": {"input target", func(c *call) any {
		return nn.CrossEntropy(c.t("input"), c.t("target"), c.classOptions())
	}},
	"nll_loss": {"input target", func(c *call) any {
		return nn.NLL(c.t("input"), c.t("target"), c.classOptions())
	}},
	"kl_div": {"input target", func(c *call) any {
		o := nn.KLDivOptions{Reduction: c.reduction(), LogTarget: c.bool("log_target", false)}
		return nn.KLDiv(c.t("input"), c.t("target"), o)
	}},
	"poisson_nll_loss": {"input target", func(c *call) any {
		c.asF32("input", "target")
		x, y := c.pair2("input", "target")
		return nn.PoissonNLL(x, y, nn.PoissonOptions{
			Reduction: c.reduction(), Rate: !c.bool("log_input", true), Full: c.bool("full", false),
			Eps: c.positive("eps", 1e-8),
		})
	}},
	"gaussian_nll_loss": {"input target var", func(c *call) any {
		c.asF32("input", "target", "var")
		v := c.t("var")
		if s := c.t("input").Shape(); v.Rank() == len(s)-1 && v.Shape().Equal(s[:len(s)-1]) { // one a row
			v = v.Unsqueeze(v.Rank())
		}
		x, y := c.pair2("input", "target")
		for v.Rank() < x.Rank() {
			v = v.Unsqueeze(0)
		}
		return nn.GaussianNLL(x, y, v, nn.GaussianOptions{
			Reduction: c.reduction(), Full: c.bool("full", false), Eps: c.positive("eps", 1e-6),
		})
	}},
	"multi_margin_loss": {"input target", func(c *call) any {
		return nn.MultiMargin(c.t("input"), c.t("target"), nn.MultiMarginOptions{
			Reduction: c.reduction(), Weight: c.opt("weight"), Margin: c.positive("margin", 1),
			P: c.int("p", 1),
		})
	}},
	"triplet_margin_loss": {"anchor positive negative", func(c *call) any {
		c.asF32("anchor", "positive", "negative")
		return nn.TripletMargin(c.t("anchor"), c.t("positive"), c.t("negative"), nn.TripletOptions{
			Reduction: c.reduction(), Margin: c.positive("margin", 1), P: c.positive("p", 2),
			Swap: c.bool("swap", false), Eps: c.positive("eps", 1e-6),
		})
	}},
}

// lossModules maps loss classes to functional names.
var lossModules = map[string]string{
	"MSELoss": "mse_loss", "L1Loss": "l1_loss", "SmoothL1Loss": "smooth_l1_loss", "HuberLoss": "huber_loss",
	"BCELoss": "binary_cross_entropy", "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
	"CrossEntropyLoss": "cross_entropy", "NLLLoss": "nll_loss", "KLDivLoss": "kl_div",
	"PoissonNLLLoss": "poisson_nll_loss", "GaussianNLLLoss": "gaussian_nll_loss",
	"HingeEmbeddingLoss": "hinge_embedding_loss", "MarginRankingLoss": "margin_ranking_loss",
	"CosineEmbeddingLoss": "cosine_embedding_loss", "TripletMarginLoss": "triplet_margin_loss",
	"MultiMarginLoss": "multi_margin_loss", "MultiLabelMarginLoss": "multilabel_margin_loss",
	"MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss", "SoftMarginLoss": "soft_margin_loss",
}

// loss is a loss class as a function of its inputs. Weights come from the state.
func loss(name string, ctor, state map[string]any) (module, bool) {
	e, ok := losses[lossModules[name]]
	if !ok {
		return module{}, false
	}
	kwargs := map[string]any{}
	for k, v := range ctor {
		if k != "target" { // says what kind of target was recorded
			kwargs[k] = v
		}
	}
	for k, v := range state {
		kwargs[k] = v
	}
	return module{forward: func(xs []*tensor) any {
		rest := []any{}
		for _, x := range xs[1:] {
			rest = append(rest, x)
		}
		return e.call(xs[0], rest, kwargs)
	}}, true
}
