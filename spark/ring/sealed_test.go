package ring

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

// wire keeps what is written to it.
type wire struct {
	net.Conn
	bytes.Buffer
}

func (w *wire) Read(p []byte) (int, error)  { return w.Buffer.Read(p) }
func (w *wire) Write(p []byte) (int, error) { return w.Buffer.Write(p) }

func TestTheKeyChangesOnTheWay(t *testing.T) {
	var w wire
	client, server := newSealed(&w, secret, true), newSealed(&w, secret, false)
	client.to.n, server.from.n = keyBlocks-2, keyBlocks-2
	for i := range 4 {
		before := client.to.aead
		if _, err := client.Write([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		if changed := before != client.to.aead; changed != (i == 0 || i == 2) {
			t.Errorf("block %d: another key %t", i, changed)
		}
		got := make([]byte, 1)
		if _, err := io.ReadFull(server, got); err != nil || got[0] != byte(i) {
			t.Errorf("block %d came as %d: %v", i, got[0], err)
		}
	}
}

func TestWhatIsChangedOnItsWayIsRefused(t *testing.T) {
	sent := func() (*wire, *sealed) {
		w := &wire{}
		client := newSealed(w, secret, true)
		for _, text := range []string{"first", "second"} {
			if _, err := client.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		return w, newSealed(w, secret, false)
	}
	w, _ := sent()
	block := headBytes + len("first") + tagBytes
	for name, change := range map[string]func(b []byte) []byte{
		"a bit of the text":   func(b []byte) []byte { b[headBytes] ^= 1; return b },
		"a bit of the proof":  func(b []byte) []byte { b[block-1] ^= 128; return b },
		"left out":            func(b []byte) []byte { return b[block:] },
		"repeated":            func(b []byte) []byte { return append(bytes.Clone(b[:block]), b...) },
		"a shorter length":    func(b []byte) []byte { b[3]--; return b },
		"a length of 0":       func(b []byte) []byte { b[3] = 0; return b },
		"an enormous length":  func(b []byte) []byte { b[0] = 255; return b },
		"cut off in the text": func(b []byte) []byte { return b[:block-1] },
	} {
		w, server := sent()
		b := change(bytes.Clone(w.Bytes()))
		w.Reset()
		w.Buffer.Write(b)
		got, err := io.ReadAll(server)
		if err == nil || !strings.HasPrefix("firstsecond", string(got)) {
			t.Errorf("%s: %q, %v; want an error, and nothing that was not sent", name, got, err)
		}
	}
	if got, err := io.ReadAll(newSealed(w, bytes.Repeat([]byte{1}, 32), false)); err == nil {
		t.Errorf("with another key: %q; want an error", got)
	}
}

func TestSealedReadsAndWritesOfAnySize(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	var w wire
	client, server := newSealed(&w, secret, true), newSealed(&w, secret, false)
	for range 60 {
		text := make([]byte, g.IntN(3*blockBytes))
		for i := range text {
			text[i] = byte(g.Uint32())
		}
		if n, err := client.Write(text); err != nil || n != len(text) {
			t.Fatalf("wrote %d of %d: %v", n, len(text), err)
		}
		got := make([]byte, len(text))
		for at := 0; at < len(got); {
			n, err := server.Read(got[at:min(len(got), at+1+g.IntN(2*blockBytes))])
			if err != nil {
				t.Fatal(err)
			}
			at += n
		}
		if !bytes.Equal(got, text) {
			t.Fatalf("%d bytes came otherwise", len(text))
		}
	}
}
