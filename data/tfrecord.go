package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
)

// TFRecordReader reads the records of a TFRecord file, plain or gzip'd, and checks their sums.
//
//	for {
//		record, err := r.Next()
//		if err == io.EOF {
//			break
//		}
//	}
type TFRecordReader struct {
	r    *bufio.Reader
	file *os.File
	at   int64 // of the next record
	n    int
}

// OpenTFRecord opens a file; Close ends its use.
func OpenTFRecord(path string) (*TFRecordReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data.OpenTFRecord: %w", err)
	}
	r, err := NewTFRecordReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.file = f
	return r, nil
}

// NewTFRecordReader reads records from r.
func NewTFRecordReader(r io.Reader) (*TFRecordReader, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	// A record that begins like gzip would be one of 35 kB with a forged sum.
	if magic, _ := br.Peek(3); bytes.Equal(magic, []byte{0x1f, 0x8b, 8}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("data.NewTFRecordReader: %w", err)
		}
		br = bufio.NewReaderSize(z, 1<<16)
	}
	return &TFRecordReader{r: br}, nil
}

// Close closes the file that OpenTFRecord opened.
func (t *TFRecordReader) Close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the sum that TFRecord stores.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// Next returns the next record, io.EOF after the last one. Errors name the record.
func (t *TFRecordReader) Next() ([]byte, error) {
	var head [12]byte
	if _, err := io.ReadFull(t.r, head[:]); errors.Is(err, io.EOF) {
		return nil, io.EOF
	} else if err != nil {
		return nil, t.fault("the file ends within its length: %w", err)
	}
	n := binary.LittleEndian.Uint64(head[:8])
	if masked(head[:8]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, t.fault("its length %d has a wrong sum; this is no TFRecord file, or it is broken", n)
	}
	if n > math.MaxInt32 {
		return nil, t.fault("it has %d bytes; want at most %d", n, math.MaxInt32)
	}
	var body bytes.Buffer // grows with what is there, not with what the head claims
	if _, err := io.CopyN(&body, t.r, int64(n)); err != nil {
		return nil, t.fault("it has %d bytes, the file %d more: %w", n, body.Len(), io.ErrUnexpectedEOF)
	}
	if _, err := io.ReadFull(t.r, head[:4]); err != nil {
		return nil, t.fault("the file ends within its sum: %w", err)
	}
	if masked(body.Bytes()) != binary.LittleEndian.Uint32(head[:4]) {
		return nil, t.fault("its %d bytes have a wrong sum", n)
	}
	t.n++
	t.at += int64(n) + 16
	return body.Bytes(), nil
}

func (t *TFRecordReader) fault(format string, args ...any) error {
	return fmt.Errorf("data.TFRecordReader: record %d at byte %d: %w", t.n, t.at, fmt.Errorf(format, args...))
}

// Feature is a value of a tf.train.Example; one of the slices is set.
type Feature struct {
	Bytes  [][]byte
	Floats []float32
	Ints   []int64
}

// ParseExample reads a tf.train.Example, which TFRecord files often hold, as features by name.
func ParseExample(record []byte) (map[string]Feature, error) {
	all := map[string]Feature{}
	err := fields(record, func(id int, v value) error { // Example: 1 features
		if id != 1 {
			return nil
		}
		return fields(v.bytes, func(id int, v value) error { // Features: 1 entries of the map
			if id != 1 {
				return nil
			}
			name, f := "", Feature{}
			err := fields(v.bytes, func(id int, v value) (err error) { // entry: 1 key, 2 value
				switch id {
				case 1:
					name = string(v.bytes)
				case 2:
					f, err = feature(v.bytes)
				}
				return err
			})
			all[name] = f
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("data.ParseExample: %w", err)
	}
	return all, nil
}

// feature reads 1 a list of bytes, 2 of floats or 3 of integers, each in field 1.
func feature(b []byte) (f Feature, err error) {
	err = fields(b, func(kind int, list value) error {
		return fields(list.bytes, func(id int, v value) error {
			switch {
			case id != 1:
			case kind == 1:
				f.Bytes = append(f.Bytes, v.bytes)
			case kind == 2 && v.wire == 5:
				f.Floats = append(f.Floats, math.Float32frombits(uint32(v.number)))
			case kind == 2 && v.wire == 2 && len(v.bytes)%4 == 0: // packed
				for p := v.bytes; len(p) > 0; p = p[4:] {
					f.Floats = append(f.Floats, math.Float32frombits(binary.LittleEndian.Uint32(p)))
				}
			case kind == 3 && v.wire == 0:
				f.Ints = append(f.Ints, int64(v.number))
			case kind == 3 && v.wire == 2:
				for p := v.bytes; len(p) > 0; {
					n, k := binary.Uvarint(p)
					if k <= 0 {
						return errProto
					}
					f.Ints, p = append(f.Ints, int64(n)), p[k:]
				}
			}
			return nil
		})
	})
	return f, err
}

// value is a field of a protobuf message: number for wire types 0, 1 and 5, bytes for 2.
type value struct {
	wire   int
	number uint64
	bytes  []byte
}

var errProto = errors.New("the record is no protobuf message")

// fields calls f with every field of a protobuf message.
func fields(b []byte, f func(id int, v value) error) error {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return errProto
		}
		b = b[n:]
		v := value{wire: int(tag & 7)}
		size := 0
		switch v.wire {
		case 0:
			v.number, size = binary.Uvarint(b)
			if size <= 0 {
				return errProto
			}
		case 1, 5:
			if size = 8; v.wire == 5 {
				size = 4
			}
			if len(b) < size {
				return errProto
			}
			var full [8]byte
			copy(full[:], b[:size])
			v.number = binary.LittleEndian.Uint64(full[:])
		case 2:
			length, n := binary.Uvarint(b)
			if n <= 0 || length > uint64(len(b)-n) {
				return errProto
			}
			v.bytes, size = b[n:n+int(length)], n+int(length)
		default:
			return errProto
		}
		if err := f(int(tag>>3), v); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}
