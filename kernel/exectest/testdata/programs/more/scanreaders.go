package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

type slow struct {
	s string
	i int
}

func (s *slow) Read(p []byte) (int, error) {
	if s.i >= len(s.s) {
		return 0, io.EOF
	}
	p[0] = s.s[s.i]
	s.i++
	return 1, nil
}

type up struct{ r io.Reader }

func (u up) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

type cw struct{ n int }

func (c *cw) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
func main() {
	s := bufio.NewScanner(strings.NewReader("one two\nthree\r\n\nlast"))
	for s.Scan() {
		fmt.Printf("%q ", s.Text())
	}
	s = bufio.NewScanner(&slow{s: "a bb  ccc"})
	s.Split(bufio.ScanWords)
	for s.Scan() {
		fmt.Print(s.Text(), "|")
	}
	s = bufio.NewScanner(strings.NewReader("hé"))
	s.Split(bufio.ScanRunes)
	for s.Scan() {
		fmt.Print(s.Text(), "|")
	}
	s = bufio.NewScanner(strings.NewReader(strings.Repeat("x", 100)))
	s.Buffer(make([]byte, 10), 20)
	fmt.Println(s.Scan(), s.Err())
	s = bufio.NewScanner(strings.NewReader("1,2,3"))
	s.Split(func(d []byte, eof bool) (int, []byte, error) {
		if i := bytes.IndexByte(d, ','); i >= 0 {
			return i + 1, d[:i], nil
		}
		if eof && len(d) > 0 {
			return len(d), d, bufio.ErrFinalToken
		}
		return 0, nil, nil
	})
	for s.Scan() {
		fmt.Print(s.Text(), ";")
	}
	fmt.Println()
	r := bufio.NewReader(strings.NewReader("line1\nline2"))
	l, err := r.ReadString('\n')
	fmt.Printf("%q %v\n", l, err)
	c, _ := r.ReadByte()
	r.UnreadByte()
	p, _ := r.Peek(3)
	l, err = r.ReadString('\n')
	fmt.Printf("%c %s %q %v\n", c, p, l, err)
	b, err := io.ReadAll(up{&slow{s: "shout"}})
	fmt.Println(string(b), err)
	w := bufio.NewWriter(os.Stdout)
	fmt.Fprintf(w, "buffered %d", w.Buffered())
	w.Flush()
	fmt.Println()
	k := &cw{}
	n, err := io.Copy(k, io.LimitReader(strings.NewReader("0123456789"), 4))
	fmt.Println(n, err, k.n)
	var sb strings.Builder
	mw := io.MultiWriter(&sb, k)
	io.WriteString(mw, "abc")
	fmt.Println(sb.String(), k.n)
	tr := io.TeeReader(io.MultiReader(strings.NewReader("a"), strings.NewReader("b")), &sb)
	io.Copy(io.Discard, tr)
	fmt.Println(sb.String())
	pr, pw := io.Pipe()
	go func() { fmt.Fprint(pw, "piped"); pw.CloseWithError(errors.New("bye")) }()
	b, err = io.ReadAll(pr)
	fmt.Println(string(b), err)
	_, err = io.ReadFull(strings.NewReader("ab"), make([]byte, 3))
	fmt.Println(err, err == io.ErrUnexpectedEOF)
	sr := io.NewSectionReader(strings.NewReader("0123456789"), 2, 5)
	b, _ = io.ReadAll(sr)
	fmt.Println(string(b))
	_, err = sr.Seek(-1, io.SeekStart)
	fmt.Println(err)
	rd := strings.NewReader("xyz")
	rd.Seek(1, io.SeekStart)
	ch, sz, _ := rd.ReadRune()
	fmt.Println(string(ch), sz, rd.Len())
	bb := bytes.NewBufferString("hello world")
	wd, _ := bb.ReadString(' ')
	bb.Truncate(3)
	fmt.Println(wd, bb.String(), bytes.Fields([]byte(" a b ")), bytes.Equal([]byte("a"), []byte("a")))
	fmt.Println(bytes.Title([]byte("abc"))[0], bytes.Contains([]byte("seafood"), []byte("foo")), bytes.TrimSpace([]byte(" x ")))
}
