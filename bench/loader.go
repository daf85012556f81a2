package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/data/vision"
)

// loaderRepeats are passes over the folder for each row and side.
const loaderRepeats = 4

// reportLoader compares passes over a folder of JPEG files: decode, resize to 224×224, normalise, batches
// of 32. Reduced decoding (libjpeg's scaled transform, Pillow's draft mode) has rows of its own.
func reportLoader(python, dir string) error {
	fmt.Println("# Loading a folder of JPEG files")
	fmt.Println("\nImages per second, best and median of passes; ours are goroutines, PyTorch's are processes.\n\n" +
		"| case | images | best, ours / peer | ratio | median, ours / peer | ratio |\n|---|---|---|---|---|---|")
	for _, reduced := range []bool{false, true} {
		for _, workers := range []int{0, 2} {
			if err := loaderRow(python, dir, workers, reduced); err != nil {
				return err
			}
		}
	}
	return nil
}

func loaderRow(python, dir string, workers int, reduced bool) error {
	o := vision.FolderOptions{Transform: vision.Compose{
		vision.Resize{H: 224, W: 224},
		vision.ToTensor{},
		vision.Normalize{Mean: vision.ImageNetMean, Std: vision.ImageNetStd},
	}}
	name, draft := "full decoding", "0"
	if reduced {
		o.Read.AtLeast, name, draft = 224, "reduced decoding", "1"
	}
	folder, err := vision.NewFolder(dir, o)
	if err != nil {
		return err
	}
	loader := data.NewLoader(folder, data.LoaderOptions{Workers: workers})
	cmd := exec.Command(python, "bench/peer_loader.py", dir, strconv.Itoa(workers), draft)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer in.Close()
	out := bufio.NewReader(pipe)
	if line, err := out.ReadString('\n'); line != "ready\n" {
		return fmt.Errorf("peer_loader.py said %q: %v", line, err)
	}
	pass(loader)
	var ours, theirs []float64
	for range loaderRepeats {
		ours = append(ours, pass(loader))
		fmt.Fprintln(in)
		var s float64
		if _, err := fmt.Fscanln(out, &s); err != nil {
			return err
		}
		theirs = append(theirs, s)
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	n, mid := float64(folder.Len()), loaderRepeats/2
	fmt.Printf("| %s, %d workers | %d | %.0f / %.0f | %.2f | %.0f / %.0f | %.2f |\n", name, workers, folder.Len(),
		n/ours[0], n/theirs[0], theirs[0]/ours[0], n/ours[mid], n/theirs[mid], theirs[mid]/ours[mid])
	return nil
}

// pass reads the folder once and returns the seconds.
func pass(l *data.Loader) float64 {
	start := time.Now()
	for b := l.Epoch(); b.Next(); {
	}
	return time.Since(start).Seconds()
}
