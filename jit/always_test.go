package jit

// Tests of the automatic tier have programs run whatever they cost.
func init() { Automatic.always = true }
