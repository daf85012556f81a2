package eager

// Plain reports whether operators of the calling goroutine do nothing but compute and record: nobody observes or
// traces them, keeps what the tape saves, or chooses their precision, and all memory is the host's.
func Plain() bool { return !diverted() && !precisions.used() }
