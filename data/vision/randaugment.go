package vision

import (
	"math/rand/v2"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// RandAugment applies Ops random changes of one strength.
// Source: Cubuk et al. 2019, with torchvision's operations and magnitudes.
type RandAugment struct {
	Ops       int  // 0: 2
	Magnitude int  // 0…30; 0: 9
	Bilinear  bool // between pixels; otherwise the nearest pixel
	Fill      float64
}

// Apply changes x, a U8 image.
func (t RandAugment) Apply(x *eager.Tensor, r *rand.Rand) *eager.Tensor {
	r = source(r)
	if t.Ops == 0 {
		t.Ops = 2
	}
	if t.Magnitude == 0 {
		t.Magnitude = 9
	}
	if t.Magnitude < 0 || t.Magnitude > 30 || t.Ops < 0 {
		engine.Fail("vision.RandAugment", "%d operations of magnitude %d; want ≥ 0 and 0…30", t.Ops, t.Magnitude)
	}
	for range t.Ops {
		x = t.change(x, r.IntN(len(changes)), float64(t.Magnitude)/30, r)
	}
	return x
}

// changes are the names of RandAugment's operations, in torchvision's order.
var changes = []string{
	"identity", "shear x", "shear y", "translate x", "translate y", "rotate", "brightness", "color",
	"contrast", "sharpness", "posterize", "solarize", "auto contrast", "equalize",
}

// change applies operation k with strength 0…1.
func (t RandAugment) change(x *eager.Tensor, k int, strength float64, r *rand.Rand) *eager.Tensor {
	signed := func(most float64) float64 {
		if r.IntN(2) == 0 {
			return most * strength
		}
		return -most * strength
	}
	p := of("vision.RandAugment", x)
	m := Motion{Bilinear: t.Bilinear, Fill: t.Fill}
	const shear = 16.699244 // degrees, a tangent of 0.3
	switch changes[k] {
	case "shear x":
		m.Shear[0], m.Center = signed(shear), &[2]float64{}
	case "shear y":
		m.Shear[1], m.Center = signed(shear), &[2]float64{}
	case "translate x":
		m.Translate[0] = float64(int(signed(150.0 / 331 * float64(p.w))))
	case "translate y":
		m.Translate[1] = float64(int(signed(150.0 / 331 * float64(p.h))))
	case "rotate":
		m.Angle = -signed(30)
	case "brightness":
		return AdjustBrightness(x, 1+signed(0.9))
	case "color":
		return AdjustSaturation(x, 1+signed(0.9))
	case "contrast":
		return AdjustContrast(x, 1+signed(0.9))
	case "sharpness":
		return AdjustSharpness(x, 1+signed(0.9))
	case "posterize":
		return Posterize(x, 8-int(4*strength+0.5))
	case "solarize":
		return Solarize(x, float64(p.bound())*(1-strength))
	case "auto contrast":
		return AutoContrast(x)
	case "equalize":
		return Equalize(x)
	default:
		return x
	}
	return Affine(x, m)
}
