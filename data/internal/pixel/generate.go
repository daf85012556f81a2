package pixel

//go:generate go run ./gen -out simd_amd64.s -stubs simd_amd64.go -pkg pixel
