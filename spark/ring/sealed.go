package ring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

const (
	blockBytes = 128 << 10 // of a block at most: it stays in the processor's cache
	headBytes  = 4         // the length of a block
	tagBytes   = 16        // what proves that nobody has changed it
	keyBlocks  = 1 << 20   // are sealed with one key, 128 GB: far below what is safe with AES-GCM
)

// sealed is a connection that encrypts: blocks of AES-128-GCM, each with its length before it. The number of a
// block in its direction is its nonce, so that none can be left out, repeated or moved. One Write and one Read
// may go on at the same time.
type sealed struct {
	net.Conn
	to, from direction

	out  []byte // the block that is written
	in   []byte // what has been read from the connection and not been opened
	room []byte // where in lies
	text []byte // opened, and not yet asked for
	open []byte // where text lies
}

// direction seals or opens the blocks that go one way.
type direction struct {
	secret []byte
	name   string
	n      uint64 // blocks so far
	aead   cipher.AEAD
	nonce  [12]byte
}

func newSealed(c net.Conn, secret []byte, client bool) *sealed {
	s := &sealed{Conn: c, to: direction{secret: secret, name: "from client"}, from: direction{secret: secret, name: "from server"}}
	if !client {
		s.to.name, s.from.name = s.from.name, s.to.name
	}
	s.out = make([]byte, 0, headBytes+blockBytes+tagBytes)
	s.room = make([]byte, 2*cap(s.out))
	s.open = make([]byte, 0, blockBytes)
	return s
}

// next is the cipher of the next block, and its nonce.
func (d *direction) next() (cipher.AEAD, []byte, error) {
	if d.aead == nil || d.n%keyBlocks == 0 {
		key, err := hkdf.Expand(sha256.New, d.secret, fmt.Sprintf("%s %d", d.name, d.n/keyBlocks), 16)
		if err != nil {
			return nil, nil, err
		}
		b, err := aes.NewCipher(key)
		if err != nil {
			return nil, nil, err
		}
		if d.aead, err = cipher.NewGCM(b); err != nil {
			return nil, nil, err
		}
	}
	binary.BigEndian.PutUint64(d.nonce[4:], d.n)
	d.n++
	return d.aead, d.nonce[:], nil
}

// Write seals p and sends it.
func (s *sealed) Write(p []byte) (n int, err error) {
	for n < len(p) {
		block := p[n:min(n+blockBytes, len(p))]
		aead, nonce, err := s.to.next()
		if err != nil {
			return n, err
		}
		head := binary.BigEndian.AppendUint32(s.out[:0], uint32(len(block)))
		s.out = aead.Seal(head, nonce, block, head)
		if _, err := s.Conn.Write(s.out); err != nil {
			return n, err
		}
		n += len(block)
	}
	return n, nil
}

// Read opens what comes.
func (s *sealed) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(s.text) == 0 {
		block, head, err := s.block()
		if err != nil {
			return 0, err
		}
		aead, nonce, err := s.from.next()
		if err != nil {
			return 0, err
		}
		into := s.open[:0]
		if size := len(block) - tagBytes; size <= len(p) {
			into = p[:0:size]
		}
		text, err := aead.Open(into, nonce, block, head)
		if err != nil {
			return 0, errors.New("a block is not what the other side has sent")
		}
		if len(text) <= len(p) {
			return len(text), nil
		}
		s.text = text
	}
	n := copy(p, s.text)
	s.text = s.text[n:]
	return n, nil
}

// block is the next one, as it came.
func (s *sealed) block() (block, head []byte, err error) {
	if err := s.fill(headBytes); err != nil {
		return nil, nil, err
	}
	n := int(binary.BigEndian.Uint32(s.in))
	if n == 0 || n > blockBytes {
		return nil, nil, fmt.Errorf("a block of %d bytes; want 1 to %d", n, blockBytes)
	}
	size := headBytes + n + tagBytes
	if err := s.fill(size); err != nil {
		return nil, nil, err
	}
	head, block = s.in[:headBytes], s.in[headBytes:size]
	s.in = s.in[size:]
	return block, head, nil
}

// fill reads until at least n bytes are in.
func (s *sealed) fill(n int) error {
	if len(s.in) >= n {
		return nil
	}
	s.in = s.room[:copy(s.room, s.in)]
	for len(s.in) < n {
		m, err := s.Conn.Read(s.room[len(s.in):])
		s.in = s.room[:len(s.in)+m]
		if err != nil && len(s.in) < n {
			if err == io.EOF && len(s.in) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}
