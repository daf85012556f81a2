// Package sub is generic.
package sub

// MaxBy returns the element with the largest value.
func MaxBy[T any](list []T, by func(T) float64) (best T) {
	for i, x := range list {
		if i == 0 || by(x) > by(best) {
			best = x
		}
	}
	return best
}
