// Package local starts Spark on this machine: a Spark Connect server with its own executors, or a standalone
// cluster of a master, workers and the server.
//
//	home, err := local.Home()                              // SPARK_HOME, or the pyspark of a Python
//	c, err := local.Start(home, local.Options{Workers: 2})
//	defer c.Stop()
//	s, err := spark.Connect(c.Address)
//
// It needs Java 17 or newer and a Spark 4 distribution, for which pip install pyspark is enough. It installs
// nothing. What it starts ends with this process at the latest, however that ends.
package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Options are the options of Start; the zero value is the default.
type Options struct {
	Workers int      // processes of a standalone cluster, each with one core; 0: executors in the server, one for each processor
	Port    int      // of the server; 0: any
	Memory  string   // of the server and of each executor, as Java's -Xmx; "": 1g
	Dir     string   // for logs and data; "": a new one under the system's folder for temporary files, until Stop
	Conf    []string // further settings, key=value
	Brief   bool     // for small data and a short life: Java and Spark compile little of what they run
	Timeout time.Duration
}

// Cluster is what Start has started.
//
// Goroutines: one for each process, which waits for its end.
type Cluster struct {
	Address string // for spark.Connect, with the token
	Dir     string // logs, *.log

	temporary bool // Dir is ours
	processes []*process
}

// process is a program and all that it starts: a process group, which ends when the pipe to it is closed.
type process struct {
	name     string
	group    int
	lifeline *os.File
	ended    chan error
}

// Home finds a Spark distribution: SPARK_HOME, or the package pyspark of the Python that LATHE_PYTHON names, or
// of python3.
func Home() (string, error) {
	home := os.Getenv("SPARK_HOME")
	if home == "" {
		python := os.Getenv("LATHE_PYTHON")
		if python == "" {
			python = "python3"
		}
		out, err := exec.Command(python, "-c", "import pyspark; print(pyspark.__path__[0])").Output()
		if err != nil {
			return "", fmt.Errorf("spark/local: SPARK_HOME is not set and %s has no pyspark (%w); "+
				"pip install pyspark==4.3.0, or set SPARK_HOME to a Spark 4 distribution", python, err)
		}
		home = strings.TrimSpace(string(out))
	}
	if _, err := os.Stat(filepath.Join(home, "bin", "spark-class")); err != nil {
		return "", fmt.Errorf("spark/local: %s is no Spark distribution: %w", home, err)
	}
	if _, err := exec.LookPath("java"); err != nil && os.Getenv("JAVA_HOME") == "" {
		return "", fmt.Errorf("spark/local: there is no java; install a JDK 17 or newer, or set JAVA_HOME")
	}
	return home, nil
}

