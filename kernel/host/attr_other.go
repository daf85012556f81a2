//go:build unix && !linux

package host

import "syscall"

// attributes of a kernel process. A terminal's interrupt goes to the server alone, which decides
// what it means. A kernel whose server is gone notices that the socket has closed.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
