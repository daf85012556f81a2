package kernel

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/lathe-ml/lathe/kernel/jupyter"
	"github.com/lathe-ml/lathe/kernel/memory"
)

// Main is the command "kernel": it connects to the socket that the arguments name, or binds those
// of a Jupyter connection file, and serves until the connection ends. It returns the exit status.
// Options that the arguments set are overwritten.
//
//	--socket PATH      unix socket of the server
//	--connection PATH  Jupyter connection file
//	--memory BYTES     memory limit; 0: none, or half of the RAM with --connection
//	--executor NAME    what runs cells: auto, exact or yaegi
//	--dap ADDRESS      where clients of the debugger connect (Debug Adapter Protocol)
//	--no-shell         refuse commands of the shell in cells
//	--crash PATH       file that receives the reason of an abnormal end
func Main(args []string, o Options, stderr io.Writer) int {
	flags := flag.NewFlagSet("kernel", flag.ContinueOnError)
	flags.SetOutput(stderr)
	socket := flags.String("socket", "", "unix socket of the server that started this kernel")
	connection := flags.String("connection", "", "connection file of the Jupyter client that started this kernel")
	flags.Int64Var(&o.MemoryLimit, "memory", o.MemoryLimit, "memory limit in bytes, 0 for none")
	flags.BoolVar(&o.NoShell, "no-shell", o.NoShell, "refuse commands of the shell (!ls) in cells")
	crash := flags.String("crash", "", "file that receives the reason of an abnormal end")
	flags.StringVar(&o.Executor, "executor", o.Executor, "what runs cells: auto, exact or yaegi")
	flags.StringVar(&o.DebugAddress, "dap", o.DebugAddress, "`address` at which debuggers connect: 127.0.0.1:4711")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "kernel: %q is not understood\n", flags.Args())
		return 2
	}
	if (*socket == "") == (*connection == "") {
		fmt.Fprintln(stderr, "kernel: give --socket or --connection; kernels are started by lathe serve, "+
			"lathe run or a Jupyter client (lathe kernel install)")
		return 2
	}
	if err := run(*socket, *connection, *crash, o); err != nil {
		fmt.Fprintf(stderr, "kernel: %v\n", err)
		return 1
	}
	return 0
}

func run(socket, connection, crash string, o Options) error {
	if crash != "" {
		f, err := os.OpenFile(crash, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		o.Crash = f
	}
	if connection != "" {
		link, err := jupyter.Open(connection)
		if err != nil {
			return err
		}
		if o.MemoryLimit == 0 {
			o.MemoryLimit = max(memory.Total()/2, 1<<30)
		}
		signal.Ignore(os.Interrupt) // interrupts come as messages; a terminal's belongs to the client
		go endWithParent(link)
		return ServeLink(link, o)
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	return Serve(conn, o)
}

// endWithParent closes the link when the Jupyter client that started this process has ended.
func endWithParent(link Link) {
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 || os.Getppid() != parent {
		return // started by hand, or meant to outlive its client
	}
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	link.Close()
}
