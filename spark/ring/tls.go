package ring

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
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
		MinVersion: tls.VersionTLS13,
		// a ticket would be read behind the handshake
		SessionTicketsDisabled: true,
		Certificates:           []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:             tls.RequireAnyClientCert,
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
	s := tls.Server(c, cfg)
	if client {
		s = tls.Client(c, cfg)
	}
	if err := s.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return handOver(s, c, client)
}

// handOver takes the connection from TLS, which reads and writes records of 16 KB, copies each four times and
// asks the system for each. The keys come from TLS; see sealed. TLS may read more than it needs, so neither side
// writes anything else before the other has done with it: the server's last word is one byte in TLS, the client's
// first in blocks answers it.
func handOver(s *tls.Conn, c net.Conn, client bool) (net.Conn, error) {
	state := s.ConnectionState()
	secret, err := state.ExportKeyingMaterial("EXPERIMENTAL-lathe-ring", nil, 32)
	if err != nil {
		return nil, err
	}
	b := newSealed(c, secret, client)
	done := make([]byte, 1)
	if client {
		if _, err := io.ReadFull(s, done); err != nil {
			return nil, err
		}
		_, err := b.Write(done)
		return b, err
	}
	if _, err := s.Write(done); err != nil {
		return nil, err
	}
	_, err = io.ReadFull(b, done)
	return b, err
}
