package zmtp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Limits of what a peer may send. They are checked before anything is allocated.
const (
	MaxMessage   = 256 << 20 // bytes of all parts of one message
	maxParts     = 1024
	maxHandshake = 4 << 10 // bytes of a command before the connection is ready
)

// Bits of a frame's first byte.
const (
	more    = 1
	long    = 2
	command = 4
)

// frame is one part of a message, or a command.
type frame struct {
	flags byte
	body  []byte
}

// readFrame reads a frame of at most limit bytes.
func readFrame(r *bufio.Reader, limit int) (frame, error) {
	flags, err := r.ReadByte()
	if err != nil {
		return frame{}, err
	}
	if flags&^(more|long|command) != 0 || flags&command != 0 && flags&more != 0 {
		return frame{}, fmt.Errorf("frame with flags %#x", flags)
	}
	var size uint64
	if flags&long == 0 {
		b, err := r.ReadByte()
		if err != nil {
			return frame{}, unexpected(err)
		}
		size = uint64(b)
	} else {
		var b [8]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return frame{}, unexpected(err)
		}
		size = binary.BigEndian.Uint64(b[:])
	}
	if size > uint64(limit) {
		return frame{}, fmt.Errorf("frame of %d bytes; the limit is %d", size, limit)
	}
	body, err := readN(r, int(size))
	return frame{flags, body}, err
}

// readN reads n bytes in steps, so that a false length costs what was sent and not what was claimed.
func readN(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	buf := make([]byte, 0, min(n, step))
	for len(buf) < n {
		k := min(n-len(buf), step)
		buf = append(buf, make([]byte, k)...)
		if _, err := io.ReadFull(r, buf[len(buf)-k:]); err != nil {
			return nil, unexpected(err)
		}
	}
	return buf, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// writeFrame writes a frame; the caller flushes.
func writeFrame(w *bufio.Writer, flags byte, body []byte) error {
	var head [9]byte
	n := 2
	head[0] = flags
	if len(body) > 255 {
		head[0] |= long
		binary.BigEndian.PutUint64(head[1:], uint64(len(body)))
		n = 9
	} else {
		head[1] = byte(len(body))
	}
	if _, err := w.Write(head[:n]); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// parseCommand splits the body of a command frame into its name and data.
func parseCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || int(body[0]) > len(body)-1 {
		return "", nil, errors.New("command without a name")
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}

func makeCommand(name string, data []byte) []byte {
	return append(append([]byte{byte(len(name))}, name...), data...)
}

// properties are the metadata of a READY command.
func appendProperty(b []byte, name, value string) []byte {
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

func parseProperties(b []byte) (map[string]string, error) {
	out := map[string]string{}
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+4 {
			return nil, errors.New("truncated metadata")
		}
		name := string(b[1 : 1+n])
		size := binary.BigEndian.Uint32(b[1+n:])
		b = b[1+n+4:]
		if uint64(size) > uint64(len(b)) {
			return nil, fmt.Errorf("metadata %q claims %d bytes, %d are left", name, size, len(b))
		}
		out[name], b = string(b[:size]), b[size:]
	}
	return out, nil
}
