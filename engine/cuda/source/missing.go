package source

import "strings"

// Missing lists the operators without a CUDA form, with the reason.
var Missing = reasons(map[string]string{
	"Eig EigH Householder PInv QR SVD": "orthogonal factorisations want cuSOLVER, or kernels of their own",
	"FFT":                              "wants cuFFT, or a kernel of its own",
	"GRU GRUGrad LSTM LSTMGrad RNN RNNGrad": "the steps of recurrent layers want a kernel that keeps the state on " +
		"the chip",
	"LocalResponse": "wants a kernel of its own; networks with it are run on CPUs so far",
	"Dequantize QuantConv QuantLinear QuantMaxPool Quantize": "quantized operators are for CPUs so far",
})

// reasons spreads lists of names.
func reasons(lists map[string]string) map[string]string {
	m := map[string]string{}
	for names, why := range lists {
		for n := range strings.FieldsSeq(names) {
			m[n] = why
		}
	}
	return m
}
