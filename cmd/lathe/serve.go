package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/lathe-ml/lathe/web"
)

// defaultAddr is where serve listens; when it is busy and was not asked for by name, the next free port
// of portTries is taken.
const (
	defaultAddr = "localhost:8888"
	portTries   = 20
)

func serveCommand() command {
	return command{
		name: "serve", args: "[folder or notebook]",
		short:   "serve notebooks to the browser (the default command)",
		example: "lathe serve examples/03-digits.ipynb",
		run:     serve,
	}
}

func serve(ctx context.Context, e *env) error {
	addr := e.flags.String("addr", defaultAddr, "`host:port` to listen on")
	token := e.flags.String("token", os.Getenv("LATHE_TOKEN"), "access `token`; empty makes a random one (also from LATHE_TOKEN)")
	base := e.flags.String("base-url", "/", "`path` under which everything is served, behind a proxy")
	hosts := e.flags.String("allow-host", "", "comma-separated `names` of hosts accepted in requests besides this machine's, behind a proxy")
	noOpen := e.flags.Bool("no-open", false, "do not open the browser")
	verbose := e.flags.Bool("verbose", false, "log requests and kernel events")
	memory := memoryFlag(e.flags)
	executor := executorFlag(e.flags)
	if err := e.parse(); err != nil {
		return err
	}
	root, page, err := place(e.args)
	if err != nil {
		return err
	}
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	start, err := kernelStarter(int64(*memory), *executor)
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if *verbose {
		level = slog.LevelInfo
	}
	l, err := listen(*addr, *addr == defaultAddr)
	if err != nil {
		return err
	}
	s, err := web.New(web.Options{
		Root: root, Addr: l.Addr().String(), Token: *token, BaseURL: *base, Kernel: start, Version: versionLine(),
		AllowHosts: strings.FieldsFunc(*hosts, func(r rune) bool { return r == ',' || r == ' ' }),
		Log:        slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level})),
	})
	if err != nil {
		l.Close()
		return err
	}
	if err := writable(root); err != nil {
		fmt.Fprintln(e.stderr, "lathe:", err)
	}
	address := pageURL(s.URL(l.Addr()), page)
	fmt.Fprintf(e.stdout, "Lathe serves %s\n\n  %s\n\nStop with Ctrl-C.\n", root, address)
	if !*noOpen {
		openBrowser(e, address)
	}
	return s.Serve(ctx, l)
}

// place splits the argument into the folder to serve and the notebook to open in it.
func place(args []string) (root, page string, err error) {
	switch len(args) {
	case 0:
		return ".", "", nil
	case 1:
	default:
		return "", "", usagef("one folder or notebook at a time, got %d", len(args))
	}
	info, err := os.Stat(args[0])
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", "", fmt.Errorf("%s does not exist", args[0])
	case err != nil:
		return "", "", err
	case info.IsDir():
		return args[0], "", nil
	}
	if filepath.Ext(args[0]) != ".ipynb" {
		return "", "", fmt.Errorf("%s is not a notebook; want a folder or a file that ends in .ipynb", args[0])
	}
	return filepath.Dir(args[0]), filepath.Base(args[0]), nil
}

// pageURL adds the notebook to the server's address.
func pageURL(address, page string) string {
	u, err := url.Parse(address)
	if err != nil || page == "" {
		return address
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + notebookRoute + page
	return u.String()
}

// listen opens addr; with search it goes on to the next ports while one is in use.
func listen(addr string, search bool) (net.Listener, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usagef("--addr %s: %v; want host:port, as in localhost:8888", addr, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return nil, usagef("--addr %s: port %q is not a number from 0 to 65535", addr, text)
	}
	for try := 0; ; try++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+try)))
		busy := errors.Is(err, syscall.EADDRINUSE)
		switch {
		case err == nil:
			return l, nil
		case busy && search && try < portTries:
		case busy && search:
			return nil, fmt.Errorf("ports %d to %d are all in use; choose one with --addr host:port", port, port+try)
		case busy:
			return nil, fmt.Errorf("port %d is in use; stop what uses it or choose another with --addr host:port", port)
		default:
			return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
		}
	}
}

// browserCommand returns the program that opens an address on this system.
func browserCommand(address string) (name string, args []string, err error) {
	name, args = "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return "", nil, errors.New("no display")
		}
	}
	_, err = exec.LookPath(name)
	return name, args, err
}

// openBrowser opens the address; without a browser the printed address is enough.
func openBrowser(e *env, address string) {
	name, args, err := browserCommand(address)
	if err != nil {
		return
	}
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(e.stderr, "lathe: %s: %v; open the address by hand\n", name, err)
		return
	}
	go cmd.Wait()
}
