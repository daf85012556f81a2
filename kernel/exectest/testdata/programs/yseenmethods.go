package main

import (
	"errors"
	"fmt"
	"io"
)

type M struct{ es []error }

func (m M) Error() string   { return "M" }
func (m M) Unwrap() []error { return m.es }
func main()                 { fmt.Println(errors.Is(M{[]error{io.EOF}}, io.EOF)) }
