package cpu

import "unsafe"

// depthTiles512Table has the routines by filter, pixels of a tile and vectors of channels.
var depthTiles512Table = [...][len(depthTileSizes)][2]func(a *byte){
	{{depthTile512k3s1x4v1, depthTile512k3s1x4v2}, {depthTile512k3s1x7v1, depthTile512k3s1x7v2}},
	{{depthTile512k5s1x4v1, depthTile512k5s1x4v2}, {depthTile512k5s1x7v1, depthTile512k5s1x7v2}},
	{{depthTile512k5s2x4v1, depthTile512k5s2x4v2}, {depthTile512k5s2x7v1, depthTile512k5s2x7v2}},
}

func depthTiles512(a *depthTile, kernel, stride, pixels int) {
	filter, size, vectors := 0, 0, 0
	if kernel == 5 {
		filter = stride
	}
	if pixels == depthTileSizes[1] {
		size = 1
	}
	if a.mask == 0 {
		vectors = 1
	}
	depthTiles512Table[filter][size][vectors]((*byte)(unsafe.Pointer(a)))
}
