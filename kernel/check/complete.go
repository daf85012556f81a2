package check

import (
	"errors"
	"go/scanner"
	"go/token"
	"strings"
)

// Complete tells whether a cell is ready for execution: "complete", "incomplete" with the
// indentation of the next line, or "invalid".
func Complete(code string) (status, indent string) {
	_, err := parse(token.NewFileSet(), "cell", code)
	if err == nil {
		return "complete", ""
	}
	if open(code) {
		lines := strings.Split(code, "\n")
		last := lines[len(lines)-1]
		indent = last[:len(last)-len(strings.TrimLeft(last, "\t "))]
		if strings.HasSuffix(strings.TrimRight(last, " \t"), "{") || strings.HasSuffix(last, "(") {
			indent += "\t"
		}
		return "incomplete", indent
	}
	var list Errors
	if errors.As(err, &list) {
		if e := list[0]; strings.Contains(e.Msg, "found 'EOF'") || e.Pos.Line > strings.Count(code, "\n")+1 {
			return "incomplete", ""
		}
	}
	return "invalid", ""
}

// open reports whether code ends inside brackets, a raw string or a comment.
func open(code string) bool {
	var s scanner.Scanner
	unfinished := false
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, []byte(code), func(_ token.Position, msg string) {
		unfinished = unfinished || strings.HasPrefix(msg, "raw string") || strings.HasPrefix(msg, "comment not")
	}, 0)
	for depth := 0; ; {
		_, tok, _ := s.Scan()
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.EOF:
			return depth > 0 || unfinished
		}
	}
}
