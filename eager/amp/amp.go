// Package amp trains in mixed precision: parameters, losses and statistics in F32, the products of layers in
// BF16, which halves the memory of their activations.
//
//	for batch := range loader.Batches() {
//		opt.ZeroGrad()
//		amp.Autocast(func() { loss = nn.CrossEntropy(net.Forward(batch.X), batch.Y) })
//		loss.Backward()
//		opt.Step()
//	}
//
// BF16 has the range of F32 and needs no scaling of the loss; F16 does, see Scaler. It does not change
// modules (nn.Base.To does) and does not apply to the recurrent layers, whose operators take F32.
// Agrees with torch.amp on the processor.
package amp

import (
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/engine/op"
)

// Options are the options of Autocast; the zero value is the default.
type Options struct {
	DType engine.DType // of the operators in Lower: BF16 or F16; the zero value means BF16
}

// lower are the operators that compute in the short dtype: products, whose cost and memory it halves.
var lower = map[*op.Def]bool{
	op.MatMul: true, op.Linear: true, op.Conv: true, op.ConvInputGrad: true, op.Attention: true,
	op.SelfAttention: true,
}

// wide are the operators that take F32 whatever arrives: their sums or logarithms need the digits.
var wide = map[*op.Def]bool{
	op.CrossEntropy: true, op.Prod: true, op.CumProd: true, op.LogDet: true, op.Cholesky: true,
	op.CholeskySolve: true, op.LU: true, op.QR: true, op.SVD: true, op.Eig: true, op.EigH: true, op.PInv: true,
	op.Solve: true, op.SolveTriangular: true, op.FFT: true, op.Complex: true, op.ViewAsComplex: true,
	op.ErfInv: true, op.LogGamma: true, op.Polygamma: true,
}

// Autocast runs f, the forward pass and the loss. Products (MatMul, linear layers, convolutions, attention)
// take their F32 operands as BF16; losses, logarithms of determinants, decompositions and transforms take
// F32; all others take what arrives, the wider of two dtypes. F64 is left alone. It holds for the calling
// goroutine; call Backward and Step outside.
// Agrees with torch.autocast("cpu").
func Autocast(f func(), o ...Options) {
	d := engine.BF16
	if len(o) > 0 && o[0].DType != engine.Invalid {
		d = o[0].DType
	}
	if d != engine.BF16 && d != engine.F16 {
		engine.Fail("amp.Autocast", "DType is %v; want BF16 or F16", d)
	}
	eager.WithPrecision(func(p *op.Def) engine.DType {
		switch {
		case lower[p]:
			return d
		case wide[p]:
			return engine.F32
		}
		return engine.Invalid
	}, f)
}

// Off runs f, a part of what Autocast runs, in the precision of its operands.
func Off(f func()) { eager.WithPrecision(nil, f) }

// OpLists returns the names of the operators that compute in the short dtype and of those that take F32.
func OpLists() (short, full []string) {
	for _, d := range op.Defs() {
		if lower[d] {
			short = append(short, d.Name)
		}
		if wide[d] {
			full = append(full, d.Name)
		}
	}
	return short, full
}
