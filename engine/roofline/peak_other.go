//go:build !amd64

package roofline

// routines is empty: there is no assembly for this processor.
func routines() (f32, f64 func(rounds int), elements float64) { return nil, nil, 0 }
