package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"html"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"text/tabwriter"
)

func main() {
	re := regexp.MustCompile(`(?P<k>\w+)=(\d+)`)
	fmt.Println(re.FindAllStringSubmatch("a=1 b=22", -1), re.ReplaceAllString("a=1", "$2=${k}"), re.ReplaceAllStringFunc("a=1 b=2", func(s string) string { return "<" + s + ">" }), re.SubexpNames())
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 1, '.', 0)
	fmt.Fprintln(tw, "a\tbbb\tc")
	fmt.Fprintln(tw, "aaaa\tb\tc")
	tw.Flush()
	x := new(big.Int).Exp(big.NewInt(3), big.NewInt(100), nil)
	fmt.Println(x, hex.EncodeToString([]byte("hi")), crc32.ChecksumIEEE([]byte("a")))
	fmt.Printf("%x\n", sha256.Sum256([]byte("x")))
	u, _ := url.Parse("http://h:80/p?q=1&r=a%20b")
	fmt.Println(u.Host, u.Query()["r"], u.Path, filepath.Join("a", "../b"), base64.StdEncoding.EncodeToString([]byte("xyz")), html.EscapeString("<&>"))
	r := big.NewRat(1, 3)
	r.Add(r, big.NewRat(1, 6))
	fmt.Println(r)
}
