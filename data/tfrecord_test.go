package data

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// tfrecord frames records as TensorFlow does.
func tfrecord(records ...[]byte) []byte {
	var b []byte
	for _, r := range records {
		n := binary.LittleEndian.AppendUint64(nil, uint64(len(r)))
		b = append(append(b, n...), binary.LittleEndian.AppendUint32(nil, masked(n))...)
		b = append(append(b, r...), binary.LittleEndian.AppendUint32(nil, masked(r))...)
	}
	return b
}

func message(id int, body []byte) []byte {
	return append(binary.AppendUvarint([]byte{byte(id<<3 | 2)}, uint64(len(body))), body...)
}

func entry(key string, kind int, list []byte) []byte {
	return message(1, append(message(1, []byte(key)), message(2, message(kind, list))...))
}

func TestTFRecordsAndTheirExamplesAreRead(t *testing.T) {
	age := message(1, binary.AppendUvarint(nil, 29))
	rating := message(1, []byte{0, 0, 0x10, 0x41, 0x33, 0x33, 0x1b, 0x41}) // 9, 9.7
	single := []byte{1<<3 | 5, 0, 0, 0x80, 0x3f}                           // 1, not packed
	ex := message(1, bytes.Join([][]byte{
		entry("age", 3, age), entry("movie", 1, append(message(1, []byte("a")), message(1, []byte("b"))...)),
		entry("rating", 2, rating), entry("one", 2, single),
	}, nil))
	for _, file := range [][]byte{tfrecord(ex, nil, []byte("x")), zipped(tfrecord(ex, nil, []byte("x")))} {
		r, err := NewTFRecordReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		first, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseExample(first)
		if err != nil || fmt.Sprint(f["age"].Ints, f["rating"].Floats, f["one"].Floats) != "[29] [9 9.7] [1]" ||
			fmt.Sprintf("%s", f["movie"].Bytes) != "[a b]" {
			t.Errorf("%v, %v", f, err)
		}
		for _, want := range []string{"", "x"} {
			if b, err := r.Next(); err != nil || string(b) != want {
				t.Errorf("%q, %v", b, err)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("after the last: %v", err)
		}
	}
}

// TestSumOfTFRecordIsTensorFlows holds the sum of the length of a 24-byte record, from TensorFlow's files.
func TestSumOfTFRecordIsTensorFlows(t *testing.T) {
	if got := hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, masked([]byte{24, 0, 0, 0, 0, 0, 0, 0}))); got != "a37f4b22" {
		t.Errorf("sum %s, want a37f4b22", got)
	}
}

func TestBrokenTFRecordsAreNamed(t *testing.T) {
	good := tfrecord([]byte("one"), []byte("second"))
	flip := func(i int) []byte {
		b := bytes.Clone(good)
		b[i] ^= 1
		return b
	}
	for want, b := range map[string][]byte{
		"record 0 at byte 0: its length 2 has a wrong sum":       flip(0),
		"record 0 at byte 0: its 3 bytes have a wrong sum":       flip(13),
		"record 1 at byte 19: it has 6 bytes, the file 2 more":   good[:19+14],
		"record 1 at byte 19: the file ends within its length":   good[:22],
		"record 1 at byte 19: the file ends within its sum":      good[:len(good)-1],
		"record 0 at byte 0: its length 2336927755350992246 has": []byte("version https://git-lfs"),
	} {
		r, err := NewTFRecordReader(bytes.NewReader(b))
		for err == nil {
			_, err = r.Next()
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
	if _, err := ParseExample([]byte{10, 200}); err == nil {
		t.Error("a broken message is accepted")
	}
}

func FuzzTFRecord(f *testing.F) {
	f.Add(tfrecord([]byte("one"), nil))
	f.Add(zipped(tfrecord([]byte("one"))))
	f.Add(message(1, entry("a", 3, message(1, []byte{5}))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := NewTFRecordReader(bytes.NewReader(b)); err == nil {
			for err == nil {
				_, err = r.Next()
			}
		}
		ParseExample(b)
	})
}
