package kernel

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
)

// Main is the command "kernel": it connects to the socket that the arguments name and serves until
// the connection ends. It returns the exit status. Options that the arguments set are overwritten.
//
//	--socket PATH   unix socket of the server
//	--memory BYTES  memory limit, 0 for none
//	--crash PATH    file that receives the reason of an abnormal end
func Main(args []string, o Options, stderr io.Writer) int {
	flags := flag.NewFlagSet("kernel", flag.ContinueOnError)
	flags.SetOutput(stderr)
	socket := flags.String("socket", "", "unix socket of the server that started this kernel")
	flags.Int64Var(&o.MemoryLimit, "memory", o.MemoryLimit, "memory limit in bytes, 0 for none")
	crash := flags.String("crash", "", "file that receives the reason of an abnormal end")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *socket == "" {
		fmt.Fprintln(stderr, "kernel: --socket is missing; kernels are started by lathe serve or lathe run")
		return 2
	}
	if *crash != "" {
		f, err := os.OpenFile(*crash, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			fmt.Fprintf(stderr, "kernel: %v\n", err)
			return 1
		}
		defer f.Close()
		o.Crash = f
	}
	conn, err := net.Dial("unix", *socket)
	if err != nil {
		fmt.Fprintf(stderr, "kernel: %v\n", err)
		return 1
	}
	if err := Serve(conn, o); err != nil {
		fmt.Fprintf(stderr, "kernel: %v\n", err)
		return 1
	}
	return 0
}
