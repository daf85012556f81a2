package main

import (
	"flag"
	"fmt"
	"strings"
)

type list []string

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Set(s string) error {
	if s == "bad" {
		return fmt.Errorf("no")
	}
	*l = append(*l, s)
	return nil
}

func main() {
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	var sb strings.Builder
	fs.SetOutput(&sb)
	n := fs.Int("n", 3, "num")
	var l list
	fs.Var(&l, "l", "list")
	d := fs.Duration("d", 0, "")
	fmt.Println(fs.Parse([]string{"-n", "5", "-l", "a", "-l=b", "-d", "1m", "rest"}), *n, l, *d, fs.Args())
	fmt.Println(fs.Parse([]string{"-l", "bad"}))
	fmt.Println(strings.Contains(sb.String(), "invalid value"))
}
