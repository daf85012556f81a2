package main

import (
	"bytes"
	"fmt"
	"log"
	"log/slog"
	"os"
)

func main() {
	var b bytes.Buffer
	l := log.New(&b, "p: ", 0)
	l.Println("x", 1)
	l.Printf("%05d", 3)
	fmt.Print(b.String())
	h := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	h.Info("msg", "k", 1, slog.Group("g", "a", "b"))
	h.With("w", true).Error("bad", "err", fmt.Errorf("e"))
}
