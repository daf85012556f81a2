package tensorboard

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// followEvery is how often Follow looks for new events.
const followEvery = 200 * time.Millisecond

// largestEvent bounds what Follow takes for one event.
const largestEvent = 64 << 20

// Follow hands the numbers in the event files of dir to f as they are written, until ctx ends; then it reads
// what is there and returns. dir need not exist yet. Events that are no numbers are passed over.
func Follow(ctx context.Context, dir string, f func(tag string, step int, v float64)) error {
	offsets := map[string]int64{}
	for {
		ended := ctx.Err() != nil
		files, err := filepath.Glob(filepath.Join(dir, "*tfevents*"))
		if err != nil {
			return fmt.Errorf("tensorboard.Follow: %w", err)
		}
		for _, name := range files {
			if offsets[name], err = scalars(name, offsets[name], f); err != nil {
				return fmt.Errorf("tensorboard.Follow: %s: %w", name, err)
			}
		}
		if ended {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(followEvery):
		}
	}
}

// scalars reads the whole records of a file from an offset on, and returns the offset behind them.
func scalars(name string, at int64, f func(tag string, step int, v float64)) (int64, error) {
	file, err := os.Open(name)
	if err != nil {
		return at, err
	}
	defer file.Close()
	if _, err := file.Seek(at, io.SeekStart); err != nil {
		return at, err
	}
	b, err := io.ReadAll(file)
	if err != nil {
		return at, err
	}
	for len(b) >= 12 {
		n := binary.LittleEndian.Uint64(b)
		if n > largestEvent || binary.LittleEndian.Uint32(b[8:]) != masked(b[:8]) {
			return at, fmt.Errorf("no event file at byte %d", at)
		}
		if uint64(len(b)) < 16+n {
			break // the rest is being written
		}
		e := b[12 : 12+n]
		if binary.LittleEndian.Uint32(b[12+n:]) != masked(e) {
			return at, fmt.Errorf("the event at byte %d is damaged", at)
		}
		scalar(e, f)
		b, at = b[16+n:], at+16+int64(n)
	}
	return at, nil
}

// scalar hands the numbers of an event to f.
func scalar(e []byte, f func(tag string, step int, v float64)) {
	step := 0
	each(e, func(n protowire.Number, v uint64, b []byte) {
		switch n {
		case 2:
			step = int(v)
		case 5:
			each(b, func(n protowire.Number, _ uint64, b []byte) {
				tag, value, is := "", 0.0, false
				each(b, func(n protowire.Number, v uint64, b []byte) {
					switch {
					case n == 1:
						tag = string(b)
					case n == 2 && b == nil:
						value, is = float64(math.Float32frombits(uint32(v))), true
					}
				})
				if is {
					f(tag, step, value)
				}
			})
		}
	})
}

// each walks the fields of a message, numbers as v, the rest as b.
func each(m []byte, f func(n protowire.Number, v uint64, b []byte)) {
	for len(m) > 0 {
		n, kind, used := protowire.ConsumeTag(m)
		if used < 0 {
			return
		}
		m = m[used:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, used = protowire.ConsumeVarint(m)
		case protowire.Fixed64Type:
			v, used = protowire.ConsumeFixed64(m)
		case protowire.Fixed32Type:
			var w uint32
			w, used = protowire.ConsumeFixed32(m)
			v = uint64(w)
		case protowire.BytesType:
			b, used = protowire.ConsumeBytes(m)
			b = append([]byte{}, b...)
		default:
			return
		}
		if used < 0 {
			return
		}
		f(n, v, b)
		m = m[used:]
	}
}
