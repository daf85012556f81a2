package cpu

import "unsafe"

// hookWinograd installs the transforms of 6×6 tiles.
func hookWinograd(level string) {
	winograds = winogradGo
	switch level {
	case "avx512":
		winograds = &winogradKernels{
			lanes: 16, input: winogradInput512, grad: winogradGrad512,
			filters: [6]filterTransform{3: winogradFilter3x512, 4: winogradFilter4x512, 5: winogradFilter5x512},
			outputs: [5]func(t *winogradTile) bool{
				2: finiteAfter(winogradOutput2x512), 3: finiteAfter(winogradOutput3x512), 4: finiteAfter(winogradOutput4x512),
			},
		}
	case "avx2":
		winograds = &winogradKernels{
			lanes: 8, input: winogradInput256, grad: winogradGrad256,
			filters: [6]filterTransform{3: winogradFilter3x256, 4: winogradFilter4x256, 5: winogradFilter5x256},
			outputs: [5]func(t *winogradTile) bool{
				2: finiteAfter(winogradOutput2x256), 3: finiteAfter(winogradOutput3x256), 4: finiteAfter(winogradOutput4x256),
			},
		}
	}
}

func finiteAfter(f func(a *byte) int) func(t *winogradTile) bool {
	return func(t *winogradTile) bool { return f((*byte)(unsafe.Pointer(t))) == 0 }
}
