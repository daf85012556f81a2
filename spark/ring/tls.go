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
	s := tls.Server(c, cfg)
	if client {
		s = tls.Client(c, cfg)
	}
	return s, s.HandshakeContext(ctx)
}
