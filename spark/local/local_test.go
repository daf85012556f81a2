package local

import (
	"testing"
	"time"
)

func TestWhatIsStartedEndsWithItsStarter(t *testing.T) {
	c := &Cluster{Dir: t.TempDir()}
	p, err := c.run("sleep", "sleep", "600")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	if err := p.lifeline.Close(); err != nil { // as the end of this process does
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		p.ended <- err
	case <-time.After(time.Minute):
		t.Fatal("it outlives the pipe to its starter")
	}
}
