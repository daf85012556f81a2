package outcome

// Restart is what a debugger panics with on the goroutine of a cell to run a function again from its
// beginning. The functions on the way run what they deferred, recover does not see it. The function
// whose deferred calls set Reached is called again with the arguments that it had.
type Restart struct{ Reached bool }

// Error makes it an error.
func (*Restart) Error() string { return "a debugger runs a function again" }
