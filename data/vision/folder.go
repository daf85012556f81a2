package vision

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lathe-ml/lathe/data"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
)

// FolderOptions are the options of NewFolder; the zero value is the default.
type FolderOptions struct {
	Transform Transform // of every image; nil: images as they are, which must have one size for a Loader
	Read      ReadOptions
	Keep      func(path string) bool // which files are images; nil: by their extension
}

// Folder is a data set of image files: DIR/CLASS/…/FILE. X is what the transform makes of the image, Y the
// number of its class (I64 scalar), classes in alphabetical order.
type Folder struct {
	Dir     string
	Classes []string
	Files   []string // relative to Dir
	Labels  []int
	o       FolderOptions
}

var extensions = []string{".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif"}

func isImage(path string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(path)))
}

// NewFolder lists the images in dir; files are read when a sample is asked for. Every class has images.
func NewFolder(dir string, o ...FolderOptions) (*Folder, error) {
	f := &Folder{Dir: dir}
	if len(o) > 0 {
		f.o = o[0]
	}
	if f.o.Keep == nil {
		f.o.Keep = isImage
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("vision.NewFolder: %w", err)
	}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err != nil || !info.IsDir() {
			continue
		}
		n := len(f.Files)
		if err := f.list(e.Name()); err != nil {
			return nil, fmt.Errorf("vision.NewFolder: %w", err)
		}
		if len(f.Files) == n {
			return nil, fmt.Errorf("vision.NewFolder: %s has no image (%s)", filepath.Join(dir, e.Name()),
				strings.Join(extensions, " "))
		}
		f.Classes = append(f.Classes, e.Name())
	}
	if len(f.Classes) == 0 {
		return nil, fmt.Errorf("vision.NewFolder: %s has no folders; want one for each class", dir)
	}
	return f, nil
}

func (f *Folder) list(class string) error {
	root := filepath.Join(f.Dir, class)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !f.o.Keep(path) {
			return err
		}
		rel, err := filepath.Rel(f.Dir, path)
		f.Files, f.Labels = append(f.Files, rel), append(f.Labels, len(f.Classes))
		return err
	})
}

// String returns one line: images and classes.
func (f *Folder) String() string {
	return fmt.Sprintf("%s: %d images, %d classes", f.Dir, len(f.Files), len(f.Classes))
}

// Len returns the number of images.
func (f *Folder) Len() int { return len(f.Files) }

// Item returns sample i; random transforms draw from the stream that eager.Seed sets.
func (f *Folder) Item(i int) data.Sample { return f.Draw(i, nil) }

// Draw returns sample i with what r draws. Panics with *engine.Error when the file cannot be read.
func (f *Folder) Draw(i int, r *rand.Rand) data.Sample {
	x, err := Read(filepath.Join(f.Dir, f.Files[i]), f.o.Read)
	if err != nil {
		where, what, _ := strings.Cut(err.Error(), ": ")
		engine.Fail(where, "%s", what)
	}
	if f.o.Transform != nil {
		whole := x
		x = f.o.Transform.Apply(whole, r)
		if x.Array().Buf != whole.Array().Buf {
			whole.Release()
		}
	}
	return data.Sample{X: x, Y: eager.New(f.Labels[i])}
}
