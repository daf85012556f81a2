package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

type MyErr struct {
	Code int
	Err  error
}

func (e *MyErr) Error() string { return fmt.Sprintf("code %d: %v", e.Code, e.Err) }
func (e *MyErr) Unwrap() error { return e.Err }

type Tmp struct{}

func (Tmp) Error() string   { return "tmp" }
func (Tmp) Is(t error) bool { return t == io.EOF }
func main() {
	e := fmt.Errorf("ctx: %w", &MyErr{7, io.EOF})
	var m *MyErr
	fmt.Println(errors.As(e, &m), m.Code, errors.Is(e, io.EOF), errors.Is(e, io.ErrUnexpectedEOF), e)
	fmt.Println(errors.Is(Tmp{}, io.EOF))
	j := errors.Join(io.EOF, Tmp{})
	fmt.Printf("%q\n", j.Error())
	var t Tmp
	fmt.Println(errors.As(j, &t), errors.Is(j, io.EOF))
	_, err := strconv.Atoi("x1")
	var ne *strconv.NumError
	fmt.Println(errors.As(err, &ne), ne.Func, ne.Num, ne.Err)
	_, err = os.Open("/nonexistent/x")
	fmt.Println(errors.Is(err, os.ErrNotExist))
	w := fmt.Errorf("%w and %w", io.EOF, Tmp{})
	fmt.Println(errors.Is(w, io.EOF), errors.Unwrap(w) == nil)
	fmt.Println(errors.AsType[*MyErr](e))
}