// Start starts Spark and returns when the server answers. What it started ends with Stop.
func Start(home string, o Options) (*Cluster, error) {
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Minute
	}
	if o.Memory == "" {
		o.Memory = "1g"
	}
	c := &Cluster{Dir: o.Dir}
	var err error
	if c.Dir == "" {
		c.temporary = true
		c.Dir, err = os.MkdirTemp("", "lathe-spark-")
	} else {
		err = os.MkdirAll(c.Dir, 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("spark/local: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
	defer cancel()
	if err := c.start(ctx, home, o); err != nil {
		return nil, errors.Join(fmt.Errorf("spark/local: %w", err), c.Stop())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, home string, o Options) error {
	master := "local[*]"
	if o.Workers > 0 {
		port, err := freePort()
		if err != nil {
			return err
		}
		master = fmt.Sprintf("spark://127.0.0.1:%d", port)
		class := filepath.Join(home, "bin", "spark-class")
		m, err := c.run("master", daemonMemory, class, "org.apache.spark.deploy.master.Master", "-h", "127.0.0.1", "-p", fmt.Sprint(port), "--webui-port", "0")
		if err != nil {
			return err
		}
		if err := c.await(ctx, m, port); err != nil {
			return err
		}
		for i := range o.Workers {
			name := fmt.Sprintf("worker%d", i)
			if _, err := c.run(name, daemonMemory, class, "org.apache.spark.deploy.worker.Worker", "-h", "127.0.0.1", "-c", "1",
				"-m", o.Memory, "--webui-port", "0", "-d", filepath.Join(c.Dir, name), master); err != nil {
				return err
			}
		}
	}
	return c.server(ctx, home, master, o)
}

func (c *Cluster) server(ctx context.Context, home, master string, o Options) error {
	if o.Port == 0 {
		var err error
		if o.Port, err = freePort(); err != nil {
			return err
		}
	}
	var secret [16]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return err
	}
	token := hex.EncodeToString(secret[:])
	conf := []string{
		"spark.connect.grpc.binding.address=127.0.0.1", fmt.Sprintf("spark.connect.grpc.binding.port=%d", o.Port),
		"spark.ui.enabled=false", "spark.sql.shuffle.partitions=4", "spark.driver.host=127.0.0.1",
		"spark.executor.memory=" + o.Memory, "spark.cores.max=" + fmt.Sprint(max(o.Workers, 1)),
		"spark.sql.warehouse.dir=" + filepath.Join(c.Dir, "warehouse"),
		"spark.local.dir=" + filepath.Join(c.Dir, "local"), "spark.log.level=WARN",
		// a gang that lost an executor starts again as soon as there is another one
		"spark.scheduler.barrier.maxConcurrentTasksCheck.interval=1s",
	}
	if o.Brief {
		const java = "extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
		conf = append(conf, "spark.driver."+java, "spark.executor."+java,
			"spark.sql.codegen.wholeStage=false", "spark.sql.codegen.factoryMode=NO_CODEGEN")
	}
	args := []string{
		"--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master", master,
		"--driver-memory", o.Memory,
	}
	for _, k := range append(conf, o.Conf...) {
		args = append(args, "--conf", k)
	}
	// the token stands in a file of this user, not in the list of processes
	file := filepath.Join(c.Dir, "spark.conf")
	if err := os.WriteFile(file, []byte("spark.connect.authenticate.token "+token+"\n"), 0o600); err != nil {
		return err
	}
	s, err := c.run("server", o.Memory, filepath.Join(home, "bin", "spark-submit"), append(append(args, "--properties-file", file), "spark-internal")...)
	if err != nil {
		return err
	}
	c.Address = fmt.Sprintf("sc://127.0.0.1:%d/;token=%s", o.Port, token)
	return c.await(ctx, s, o.Port)
}

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return ln.Addr().(*net.TCPAddr).Port, ln.Close()
}

// guarded runs "$@", and ends the process group when descriptor 3 does.
const guarded = `(read _ <&3; kill -9 -$$) >/dev/null 2>&1 & "$@" 3<&- & wait $!`

// daemonMemory is what a master and a worker have.
const daemonMemory = "512m"

// run starts a program in a process group of its own, so that Stop ends what it starts, too. memory is that of
// its Java: spark-submit takes a Connect server for a daemon, and its own option --driver-memory for nothing.
func (c *Cluster) run(name, memory, program string, args ...string) (*process, error) {
	log, err := os.Create(filepath.Join(c.Dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	far, near, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	p := exec.Command("/bin/sh", append([]string{"-c", guarded, "sh", program}, args...)...)
	p.Stdout, p.Stderr, p.Dir, p.ExtraFiles = log, log, c.Dir, []*os.File{far}
	p.Env = append(os.Environ(), "SPARK_LOCAL_IP=127.0.0.1", "SPARK_DAEMON_MEMORY="+memory, "SPARK_LOCAL_DIRS="+filepath.Join(c.Dir, "local"))
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.Start(); err != nil {
		return nil, errors.Join(err, near.Close())
	}
	out := &process{name: name, group: p.Process.Pid, lifeline: near, ended: make(chan error, 1)}
	go func() { out.ended <- p.Wait() }()
	c.processes = append(c.processes, out)
	return out, nil
}

// await waits until a process listens on a port.
func (c *Cluster) await(ctx context.Context, p *process, port int) error {
	log := filepath.Join(c.Dir, p.name+".log")
	for {
		if conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second); err == nil {
			return conn.Close()
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("the %s has ended (%v); its last words:\n%s", p.name, err, tail(log))
		case <-ctx.Done():
			return fmt.Errorf("the %s does not listen on port %d: %w; its last words:\n%s", p.name, port, ctx.Err(), tail(log))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func tail(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b[max(0, len(b)-2000):]))
}

// Stop ends all processes, and removes the folder when Start has made it.
func (c *Cluster) Stop() error {
	var errs []error
	for _, p := range slices.Backward(c.processes) {
		if err := syscall.Kill(-p.group, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, err)
		}
		<-p.ended
		errs = append(errs, p.lifeline.Close())
	}
	c.processes = nil
	if c.temporary {
		errs = append(errs, os.RemoveAll(c.Dir))
	}
	return errors.Join(errs...)
}
