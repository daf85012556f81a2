// Package wire is the language between a server and a kernel process: Jupyter 5.4 messages and the
// framing that carries them over a stream socket.
//
//	c := wire.NewConn(sock)
//	m, err := wire.New(wire.Shell, "execute_request", nil, wire.ExecuteRequest{Code: "1+1"})
//	err = c.Write(m)
//	reply, err := c.Read()
//	fmt.Println(reply.Header.Type)
//
// A frame is a big-endian uint32 length of what follows, a big-endian uint32 length of the JSON
// part, the JSON part, and the binary buffers, each preceded by its own uint32 length.
// The package does not start processes (kernel/host), execute code (kernel) or speak ZMQ.
package wire

import (
	"encoding/json"
	"fmt"
	"os/user"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ProtocolVersion is the version of the Jupyter messaging protocol that the messages follow.
const ProtocolVersion = "5.4"

// Channels of a message.
const (
	Shell   = "shell"
	Control = "control"
	IOPub   = "iopub"
	Stdin   = "stdin"
)

// Header identifies a message.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one Jupyter message. Content is kept as raw JSON; decode it with DecodeContent.
type Message struct {
	Channel  string          `json:"channel"`
	Header   Header          `json:"header"`
	Parent   *Header         `json:"parent_header"`
	Metadata map[string]any  `json:"metadata"`
	Content  json.RawMessage `json:"content"`
	Buffers  [][]byte        `json:"-"`
	// Route names the client that a request came from and its answer goes to, on transports that
	// serve several clients; empty on the others.
	Route [][]byte `json:"-"`
}

var process = sync.OnceValue(func() (who struct{ session, username string }) {
	who.session, who.username = uuid.NewString(), "user"
	if u, err := user.Current(); err == nil && u.Username != "" {
		who.username = u.Username
	}
	return who
})

// New returns a message with a fresh header. A nil content becomes an empty object.
func New(channel, msgType string, parent *Header, content any) (*Message, error) {
	raw := []byte("{}")
	if content != nil {
		var err error
		if raw, err = json.Marshal(content); err != nil {
			return nil, fmt.Errorf("wire: content of %s: %w", msgType, err)
		}
	}
	who := process()
	return &Message{
		Channel: channel,
		Header: Header{
			ID: uuid.NewString(), Session: who.session, Username: who.username,
			Date: time.Now().UTC().Format(time.RFC3339Nano), Type: msgType, Version: ProtocolVersion,
		},
		Parent:   parent,
		Metadata: map[string]any{},
		Content:  raw,
	}, nil
}

// DecodeContent stores the content of m in v.
func (m *Message) DecodeContent(v any) error {
	if err := json.Unmarshal(m.Content, v); err != nil {
		return fmt.Errorf("wire: content of %s: %w", m.Header.Type, err)
	}
	return nil
}

// CellID returns the cell named in the metadata of an execute_request, or "".
func (m *Message) CellID() string {
	id, _ := m.Metadata["cellId"].(string)
	return id
}
