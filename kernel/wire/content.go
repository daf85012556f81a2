package wire

// MIME is a bundle of representations of one value, keyed by MIME type. Text types hold strings,
// binary types base64 strings, +json types any JSON value.
type MIME = map[string]any

// ExecuteRequest asks for the execution of a cell. StoreHistory, AllowStdin and StopOnError
// default to true when absent, hence the pointers.
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history,omitempty"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      *bool             `json:"allow_stdin,omitempty"`
	StopOnError     *bool             `json:"stop_on_error,omitempty"`
}

// ExecuteInput tells every client what is being executed.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// ExecuteReply is the end of an execution. Status is "ok", "error" or "aborted"; the fields of
// Error are set when it is "error".
type ExecuteReply struct {
	Status          string         `json:"status"`
	ExecutionCount  int            `json:"execution_count"`
	UserExpressions map[string]any `json:"user_expressions,omitempty"`
	Payload         []any          `json:"payload,omitempty"`
	*Error
}

// Error is a failed execution: Name is the kind, Value one line, Traceback lines for people, which
// may hold ANSI colours.
type Error struct {
	Name      string    `json:"ename"`
	Value     string    `json:"evalue"`
	Traceback []string  `json:"traceback"`
	Place     *Position `json:"lathe,omitempty"`
}

// Position is the place in a cell that an Error speaks about; Line and Column count from 1.
type Position struct {
	Cell   string `json:"cell"`
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
}

// ExecuteResult is the value of the last expression of a cell.
type ExecuteResult struct {
	ExecutionCount int            `json:"execution_count"`
	Data           MIME           `json:"data"`
	Metadata       map[string]any `json:"metadata"`
}

// DisplayData is a rich output: display_data and update_display_data.
type DisplayData struct {
	Data      MIME           `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient map[string]any `json:"transient,omitempty"`
}

// ClearOutput empties the outputs of the cell, at once or (Wait) when the next output comes.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// Stream is text written to stdout or stderr.
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Status is "busy", "idle" or "starting".
type Status struct {
	State string `json:"execution_state"`
}

// KernelInfo is the content of kernel_info_reply.
type KernelInfo struct {
	Status                string       `json:"status"`
	ProtocolVersion       string       `json:"protocol_version"`
	Implementation        string       `json:"implementation"`
	ImplementationVersion string       `json:"implementation_version"`
	LanguageInfo          LanguageInfo `json:"language_info"`
	Banner                string       `json:"banner"`
	Debugger              bool         `json:"debugger"`
	HelpLinks             []HelpLink   `json:"help_links"`
}

// LanguageInfo describes the language that a kernel runs.
type LanguageInfo struct {
	Name           string `json:"name"`
	Version        string `json:"version"`
	MIMEType       string `json:"mimetype"`
	FileExtension  string `json:"file_extension"`
	PygmentsLexer  string `json:"pygments_lexer,omitempty"`
	CodeMirrorMode string `json:"codemirror_mode,omitempty"`
}

// HelpLink is an entry of a client's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// CompleteRequest asks what could stand at CursorPos, which counts characters, not bytes.
type CompleteRequest struct {
	Code      string `json:"code"`
	CursorPos int    `json:"cursor_pos"`
}

// CompleteReply lists replacements of the text between CursorStart and CursorEnd.
type CompleteReply struct {
	Status      string         `json:"status"`
	Matches     []string       `json:"matches"`
	CursorStart int            `json:"cursor_start"`
	CursorEnd   int            `json:"cursor_end"`
	Metadata    map[string]any `json:"metadata"`
}

// InspectRequest asks what is known about the name at CursorPos.
type InspectRequest struct {
	Code        string `json:"code"`
	CursorPos   int    `json:"cursor_pos"`
	DetailLevel int    `json:"detail_level"`
}

// InspectReply describes a name.
type InspectReply struct {
	Status   string         `json:"status"`
	Found    bool           `json:"found"`
	Data     MIME           `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// IsCompleteRequest asks whether code is ready for execution.
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// IsCompleteReply says "complete", "incomplete", "invalid" or "unknown".
type IsCompleteReply struct {
	Status string `json:"status"`
	Indent string `json:"indent,omitempty"`
}

// HistoryRequest asks for earlier cells. Access is "range", "tail" or "search".
type HistoryRequest struct {
	Output  bool   `json:"output"`
	Raw     bool   `json:"raw"`
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    int    `json:"stop"`
	N       int    `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// HistoryReply holds rows of [session, line, source].
type HistoryReply struct {
	Status  string   `json:"status"`
	History [][3]any `json:"history"`
}

// InputRequest asks the client for a line of text.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// InputReply is the answer to an InputRequest.
type InputReply struct {
	Value string `json:"value"`
}

// ShutdownRequest ends the kernel; Restart tells that a new one will follow.
type ShutdownRequest struct {
	Restart bool `json:"restart"`
}

// ShutdownReply confirms a ShutdownRequest.
type ShutdownReply struct {
	Status  string `json:"status"`
	Restart bool   `json:"restart"`
}
