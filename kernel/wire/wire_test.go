package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func sample(t testing.TB) *Message {
	parent := &Header{ID: "p", Type: "execute_request"}
	m, err := New(IOPub, "stream", parent, Stream{Name: "stdout", Text: "héllo\n"})
	if err != nil {
		t.Fatal(err)
	}
	m.Metadata["cellId"] = "c1"
	m.Buffers = [][]byte{{1, 2, 3}, {}, bytes.Repeat([]byte{7}, 1000)}
	return m
}

func TestMessageSurvivesTheSocket(t *testing.T) {
	a, b := net.Pipe()
	want := sample(t)
	go func() {
		NewConn(a).Write(want)
		a.Close()
	}()
	c := NewConn(b)
	got, err := c.Read()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got.CellID() != "c1" {
		t.Errorf("CellID = %q", got.CellID())
	}
	if _, err := c.Read(); err != io.EOF {
		t.Errorf("after close: %v, want io.EOF", err)
	}
}

func TestConcurrentWritesDoNotMix(t *testing.T) {
	a, b := net.Pipe()
	w, r := NewConn(a), NewConn(b)
	var wg sync.WaitGroup
	const writers, each = 8, 50
	for range writers {
		wg.Go(func() {
			for range each {
				if err := w.Write(sample(t)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range writers * each {
		if _, err := r.Read(); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	wg.Wait()
}

func TestForgedLengthsAreRefused(t *testing.T) {
	good, err := Encode(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	huge := binary.BigEndian.AppendUint32(nil, 1<<31)
	short := binary.BigEndian.AppendUint32(nil, MaxFrame)
	header := bytes.Clone(good)
	binary.BigEndian.PutUint32(header[4:], 1<<30)
	for name, tc := range map[string]struct {
		frame []byte
		want  string
	}{
		"frame":     {huge, "the limit is"},
		"truncated": {short, "unexpected EOF"},
		"header":    {header, "claims 1073741824 bytes"},
		"empty":     {[]byte{0, 0, 0, 0}, "a length needs 4"},
	} {
		a, b := net.Pipe()
		go func() {
			a.Write(tc.frame)
			a.Close()
		}()
		if _, err := NewConn(b).Read(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(sample(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[4:])
	f.Add([]byte{0, 0, 0, 2, '{', '}'})
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := Decode(frame)
		if err != nil {
			return
		}
		again, err := Encode(m)
		if err != nil {
			t.Fatalf("decoded message does not encode: %v", err)
		}
		m2, err := Decode(again[4:])
		if err != nil {
			t.Fatalf("encoded message does not decode: %v", err)
		}
		if m2.Header != m.Header || len(m2.Buffers) != len(m.Buffers) {
			t.Fatalf("round trip changed the message: %+v, %+v", m, m2)
		}
	})
}
