package source

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/lathe-ml/lathe/engine/op"
)

// forms returns the forms of operators that are no expression of elements.
var forms = sync.OnceValue(func() map[*op.Def]form {
	return map[*op.Def]form{
		op.Cholesky: cholesky, op.LU: lu, op.LogDet: logDet, op.Solve: solve, op.SolveTriangular: triangular(false),
		op.CholeskySolve: triangular(true), op.Householder: householder, op.QR: qr, op.EigH: eigH, op.SVD: svd,
		op.PInv: pinv, op.FFT: fourier,
		op.Attention: attention(false), op.SelfAttention: attention(true),
		op.AttentionGrad: attentionGrad(false), op.SelfAttentionGrad: attentionGrad(true),
		op.Sum: reducing("SumOver"), op.Prod: reducing("ProdOver"), op.Max: reducing("MaxOver"),
		op.Min: reducing("MinOver"), op.All: reducing("AllOver"), op.Any: reducing("AnyOver"),
		op.LogSumExp: reducing("LogSumExpOver"), op.Norm: reducing("NormOver"),
		op.Variance: reducing("VarianceOver"), op.ArgMax: reducing("ArgMaxOver"), op.ArgMin: reducing("ArgMinOver"),
		op.Softmax: softmax(false, false), op.LogSoftmax: softmax(false, true),
		op.SoftmaxGrad: softmax(true, false), op.LogSoftmaxGrad: softmax(true, true),
		op.LayerNorm: normalise, op.LayerNormGrad: normaliseGrad, op.BatchNorm: normalise,
		op.BatchNormGrad: normaliseGrad, op.CrossEntropy: crossEntropy(false), op.CrossEntropyGrad: crossEntropy(true),
		op.MatMul: matMul, op.Linear: linear, op.LinearGrad: linearGrad,
		op.Conv: conv("ConvForward"), op.ConvInputGrad: conv("ConvInput"), op.ConvWeightGrad: conv("ConvWeight"),
		op.MaxPool: pooling("max_pool"), op.AvgPool: pooling("avg_pool"), op.AvgPoolGrad: pooling("avg_pool_grad"),
		op.MaxPoolGrad: maxPoolGrad,
		op.Gather:      gather(false), op.IndexSelect: gather(true), op.ScatterAdd: scatterAdd(false),
		op.IndexAdd: scatterAdd(true), op.Scatter: scatterLines, op.ScatterReduce: scatterLines,
		op.SearchSorted: searchSorted,
		op.CumSum:       scanning("SumOver"), op.CumProd: scanning("ProdOver"), op.LogCumSumExp: scanning("LogSumExpOver"),
		op.CumArgMax: scanning("RunningArgMax"), op.CumArgMin: scanning("RunningArgMin"),
		op.Sort: sorting, op.TopK: sorting,
		op.RandUniform: random("uniform", false), op.RandNormal: random("normal(i, a.c0, a.c1, a.c2, a.c3)", false),
		op.RandBernoulli: random("bernoulli(i, a.c0, a.c1, a.c2)", false),
		op.RandInt:       random("random_int(i, a.c0, a.c1, a.c2, a.c3)", true),
		op.Permutation:   permutation, op.Dropout: dropout, op.Range: ranging,
		op.SGDUpdate: sgd, op.AdamUpdate: adam,
		op.Reshape: viewed, op.Permute: viewed, op.Expand: viewed, op.Slice: viewed, op.Flip: viewed,
		op.AsStrided: viewed, op.Real: viewed, op.Imag: viewed, op.ViewAsReal: viewed, op.ViewAsComplex: viewed,
		op.LSTM: lstm, op.GRU: gru, op.RNN: rnn, op.LSTMGrad: lstmGrad, op.GRUGrad: gruGrad, op.RNNGrad: rnnGrad,
		op.LocalResponse: localResponse, op.Quantize: quantize, op.Dequantize: dequantize,
		op.QuantLinear: quantLinear, op.QuantConv: quantConv, op.QuantMaxPool: pooling("max_pool"),
		op.Concat: concat, op.Pad: pad, op.Unslice: unslice, op.StridedAdd: stridedAdd, op.Frexp: frexp,
		op.GELUSlope: geluSlope,
	}
})

// digest shortens a text to a name.
func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}
