// Package api holds the JSON types that the server exchanges with its page and with Jupyter clients.
//
//	var c api.Contents
//	err := json.NewDecoder(response.Body).Decode(&c)
//	for _, entry := range c.Entries() {
//		fmt.Println(entry.Name, entry.Type)
//	}
//
// The Jupyter half follows the Jupyter Server REST API; the other half (Request, Frame) is the
// document socket of Lathe's page. The package contains no behaviour beyond encoding.
package api

import (
	"encoding/json"
	"time"
)

// Types of Contents.
const (
	Directory = "directory"
	Notebook  = "notebook"
	File      = "file"
)

// Contents describes one file or folder. Content is null unless it was asked for.
type Contents struct {
	Name         string          `json:"name"`
	Path         string          `json:"path"`
	LastModified time.Time       `json:"last_modified"`
	Created      time.Time       `json:"created"`
	Content      json.RawMessage `json:"content"`
	Format       *string         `json:"format"`
	Mimetype     *string         `json:"mimetype"`
	Size         *int64          `json:"size"`
	Writable     bool            `json:"writable"`
	Hash         *string         `json:"hash"`
	HashName     *string         `json:"hash_algorithm"`
	Type         string          `json:"type"`
}

// Entries returns the listing of a folder that was read with its content.
func (c *Contents) Entries() []Contents {
	var list []Contents
	if c.Type == Directory && json.Unmarshal(c.Content, &list) != nil {
		return nil
	}
	return list
}

// Checkpoint is a saved state of a file.
type Checkpoint struct {
	ID           string    `json:"id"`
	LastModified time.Time `json:"last_modified"`
}

// Kernel is a running kernel.
type Kernel struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	LastActivity time.Time `json:"last_activity"`
	State        string    `json:"execution_state"`
	Connections  int       `json:"connections"`
}

// Session ties a notebook to a kernel.
type Session struct {
	ID     string  `json:"id"`
	Path   string  `json:"path"`
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Kernel *Kernel `json:"kernel"`
}

// Spec describes how a kernel is started.
type Spec struct {
	Name      string            `json:"name"`
	Spec      SpecBody          `json:"spec"`
	Resources map[string]string `json:"resources"`
}

// SpecBody is what a kernel.json holds.
type SpecBody struct {
	Argv          []string          `json:"argv"`
	Env           map[string]string `json:"env"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Metadata      map[string]any    `json:"metadata"`
}

// Specs lists the kernels that can be started.
type Specs struct {
	Default string          `json:"default"`
	Specs   map[string]Spec `json:"kernelspecs"`
}

// Status is the answer of /api/status.
type Status struct {
	Started      time.Time `json:"started"`
	LastActivity time.Time `json:"last_activity"`
	Connections  int       `json:"connections"`
	Kernels      int       `json:"kernels"`
}

// Problem is the body of every error answer: one line for people.
type Problem struct {
	Message string `json:"message"`
	Reason  string `json:"reason,omitempty"`
}
