package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

func main() {
	var out bytes.Buffer
	w := io.MultiWriter(&out, io.Discard)
	n, err := io.Copy(w, io.LimitReader(strings.NewReader("hello world"), 5))
	fmt.Println(n, err, out.String())
	pr, pw := io.Pipe()
	go func() {
		fmt.Fprint(pw, "piped")
		pw.Close()
	}()
	b, _ := io.ReadAll(pr)
	fmt.Println(string(b))
}
