// Package notebook reads and writes Jupyter notebooks (nbformat 4.0 to 4.5) and turns kernel
// messages into cell outputs.
//
//	nb, err := notebook.Parse(data)          // *PositionError says line, column and what was expected
//	cell := nb.Cell("a1b2c3")
//	change, ok, err := notebook.FromMessage("stream", content)
//	nb.Apply(cell.ID, change)                // merges streams, updates displays, folds chart frames
//	err = nb.WriteFile("out.ipynb")          // written beside and renamed
//
// Fields that the package does not know are kept. It does not run cells, watch files or know about
// sessions; it never converts notebooks older than nbformat 4.
package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Cell types.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// Output types.
const (
	Stream        = "stream"
	DisplayData   = "display_data"
	ExecuteResult = "execute_result"
	Error         = "error"
)

// An Object is a JSON object: metadata, a mime bundle, or fields that Lathe does not interpret.
// Numbers are json.Number so that they are written as they were read.
type Object = map[string]any

// A Notebook is one .ipynb document.
type Notebook struct {
	Cells    []*Cell
	Metadata Object
	Minor    int    // nbformat_minor; WriteTo raises it to 5
	Extra    Object // unknown top-level fields
}

// A Cell is one cell. ID is unique in its notebook. Count 0 means "not executed".
type Cell struct {
	ID          string
	Type        string
	Source      string
	Metadata    Object
	Attachments Object // markdown and raw cells: file name → mime bundle
	Outputs     []*Output
	Count       int
	Extra       Object // unknown fields

	clearNext bool // clear_output(wait=True) is pending
}

// An Output is one output of a code cell. Which fields count depends on Type.
type Output struct {
	Type      string
	Name      string // stream: stdout or stderr
	Text      []byte // stream; bytes so that appending is amortised
	Data      Object // display_data, execute_result: mime type → value
	Metadata  Object
	Count     int // execute_result
	EName     string
	EValue    string
	Traceback []string
	Extra     Object

	// DisplayID names the output for update_display_data, Place is the position of an error
	// ({"cell", "line", "column"}). The file format has no room for them: they live in the session.
	DisplayID string
	Place     Object
}

// New returns an empty notebook for Lathe's kernel.
func New() *Notebook {
	return &Notebook{
		Minor: 5,
		Metadata: Object{
			"kernelspec": Object{
				"display_name": "Lathe (Go)", "language": "go", "name": "lathe",
			},
			"language_info": Object{
				"name": "go", "mimetype": "text/x-go", "file_extension": ".go",
				"pygments_lexer": "go", "codemirror_mode": "go",
			},
		},
		Extra: Object{},
	}
}

// NewCell returns an empty cell of type typ with a fresh id.
func NewCell(typ, source string) *Cell {
	return &Cell{ID: NewID(), Type: typ, Source: source, Metadata: Object{}}
}

// Cell returns the cell with the id, or nil.
func (nb *Notebook) Cell(id string) *Cell {
	if i := nb.Index(id); i >= 0 {
		return nb.Cells[i]
	}
	return nil
}

// Index returns the position of the cell with the id, or -1.
func (nb *Notebook) Index(id string) int {
	for i, c := range nb.Cells {
		if c.ID == id {
			return i
		}
	}
	return -1
}

// ValidID reports whether id may name a cell: 1 to 64 letters, digits, '-' and '_'.
func ValidID(id string) bool {
	if len(id) < 1 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
		if !ok {
			return false
		}
	}
	return true
}

// derivedID names a cell that came without an id. It depends on the content alone, so reading the
// same file twice gives the same ids.
func derivedID(index int, source string, taken map[string]bool) string {
	for salt := 0; ; salt++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%s", index, salt, source))
		if id := hex.EncodeToString(sum[:4]); !taken[id] {
			return id
		}
	}
}
