package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"

	"github.com/lathe-ml/lathe/kernel/wire"
)

// delimiter stands between the route and the signed parts of a message.
var delimiter = []byte("<IDS|MSG>")

// signer seals and opens messages. It belongs to one direction: seal may be called by any
// goroutine, open only under a lock.
type signer struct {
	key  []byte
	hash func() hash.Hash
	seen map[string]bool // signatures that were accepted
	old  []string        // the same in order
}

// remembered signatures are refused when they come again.
const remembered = 1 << 16

func newSigner(scheme, key string) (*signer, error) {
	s := &signer{key: []byte(key), seen: map[string]bool{}}
	switch scheme {
	case "hmac-sha256", "":
		s.hash = sha256.New
	case "hmac-sha512":
		s.hash = sha512.New
	default:
		return nil, fmt.Errorf("signature scheme %q; want hmac-sha256 or hmac-sha512", scheme)
	}
	return s, nil
}

// signature returns the hexadecimal HMAC of parts; without a key it is empty.
func (s *signer) signature(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return nil
	}
	mac := hmac.New(s.hash, s.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// seal returns the parts of m as they go over a socket, its route left out.
func (s *signer) seal(m *wire.Message) ([][]byte, error) {
	signed := make([][]byte, 4, 4+len(m.Buffers))
	var parent any = m.Parent
	if m.Parent == nil {
		parent = struct{}{}
	}
	for i, v := range []any{m.Header, parent, m.Metadata, m.Content} {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("jupyter: encode %s: %w", m.Header.Type, err)
		}
		signed[i] = raw
	}
	return append([][]byte{delimiter, s.signature(signed)}, append(signed, m.Buffers...)...), nil
}

var (
	errSignature = errors.New("the signature is wrong")
	errReplayed  = errors.New("the signature was used before")
)

// open checks and decodes the parts of a message.
func (s *signer) open(channel string, parts [][]byte) (*wire.Message, error) {
	at := 0
	for at < len(parts) && !bytes.Equal(parts[at], delimiter) {
		at++
	}
	if len(parts) < at+6 {
		return nil, fmt.Errorf("%d parts, want a route, %s, a signature and 4 more", len(parts), delimiter)
	}
	route, sig, body := parts[:at], parts[at+1], parts[at+2:]
	if want := s.signature(body[:4]); !hmac.Equal(sig, want) {
		return nil, errSignature
	}
	if len(s.key) > 0 {
		if s.seen[string(sig)] {
			return nil, errReplayed
		}
		s.remember(string(sig))
	}
	m := &wire.Message{Channel: channel, Route: route, Buffers: body[4:], Content: body[3]}
	var parent wire.Header
	for i, v := range []any{&m.Header, &parent, &m.Metadata} {
		if err := json.Unmarshal(body[i], v); err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
	}
	if m.Header.Type == "" {
		return nil, errors.New("no msg_type")
	}
	if !json.Valid(m.Content) {
		return nil, fmt.Errorf("the content of %s is no JSON", m.Header.Type)
	}
	if parent.ID != "" {
		m.Parent = &parent
	}
	return m, nil
}

func (s *signer) remember(sig string) {
	if len(s.old) == remembered {
		for _, o := range s.old[:remembered/2] {
			delete(s.seen, o)
		}
		s.old = append(s.old[:0], s.old[remembered/2:]...)
	}
	s.seen[sig] = true
	s.old = append(s.old, sig)
}
