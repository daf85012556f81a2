package cpu

//go:generate go run ./gen -family attention -out simd_attention_amd64.s -stubs simd_attention_amd64.go -pkg cpu
//go:generate go run ./gen -family compare -out simd_compare_amd64.s -stubs simd_compare_amd64.go -pkg cpu
//go:generate go run ./gen -family conv -out simd_conv_amd64.s -stubs simd_conv_amd64.go -pkg cpu
//go:generate go run ./gen -family gemm -out simd_gemm_amd64.s -stubs simd_gemm_amd64.go -pkg cpu
//go:generate go run ./gen -family integer -out simd_integer_amd64.s -stubs simd_integer_amd64.go -pkg cpu
//go:generate go run ./gen -family lanes -out simd_lanes_amd64.s -stubs simd_lanes_amd64.go -pkg cpu
//go:generate go run ./gen -family norm -out simd_norm_amd64.s -stubs simd_norm_amd64.go -pkg cpu
//go:generate go run ./gen -family quant -out simd_quant_amd64.s -stubs simd_quant_amd64.go -pkg cpu
//go:generate go run ./gen -family random -out simd_random_amd64.s -stubs simd_random_amd64.go -pkg cpu
//go:generate go run ./gen -family reduce -out simd_reduce_amd64.s -stubs simd_reduce_amd64.go -pkg cpu
//go:generate go run ./gen -family rnn -out simd_rnn_amd64.s -stubs simd_rnn_amd64.go -pkg cpu
//go:generate go run ./gen -family transpose -out simd_transpose_amd64.s -stubs simd_transpose_amd64.go -pkg cpu
//go:generate go run ./gen -family vector -out simd_vector_amd64.s -stubs simd_vector_amd64.go -pkg cpu
//go:generate go run ./gen -family winograd -out simd_winograd_amd64.s -stubs simd_winograd_amd64.go -pkg cpu
