package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
)

type up struct{ r io.Reader }

func (u up) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

type count struct{ n int }

func (c *count) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
func main() {
	sc := bufio.NewScanner(up{strings.NewReader("ab c\nd e\n")})
	for sc.Scan() {
		fmt.Println(strings.Fields(sc.Text()))
	}
	sc = bufio.NewScanner(strings.NewReader("x yy zzz"))
	sc.Split(bufio.ScanWords)
	n := 0
	for sc.Scan() {
		n += len(sc.Text())
	}
	fmt.Println(n)
	r := csv.NewReader(strings.NewReader("a,b\n\"x,1\",2\n"))
	rec, err := r.ReadAll()
	fmt.Println(rec, err)
	c := &count{}
	w := bufio.NewWriter(io.MultiWriter(c, os.Stdout))
	fmt.Fprintf(w, "%d %s\n", 5, "x")
	w.Flush()
	fmt.Println(c.n)
	b, _ := io.ReadAll(io.TeeReader(io.LimitReader(up{strings.NewReader("hello")}, 3), c))
	fmt.Println(string(b), c.n)
	pr, pw := io.Pipe()
	go func() { fmt.Fprint(pw, "piped"); pw.Close() }()
	b, _ = io.ReadAll(pr)
	fmt.Println(string(b))
	var buf bytes.Buffer
	buf.WriteByte('a')
	buf.WriteRune('é')
	x, _ := buf.ReadByte()
	fmt.Println(x, buf.Len(), buf.String())
}
