package sklearn

import (
	"fmt"
	"math"
	"strings"

	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/learn"
	"github.com/lathe-ml/lathe/learn/metric"
)

// inputs are what a round of metrics is computed from.
type inputs struct {
	yTrue, yPred, proba, rTrue, rPred, x, l, lp, ls, b, score *learn.Matrix
	w                                                         []float64
}

func runMetrics(r record, rep *report.Report) {
	in := r.obj("inputs")
	d := &inputs{
		yTrue: matrix(in["y_true"]), yPred: matrix(in["y_pred"]), proba: matrix(in["proba"]),
		rTrue: matrix(in["r_true"]), rPred: matrix(in["r_pred"]), x: matrix(in["X"]), l: matrix(in["L"]),
		lp: matrix(in["Lp"]), ls: matrix(in["Ls"]), w: matrix(in["w"]).Data,
	}
	d.b = learn.NewMatrix(d.yTrue.Rows, 1)
	for i, v := range d.yTrue.Data {
		if v == 1 {
			d.b.Data[i] = 1
		}
	}
	d.score = learn.Column(d.proba.Col(1))
	for _, key := range sortedKeys(r.obj("expect")) {
		want := r.obj("expect")[key]
		group, _, _ := strings.Cut(key, "|")
		tell(rep, group, "metrics "+r.str("id")+" "+key, func() error {
			if want == nil {
				return nil // scikit-learn refused these inputs
			}
			got := compute(d, key)
			if s, ok := want.(string); ok {
				if got != s {
					return fmt.Errorf("text is\n%v want\n%s", got, s)
				}
				return nil
			}
			return same(key, got, want, class(r.str("compare")), false)
		})
	}
}

// compute returns the value that a key such as f1_score|average=macro names.
func compute(d *inputs, key string) any {
	name, arg, _ := strings.Cut(key, "|")
	if f, ok := averaged[name]; ok {
		return averagedMetric(d, f, name, arg)
	}
	for _, table := range []map[string]func(d *inputs) any{
		classification, ranking, regression, clustering, rows,
	} {
		if f, ok := table[key]; ok {
			return f(d)
		}
	}
	if name == "pairwise_distances" {
		p := 3.0
		return metric.DistancesP(head(d.x, 6), nil, arg, p)
	}
	panic(unsupported("metric " + key))
}

func head(m *learn.Matrix, n int) *learn.Matrix {
	return &learn.Matrix{Rows: n, Cols: m.Cols, Data: m.Data[:n*m.Cols]}
}

// positive returns |v| + 0.1, which measures of positive numbers are recorded for.
func positive(m *learn.Matrix) *learn.Matrix {
	out := m.Clone()
	for i, v := range out.Data {
		out.Data[i] = math.Abs(v) + 0.1
	}
	return out
}

// centred turns probabilities into decisions between -1 and 1.
func centred(m *learn.Matrix) *learn.Matrix {
	out := m.Clone()
	for i, v := range out.Data {
		out.Data[i] = 2*v - 1
	}
	return out
}

// relevance is the sum of both label matrices: grades 0, 1 and 2.
func (d *inputs) relevance() *learn.Matrix {
	out := d.l.Clone()
	for i, v := range d.lp.Data {
		out.Data[i] += v
	}
	return out
}

type matrixMeasure func(y, p *learn.Matrix, o ...metric.Options) float64

var averaged = map[string]struct {
	f    matrixMeasure
	pick func(m metric.PRF) float64
}{
	"precision_score": {metric.Precision, func(m metric.PRF) float64 { return m.Precision }},
	"recall_score":    {metric.Recall, func(m metric.PRF) float64 { return m.Recall }},
	"f1_score":        {metric.F1, func(m metric.PRF) float64 { return m.FBeta }},
	"fbeta_score":     {metric.FBeta, func(m metric.PRF) float64 { return m.FBeta }},
	"jaccard_score":   {metric.Jaccard, func(m metric.PRF) float64 { return m.Jaccard }},
}

