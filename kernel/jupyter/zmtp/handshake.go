package zmtp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// greetingSize is the length of what both sides send first: a signature, the version, the name of
// the security mechanism, and filler.
const greetingSize = 64

func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[8], g[9] = 0xff, 1, 0x7f
	g[10], g[11] = 3, 1
	copy(g[12:32], "NULL")
	return g
}

// checkGreeting refuses a greeting of another version than 3, or with security.
func checkGreeting(g []byte) error {
	if g[10] < 3 {
		return fmt.Errorf("ZMTP %d; want 3", g[10])
	}
	mechanism := string(g[12:32])
	if want := string(greeting()[12:32]); mechanism != want {
		return fmt.Errorf("security mechanism %q; want NULL", mechanism)
	}
	return nil
}

// partners are the kinds of socket that may connect to each kind.
var partners = map[Kind][]string{
	Router: {"DEALER", "REQ", "ROUTER"},
	XPub:   {"SUB", "XSUB"},
	Rep:    {"REQ", "DEALER"},
}

// handshake makes a fresh connection ready and returns the identity that the peer asks for.
func handshake(r *bufio.Reader, w *bufio.Writer, kind Kind) (identity string, err error) {
	if _, err := w.Write(greeting()); err != nil {
		return "", err
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	g := make([]byte, greetingSize)
	if _, err := io.ReadFull(r, g[:10]); err != nil {
		return "", err
	}
	if g[0] != 0xff || g[9]&1 == 0 {
		return "", errors.New("not a ZMTP peer")
	}
	if _, err := io.ReadFull(r, g[10:]); err != nil {
		return "", err
	}
	if err := checkGreeting(g); err != nil {
		return "", err
	}
	ready := appendProperty(nil, "Socket-Type", string(kind))
	if err := writeFrame(w, command, makeCommand("READY", ready)); err != nil {
		return "", err
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	f, err := readFrame(r, maxHandshake)
	if err != nil {
		return "", err
	}
	if f.flags&command == 0 {
		return "", errors.New("a message before READY")
	}
	name, data, err := parseCommand(f.body)
	if err != nil {
		return "", err
	}
	if name != "READY" {
		return "", fmt.Errorf("command %q; want READY", name)
	}
	properties, err := parseProperties(data)
	if err != nil {
		return "", err
	}
	for _, p := range partners[kind] {
		if p == properties["Socket-Type"] {
			return properties["Identity"], nil
		}
	}
	return "", fmt.Errorf("a %q socket cannot talk to %s", properties["Socket-Type"], kind)
}
