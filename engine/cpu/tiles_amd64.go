package cpu

// The kernels by rows − 1, vectors − 1 and, for AVX-512, whether the last vector is masked; those
// of float64 have a d.

var tiles512 = [14][2][2]func(a *byte){
	{{tile512x1x1, tile512x1x1m}, {tile512x1x2, tile512x1x2m}},
	{{tile512x2x1, tile512x2x1m}, {tile512x2x2, tile512x2x2m}},
	{{tile512x3x1, tile512x3x1m}, {tile512x3x2, tile512x3x2m}},
	{{tile512x4x1, tile512x4x1m}, {tile512x4x2, tile512x4x2m}},
	{{tile512x5x1, tile512x5x1m}, {tile512x5x2, tile512x5x2m}},
	{{tile512x6x1, tile512x6x1m}, {tile512x6x2, tile512x6x2m}},
	{{tile512x7x1, tile512x7x1m}, {tile512x7x2, tile512x7x2m}},
	{{tile512x8x1, tile512x8x1m}, {tile512x8x2, tile512x8x2m}},
	{{tile512x9x1, tile512x9x1m}, {tile512x9x2, tile512x9x2m}},
	{{tile512x10x1, tile512x10x1m}, {tile512x10x2, tile512x10x2m}},
	{{tile512x11x1, tile512x11x1m}, {tile512x11x2, tile512x11x2m}},
	{{tile512x12x1, tile512x12x1m}, {tile512x12x2, tile512x12x2m}},
	{{tile512x13x1, tile512x13x1m}, {tile512x13x2, tile512x13x2m}},
	{{tile512x14x1, tile512x14x1m}, {tile512x14x2, tile512x14x2m}},
}

var tiles512d = [14][2][2]func(a *byte){
	{{tile512dx1x1, tile512dx1x1m}, {tile512dx1x2, tile512dx1x2m}},
	{{tile512dx2x1, tile512dx2x1m}, {tile512dx2x2, tile512dx2x2m}},
	{{tile512dx3x1, tile512dx3x1m}, {tile512dx3x2, tile512dx3x2m}},
	{{tile512dx4x1, tile512dx4x1m}, {tile512dx4x2, tile512dx4x2m}},
	{{tile512dx5x1, tile512dx5x1m}, {tile512dx5x2, tile512dx5x2m}},
	{{tile512dx6x1, tile512dx6x1m}, {tile512dx6x2, tile512dx6x2m}},
	{{tile512dx7x1, tile512dx7x1m}, {tile512dx7x2, tile512dx7x2m}},
	{{tile512dx8x1, tile512dx8x1m}, {tile512dx8x2, tile512dx8x2m}},
	{{tile512dx9x1, tile512dx9x1m}, {tile512dx9x2, tile512dx9x2m}},
	{{tile512dx10x1, tile512dx10x1m}, {tile512dx10x2, tile512dx10x2m}},
	{{tile512dx11x1, tile512dx11x1m}, {tile512dx11x2, tile512dx11x2m}},
	{{tile512dx12x1, tile512dx12x1m}, {tile512dx12x2, tile512dx12x2m}},
	{{tile512dx13x1, tile512dx13x1m}, {tile512dx13x2, tile512dx13x2m}},
	{{tile512dx14x1, tile512dx14x1m}, {tile512dx14x2, tile512dx14x2m}},
}

var tiles256 = [6][2]func(a *byte){
	{tile256x1x1, tile256x1x2},
	{tile256x2x1, tile256x2x2},
	{tile256x3x1, tile256x3x2},
	{tile256x4x1, tile256x4x2},
	{tile256x5x1, tile256x5x2},
	{tile256x6x1, tile256x6x2},
}

var tiles256d = [6][2]func(a *byte){
	{tile256dx1x1, tile256dx1x2},
	{tile256dx2x1, tile256dx2x2},
	{tile256dx3x1, tile256dx3x2},
	{tile256dx4x1, tile256dx4x2},
	{tile256dx5x1, tile256dx5x2},
	{tile256dx6x1, tile256dx6x2},
}

// The correlations by channels − 1 and shifts − 1.
var correlations512 = [4][5]correlation{
	{correlate512x1x1, correlate512x1x2, correlate512x1x3, correlate512x1x4, correlate512x1x5},
	{correlate512x2x1, correlate512x2x2, correlate512x2x3, correlate512x2x4, correlate512x2x5},
	{correlate512x3x1, correlate512x3x2, correlate512x3x3, correlate512x3x4, correlate512x3x5},
	{correlate512x4x1, correlate512x4x2, correlate512x4x3, correlate512x4x4, correlate512x4x5},
}

// The correlations over samples by channels − 1 and shifts − 1.
var laneCorrelations512 = [4][5]laneCorrelation{
	{laneCorrelate512x1x1, laneCorrelate512x1x2, laneCorrelate512x1x3, laneCorrelate512x1x4, laneCorrelate512x1x5},
	{laneCorrelate512x2x1, laneCorrelate512x2x2, laneCorrelate512x2x3, laneCorrelate512x2x4, laneCorrelate512x2x5},
	{laneCorrelate512x3x1, laneCorrelate512x3x2, laneCorrelate512x3x3, laneCorrelate512x3x4, laneCorrelate512x3x5},
	{laneCorrelate512x4x1, laneCorrelate512x4x2, laneCorrelate512x4x3, laneCorrelate512x4x4, laneCorrelate512x4x5},
}
