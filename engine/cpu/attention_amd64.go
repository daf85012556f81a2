package cpu

// hookAttention installs the routines of a level.
func hookAttention(level string) {
	switch attentionSoftmax, attentionGrad = nil, nil; level {
	case "avx512":
		attentionSoftmax, attentionGrad, attentionWidth = attentionSoftmax512, attentionGrad512, 32
	case "avx2":
		attentionSoftmax, attentionGrad, attentionWidth = attentionSoftmax256, attentionGrad256, 16
	}
}
