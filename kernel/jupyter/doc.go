// Package jupyter lets any Jupyter client use the kernel: connection file, signed messages over
// ZeroMQ sockets, heartbeat, and the kernelspec that tells Jupyter about it.
//
//	link, err := jupyter.Open("kernel-1234.json")
//	err = kernel.ServeLink(link, kernel.Options{…})
//
//	dir, err := jupyter.Install(jupyter.InstallOptions{Command: []string{"/usr/local/bin/lathe"}})
//
// It knows the transport only; what messages mean is kernel's. Connections are not encrypted:
// the addresses in a connection file should be local, as Jupyter makes them.
package jupyter
