package host

import "syscall"

// attributes of a kernel process. A terminal's interrupt goes to the server alone, which decides
// what it means; a server that is killed takes its kernels along, even one that is too busy to
// notice that the socket has closed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
