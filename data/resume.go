package data

import "fmt"

// MarshalText returns the place of the loader in its data for a checkpoint: the epoch that was started
// last and the batches of it that Next has moved to. It is called between two calls of Next, by the
// goroutine that calls them.
func (l *Loader) MarshalText() ([]byte, error) {
	at := l.resume
	if l.last != nil {
		at = l.last.at
	}
	return fmt.Appendf(nil, "%d %d %d %d %d", l.ds.Len(), l.epochs, at, l.seed, l.stream), nil
}

// UnmarshalText restores what MarshalText returned, for a loader that was built as the saved one was. When
// the saved epoch was not at its end, the next Epoch is its rest, in the same order.
func (l *Loader) UnmarshalText(text []byte) error {
	var n, at int
	var epochs, seed, stream uint64
	_, err := fmt.Sscanf(string(text), "%d %d %d %d %d", &n, &epochs, &at, &seed, &stream)
	switch {
	case err != nil:
		return fmt.Errorf("data.Loader: the state is %q, want five numbers", text)
	case n != l.ds.Len() || at < 0 || at > l.Len():
		return fmt.Errorf("data.Loader: the state is of %d samples, batch %d; the data set has %d samples in "+
			"%d batches", n, at, l.ds.Len(), l.Len())
	}
	l.epochs, l.seed, l.stream, l.last = epochs, seed, stream, nil
	l.resume, l.rest = at, at < l.Len() && epochs > 0
	return nil
}
