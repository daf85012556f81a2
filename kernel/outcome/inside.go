package outcome

// Inside is code that runs inside a function that is stopped: Run runs it on the calling goroutine.
// Its variables with the names of those of the function are at Addr: pointers by name, to be set
// before Run and read after it. Keep makes what the code declares part of the session.
type Inside struct {
	Addr map[string]any
	Run  func() Outcome
	Keep func()
}