func averagedMetric(d *inputs, f struct {
	f    matrixMeasure
	pick func(m metric.PRF) float64
}, name, arg string,
) any {
	o := metric.Options{}
	y, p := d.yTrue, d.yPred
	perClass := false
	for _, a := range strings.Split(arg, ",") {
		switch k, v, _ := strings.Cut(a, "="); {
		case k == "average" && v == "None":
			perClass = true
		case k == "average":
			o.Average = v
		case k == "beta":
			fmt.Sscan(v, &o.Beta)
		case k == "multilabel":
			y, p = d.l, d.lp
		case k == "w":
			o.Weights = d.w
		case k == "b":
			y, p = d.b, binaryPrediction(d)
		case k == "samples" || k == "macro" || k == "micro" || k == "weighted":
			o.Average = k
		case k == "":
		default:
			panic(unsupported("metric " + name + "|" + arg))
		}
	}
	if !perClass {
		return f.f(y, p, o)
	}
	var out []float64
	for _, m := range metric.PerClass(y, p, o) {
		out = append(out, f.pick(m))
	}
	return out
}

func binaryPrediction(d *inputs) *learn.Matrix {
	p := learn.NewMatrix(d.yPred.Rows, 1)
	for i, v := range d.yPred.Data {
		if v == 1 {
			p.Data[i] = 1
		}
	}
	return p
}

func curve(c metric.Curve) any { return [][]float64{c.X, c.Y, c.Thresholds} }

var classification = map[string]func(d *inputs) any{
	"accuracy_score":            func(d *inputs) any { return metric.Accuracy(d.yTrue, d.yPred) },
	"accuracy_score|w":          func(d *inputs) any { return metric.Accuracy(d.yTrue, d.yPred, weighted(d)) },
	"accuracy_score|multilabel": func(d *inputs) any { return metric.Accuracy(d.l, d.lp) },
	"balanced_accuracy_score":   func(d *inputs) any { return metric.BalancedAccuracy(d.yTrue, d.yPred) },
	"cohen_kappa_score":         func(d *inputs) any { return metric.CohenKappa(d.yTrue, d.yPred) },
	"cohen_kappa_score|quadratic": func(d *inputs) any {
		return metric.CohenKappa(d.yTrue, d.yPred, metric.Options{Kappa: "quadratic"})
	},
	"cohen_kappa_score|linear": func(d *inputs) any {
		return metric.CohenKappa(d.yTrue, d.yPred, metric.Options{Kappa: "linear"})
	},
	"matthews_corrcoef":       func(d *inputs) any { return metric.Matthews(d.yTrue, d.yPred) },
	"hamming_loss":            func(d *inputs) any { return metric.HammingLoss(d.yTrue, d.yPred) },
	"hamming_loss|multilabel": func(d *inputs) any { return metric.HammingLoss(d.l, d.lp) },
	"zero_one_loss":           func(d *inputs) any { return metric.ZeroOneLoss(d.yTrue, d.yPred) },
	"confusion_matrix":        func(d *inputs) any { return metric.Confusion(d.yTrue, d.yPred) },
	"confusion_matrix|normalize=true": func(d *inputs) any {
		return metric.Confusion(d.yTrue, d.yPred, metric.Options{Normalize: "true"})
	},
	"confusion_matrix|normalize=pred": func(d *inputs) any {
		return metric.Confusion(d.yTrue, d.yPred, metric.Options{Normalize: "pred"})
	},
	"confusion_matrix|normalize=all": func(d *inputs) any {
		return metric.Confusion(d.yTrue, d.yPred, metric.Options{Normalize: "all"})
	},
	"multilabel_confusion_matrix": func(d *inputs) any {
		return metric.MultilabelConfusion(d.yTrue, d.yPred)
	},
	"log_loss":              func(d *inputs) any { return metric.LogLoss(d.yTrue, d.proba) },
	"classification_report": func(d *inputs) any { return metric.Report(d.yTrue, d.yPred, 2) },
	"brier_score_loss|b":    func(d *inputs) any { return metric.Brier(d.b, d.score) },
	"brier_score_loss":      func(d *inputs) any { return metric.Brier(d.yTrue, d.proba) },
	"hinge_loss|b":          func(d *inputs) any { return metric.Hinge(d.b, centred(d.score)) },
	"hinge_loss":            func(d *inputs) any { return metric.Hinge(d.yTrue, d.proba) },
}

