package torch

func init() {
	operators["fft.fftshift"] = shifted(func(n int) int { return n / 2 })
	operators["fft.ifftshift"] = shifted(func(n int) int { return -(n / 2) })
}

// shifted rolls axes, all unless some are named, by half their extents.
func shifted(by func(n int) int) entry {
	return entry{"input dim", func(c *call) any {
		x, axes := c.t("input"), c.ints("dim")
		if axes == nil {
			for i := range x.Rank() {
				axes = append(axes, i)
			}
		}
		shifts := make([]int, len(axes))
		for i, a := range axes {
			shifts[i] = by(x.Size(a))
		}
		return x.Roll(shifts, axes)
	}}
}
