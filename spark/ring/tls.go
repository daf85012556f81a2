package ring

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"sync"
	"time"
)

// encrypted speaks TLS 1.3 with a key made of the secret: who shows it knows the secret.
func encrypted(ctx context.Context, c net.Conn, secret []byte, client bool) (net.Conn, error) {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("lathe ring tls"))
	key := ed25519.NewKeyFromSeed(h.Sum(nil))
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * 365 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:   tls.RequireAnyClientCert,
		// the certificate says nothing; the public key, compared below, proves the secret
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 1 {
				if p, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey); ok && bytes.Equal(p, key.Public().(ed25519.PublicKey)) {
					return nil
				}
			}
			return errors.New("the other side does not know the job's secret")
		},
	}
	b := &blocks{Conn: c, in: bufio.NewReaderSize(c, blockBytes)}
	s := tls.Server(b, cfg)
	if client {
		s = tls.Client(b, cfg)
	}
	if err := s.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return &sealed{s, b}, nil
}

// sealed is a connection that encrypts. TLS writes and reads records of 16 KB, each a call of the system and
// a wake-up of the other side; below it blocks makes larger pieces of them.
type sealed struct {
	*tls.Conn
	b *blocks
}

// Write encrypts p and sends it.
func (s *sealed) Write(p []byte) (int, error) {
	s.b.hold()
	n, err := s.Conn.Write(p)
	return n, errors.Join(err, s.b.flush())
}

const blockBytes = 256 << 10

// blocks reads blocks, and writes them between hold and flush. What TLS itself writes, its handshake and its
// goodbye, goes at once.
type blocks struct {
	net.Conn
	in *bufio.Reader

	mu   sync.Mutex // guards what follows: TLS says goodbye from another goroutine than Write's
	held bool
	out  []byte
}

// Read reads whole blocks.
func (b *blocks) Read(p []byte) (int, error) { return b.in.Read(p) }

// Write holds p back, or sends it.
func (b *blocks) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.out)+len(p) > blockBytes {
		if err := b.send(); err != nil {
			return 0, err
		}
	}
	if !b.held {
		return b.Conn.Write(p)
	}
	b.out = append(b.out, p...)
	return len(p), nil
}

func (b *blocks) hold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = true
}

func (b *blocks) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = false
	return b.send()
}

func (b *blocks) send() error {
	if len(b.out) == 0 {
		return nil
	}
	_, err := b.Conn.Write(b.out)
	b.out = b.out[:0]
	return err
}