func weighted(d *inputs) metric.Options { return metric.Options{Weights: d.w} }

var ranking = map[string]func(d *inputs) any{
	"top_k_accuracy_score|k=2": func(d *inputs) any {
		return metric.TopK(d.yTrue, d.proba, metric.Options{K: 2})
	},
	"top_k_accuracy_score|k=3": func(d *inputs) any {
		return metric.TopK(d.yTrue, d.proba, metric.Options{K: 3})
	},
	"roc_auc_score|b":                    func(d *inputs) any { return metric.RocAUC(d.b, d.score) },
	"roc_auc_score|multilabel":           func(d *inputs) any { return metric.RocAUC(d.l, d.ls) },
	"roc_auc_score|ovr":                  func(d *inputs) any { return metric.RocAUCMulti(d.yTrue, d.proba, "ovr") },
	"roc_auc_score|ovo":                  func(d *inputs) any { return metric.RocAUCMulti(d.yTrue, d.proba, "ovo") },
	"average_precision_score|b":          func(d *inputs) any { return metric.AveragePrecision(d.b, d.score) },
	"average_precision_score|multilabel": func(d *inputs) any { return metric.AveragePrecision(d.l, d.ls) },
	"roc_curve|b":                        func(d *inputs) any { return curve(metric.ROC(d.b, d.score, false)) },
	"precision_recall_curve|b": func(d *inputs) any {
		c := metric.PrecisionRecall(d.b, d.score)
		return [][]float64{c.Y, c.X, c.Thresholds}
	},
	"det_curve|b":        func(d *inputs) any { return curve(metric.DET(d.b, d.score)) },
	"label_ranking_loss": func(d *inputs) any { return metric.RankingLoss(d.l, d.ls) },
	"label_ranking_average_precision_score": func(d *inputs) any {
		return metric.RankingAveragePrecision(d.l, d.ls)
	},
	"coverage_error":    func(d *inputs) any { return metric.Coverage(d.l, d.ls) },
	"ndcg_score|k=None": func(d *inputs) any { return metric.NDCG(d.relevance(), d.ls) },
	"dcg_score|k=None":  func(d *inputs) any { return metric.DCG(d.relevance(), d.ls) },
	"ndcg_score|k=2":    func(d *inputs) any { return metric.NDCG(d.relevance(), d.ls, metric.Options{K: 2}) },
	"dcg_score|k=2":     func(d *inputs) any { return metric.DCG(d.relevance(), d.ls, metric.Options{K: 2}) },
}

func power(p float64) metric.Outputs { return metric.Outputs{Power: p} }

var regression = map[string]func(d *inputs) any{
	"mean_squared_error":             func(d *inputs) any { return metric.MSE(d.rTrue, d.rPred) },
	"root_mean_squared_error":        func(d *inputs) any { return metric.RMSE(d.rTrue, d.rPred) },
	"mean_absolute_error":            func(d *inputs) any { return metric.MAE(d.rTrue, d.rPred) },
	"median_absolute_error":          func(d *inputs) any { return metric.MedianAE(d.rTrue, d.rPred) },
	"r2_score":                       func(d *inputs) any { return metric.R2(d.rTrue, d.rPred) },
	"explained_variance_score":       func(d *inputs) any { return metric.ExplainedVariance(d.rTrue, d.rPred) },
	"max_error":                      func(d *inputs) any { return metric.MaxError(d.rTrue, d.rPred) },
	"mean_absolute_percentage_error": func(d *inputs) any { return metric.MAPE(positive(d.rTrue), positive(d.rPred)) },
	"mean_squared_log_error":         func(d *inputs) any { return metric.MSLE(positive(d.rTrue), positive(d.rPred)) },
	"root_mean_squared_log_error":    func(d *inputs) any { return metric.RMSLE(positive(d.rTrue), positive(d.rPred)) },
	"mean_poisson_deviance":          func(d *inputs) any { return metric.Tweedie(positive(d.rTrue), positive(d.rPred), power(1)) },
	"mean_gamma_deviance":            func(d *inputs) any { return metric.Tweedie(positive(d.rTrue), positive(d.rPred), power(2)) },
	"mean_tweedie_deviance|1.5":      func(d *inputs) any { return metric.Tweedie(positive(d.rTrue), positive(d.rPred), power(1.5)) },
	"d2_absolute_error_score":        func(d *inputs) any { return metric.D2AbsoluteError(d.rTrue, d.rPred) },
	"d2_pinball_score":               func(d *inputs) any { return metric.D2Pinball(d.rTrue, d.rPred) },
	"d2_tweedie_score":               func(d *inputs) any { return metric.D2Tweedie(d.rTrue, d.rPred) },
	"mean_pinball_loss|0.3": func(d *inputs) any {
		return metric.Pinball(d.rTrue, d.rPred, metric.Outputs{Alpha: 0.3})
	},
	"r2_score|w": func(d *inputs) any {
		return metric.R2(d.rTrue, d.rPred, metric.Outputs{Weights: d.w})
	},
	"mean_squared_error|w": func(d *inputs) any {
		return metric.MSE(d.rTrue, d.rPred, metric.Outputs{Weights: d.w})
	},
}

