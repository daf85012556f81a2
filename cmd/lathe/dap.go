package main

import (
	"context"
	"io"
	"net"
	"os"
)

func dapCommand() command {
	return command{
		name: "dap", args: "ADDRESS", short: "be the debug adapter of a kernel for a client that uses standard input and output",
		example: "lathe dap 127.0.0.1:4711",
		run: func(ctx context.Context, e *env) error {
			if err := e.parse(); err != nil {
				return err
			}
			if len(e.args) != 1 {
				return usagef("give the address that the kernel was started with: lathe kernel --dap ADDRESS")
			}
			return adapter(ctx, e.args[0], os.Stdin, e.stdout)
		},
	}
}

// adapter connects a client on in and out with the kernel at address until one of them ends.
func adapter(ctx context.Context, address string, in io.Reader, out io.Writer) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	done := make(chan error, 2)
	go func() {
		_, err := io.Copy(conn, in)
		done <- err
	}()
	go func() {
		_, err := io.Copy(out, conn)
		done <- err
	}()
	select {
	case err = <-done:
		return err
	case <-ctx.Done():
		return nil
	}
}
