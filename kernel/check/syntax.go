package check

import (
	"cmp"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// lexical looks at the tokens of a cell before the parser does, which sees the cell inside a
// function and would report the end of that: literals and comments that do not end, characters
// that Go does not know, and brackets without their counterpart.
func lexical(name, text string) (out Errors) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile(name, -1, len(text))
	add := func(p token.Position, format string, args ...any) {
		out = append(out, &Error{Pos: p, Msg: fmt.Sprintf(format, args...), Syntax: true})
	}
	report := func(p token.Position, msg string) { add(p, "%s", msg) }
	s.Init(file, []byte(text), report, scanner.ScanComments)
	type bracket struct {
		tok  token.Token
		line int
	}
	var stack []bracket
	for {
		pos, tok, _ := s.Scan()
		at := file.PositionFor(pos, false)
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			stack = append(stack, bracket{tok, at.Line})
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if len(stack) == 0 {
				add(at, "unexpected '%s': nothing before it is open", tok)
				return first(out)
			}
			top := stack[len(stack)-1]
			if want := closing[top.tok]; want != tok {
				add(at, "expected '%s' for the '%s' of line %d, found '%s'", want, top.tok, top.line, tok)
				return first(out)
			}
			stack = stack[:len(stack)-1]
		case token.EOF:
			if len(stack) > 0 && len(out) == 0 {
				top := stack[len(stack)-1]
				add(ending(name, text), "expected '%s', found 'EOF': the '%s' of line %d is not closed",
					closing[top.tok], top.tok, top.line)
			}
			return first(out)
		}
	}
}

var closing = map[token.Token]token.Token{
	token.LPAREN: token.RPAREN, token.LBRACE: token.RBRACE, token.LBRACK: token.RBRACK,
}

// first puts the errors in order and keeps one a line: others on the line follow from it.
func first(list Errors) Errors {
	slices.SortStableFunc(list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return slices.CompactFunc(list, func(a, b *Error) bool { return a.Pos.Line == b.Pos.Line })
}

// ending is the place after the last character of a cell that is no space.
func ending(name, text string) token.Position {
	text = strings.TrimRight(text, " \t\r\n")
	line := strings.Count(text, "\n") + 1
	return token.Position{
		Filename: name, Offset: len(text), Line: line, Column: len(text) - strings.LastIndexByte(text, '\n'),
	}
}

// syntaxErrors turns the parser's errors into Errors. What the parser says of the function that it
// saw around the cell becomes an error at the cell's end, or is dropped when it follows another.
func syntaxErrors(name, text string, errs ...error) (out Errors) {
	end := ending(name, text)
	var past *Error
	for _, err := range errs {
		var list scanner.ErrorList
		errors.As(err, &list)
		for _, e := range list {
			if strings.HasPrefix(e.Msg, "imports must appear") { // not in cells
				continue
			}
			x := &Error{Pos: e.Pos, Msg: strings.ReplaceAll(e.Msg, "'IDENT'", "a name"), Syntax: true}
			if e.Pos.Line < end.Line || e.Pos.Line == end.Line && e.Pos.Column < end.Column {
				out = append(out, x)
				continue
			}
			x.Pos, x.Msg = end, strings.ReplaceAll(x.Msg, "found '}'", "found 'EOF'")
			x.Msg = strings.ReplaceAll(x.Msg, "found newline", "found 'EOF'")
			if past == nil {
				past = x
			}
		}
	}
	if len(out) == 0 && past != nil {
		out = Errors{past}
	}
	return first(out)
}