var clustering = map[string]func(d *inputs) any{
	"rand_score":          func(d *inputs) any { return metric.Rand(d.yTrue.Ints(), d.yPred.Ints()) },
	"adjusted_rand_score": func(d *inputs) any { return metric.AdjustedRand(d.yTrue.Ints(), d.yPred.Ints()) },
	"mutual_info_score":   func(d *inputs) any { return metric.MutualInfo(d.yTrue.Ints(), d.yPred.Ints()) },
	"normalized_mutual_info_score": func(d *inputs) any {
		return metric.NormalizedMutualInfo(d.yTrue.Ints(), d.yPred.Ints(), "")
	},
	"adjusted_mutual_info_score": func(d *inputs) any {
		return metric.AdjustedMutualInfo(d.yTrue.Ints(), d.yPred.Ints(), "")
	},
	"homogeneity_score":  func(d *inputs) any { return measures(d)[0] },
	"completeness_score": func(d *inputs) any { return measures(d)[1] },
	"v_measure_score":    func(d *inputs) any { return measures(d)[2] },
	"fowlkes_mallows_score": func(d *inputs) any {
		return metric.FowlkesMallows(d.yTrue.Ints(), d.yPred.Ints())
	},
	"pair_confusion_matrix": func(d *inputs) any {
		return metric.PairConfusion(d.yTrue.Ints(), d.yPred.Ints())
	},
	"contingency_matrix": func(d *inputs) any {
		return metric.Contingency(d.yTrue.Ints(), d.yPred.Ints())
	},
	"silhouette_score":        func(d *inputs) any { return metric.Silhouette(d.x, d.yTrue.Ints()) },
	"calinski_harabasz_score": func(d *inputs) any { return metric.CalinskiHarabasz(d.x, d.yTrue.Ints()) },
	"davies_bouldin_score":    func(d *inputs) any { return metric.DaviesBouldin(d.x, d.yTrue.Ints()) },
}

func measures(d *inputs) [3]float64 {
	h, c, v := metric.VMeasure(d.yTrue.Ints(), d.yPred.Ints(), 1)
	return [3]float64{h, c, v}
}

func kernel(name string) func(d *inputs) any {
	return func(d *inputs) any {
		x := head(d.x, 5)
		x = x.Clone()
		for i, v := range x.Data {
			x.Data[i] = math.Abs(v)
		}
		return metric.Kernel(x, nil, name)
	}
}

var rows = map[string]func(d *inputs) any{
	"rbf_kernel":           kernel("rbf"),
	"polynomial_kernel":    kernel("poly"),
	"linear_kernel":        kernel("linear"),
	"laplacian_kernel":     kernel("laplacian"),
	"sigmoid_kernel":       kernel("sigmoid"),
	"cosine_similarity":    kernel("cosine"),
	"chi2_kernel":          kernel("chi2"),
	"additive_chi2_kernel": kernel("additive_chi2"),
}
