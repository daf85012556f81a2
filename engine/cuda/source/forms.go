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
		op.Sum: reducing("SumOver"), op.Prod: reducing("ProdOver"), op.Max: reducing("MaxOver"),
		op.Min: reducing("MinOver"), op.All: reducing("AllOver"), op.Any: reducing("AnyOver"),
		op.LogSumExp: reducing("LogSumExpOver"), op.Norm: reducing("NormOver"),
		op.Variance: reducing("VarianceOver"), op.ArgMax: reducing("ArgMaxOver"), op.ArgMin: reducing("ArgMinOver"),
		op.Softmax: softmax(false, false), op.LogSoftmax: softmax(false, true),
		op.SoftmaxGrad: softmax(true, false), op.LogSoftmaxGrad: softmax(true, true),
		op.LayerNorm: normalise, op.LayerNormGrad: normaliseGrad, op.BatchNorm: normalise,
		op.BatchNormGrad: normaliseGrad, op.CrossEntropy: crossEntropy(false), op.CrossEntropyGrad: crossEntropy(true),
	}
})

// Missing lists the operators without a CUDA form, with the reason.
var Missing = map[string]string{}

// digest shortens a text to a name.
func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}
