package gang

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/lathe-ml/lathe/data/object/objecttest"
	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/spark"
)

// writeSamples writes samples from … from+9, x [i, 2i] and the label i, as a file of a kind.
var writeSamples = map[string]func(file string, from int) error{
	"csv": func(file string, from int) error {
		text := "a,b,label\n"
		for i := from; i < from+10; i++ {
			text += fmt.Sprintf("%d,%d.0,%d\n", i, 2*i, i)
		}
		return os.WriteFile(file, []byte(text), 0o644)
	},
	"parquet": func(file string, from int) error {
		x := eager.Arange(float64(from), float64(from+10), 1)
		b, err := spark.BatchOfTensors([]string{"label", "b", "a"}, x, x.Mul(2), x)
		if err != nil {
			return err
		}
		f, err := os.Create(file)
		if err != nil {
			return err
		}
		w, err := pqarrow.NewFileWriter(b.Schema(), f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
		if err != nil {
			return err
		}
		if err := w.Write(b); err != nil {
			return err
		}
		return w.Close()
	},
	"tfrecord": func(file string, from int) error {
		var all []byte
		for i := from; i < from+10; i++ {
			floats := func(v ...float32) []byte { // a list of floats, packed
				var b []byte
				for _, x := range v {
					b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
				}
				return field(2, field(1, b))
			}
			example := field(1, append(append(feature1("a", floats(float32(i))), feature1("b", floats(float32(2*i)))...),
				feature1("label", field(3, field(1, []byte{byte(i)})))...))
			all = append(all, record(example)...)
		}
		return os.WriteFile(file, all, 0o644)
	},
}

// field is a field of bytes of a protocol buffer.
func field(id byte, b []byte) []byte {
	return append(binary.AppendUvarint([]byte{id<<3 | 2}, uint64(len(b))), b...)
}

func feature1(name string, value []byte) []byte {
	return field(1, append(field(1, []byte(name)), field(2, value)...))
}

func record(b []byte) []byte {
	sum := func(b []byte) uint32 {
		c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
		return (c>>15 | c<<17) + 0xa282ead8
	}
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(b)))
	out := binary.LittleEndian.AppendUint32(head, sum(head))
	return binary.LittleEndian.AppendUint32(append(out, b...), sum(b))
}

// read runs readTask in two workers on the files of dir and returns a line for each.
func read(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	return readBy(t, Job{Files: []string{dir}}, args...)
}

func readBy(t *testing.T, j Job, args ...string) (string, error) {
	t.Helper()
	j.Task, j.Args, j.Workers, j.Output = "read", args, 2, "unused"
	out, err := j.Local(context.Background())
	if err != nil {
		return "", err
	}
	table, err := TableOf(out)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := range table.Len() {
		lines = append(lines, fmt.Sprintf("%d %g %g %s %s", table.Column("samples").Ints[i], table.Column("x").Floats[i], table.Column("y").Floats[i],
			table.Column("shuffled").Texts[i], table.Column("classes").Texts[i]))
	}
	return strings.Join(lines, "; "), nil
}

func TestWorkersReadAheadAndShuffleFilesOfEveryKind(t *testing.T) {
	for kind, write := range writeSamples {
		t.Run(kind, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "all")
			for i := range 4 { // below folders, as partitioned tables have them
				sub := filepath.Join(dir, fmt.Sprint("part=", i%2))
				if err := os.MkdirAll(sub, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := write(filepath.Join(sub, fmt.Sprintf("%d.%s", i, kind)), 10*i); err != nil {
					t.Fatal(err)
				}
			}
			got, err := read(t, dir, "a,b", "label")
			if err != nil {
				t.Fatal(err)
			}
			// in the order of files 0, 2, 1, 3 rank 0 has 0 … 19, rank 1 the rest
			want := "20 570 190 true part=0+part=1; 20 1770 590 true part=0+part=1"
			if got != want {
				t.Errorf("samples, sums, order and classes of the ranks:\n%s; want\n%s", got, want)
			}
			store := stored(t, dir)
			if got, err = readBy(t, Job{Files: []string{"s3://bucket/all/"}, Store: store.Options()}, "a,b", "label"); err != nil || got != want {
				t.Errorf("of a store:\n%s, %v; want\n%s", got, err, want)
			}
			if _, err := read(t, dir, "a,nope", "label"); err == nil || !strings.Contains(err.Error(), "nope") {
				t.Errorf("a column that is not there: %v", err)
			}
		})
	}
}

// stored is a store with the files of dir, and some that are no data, in the folder all of bucket.
func stored(t *testing.T, dir string) *objecttest.Server {
	t.Helper()
	objects := map[string][]byte{"bucket/all/_SUCCESS": nil, "bucket/all/.part.crc": nil, "bucket/allother": nil}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			objects["bucket/all"+filepath.ToSlash(path[len(dir):])], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s := objecttest.Start(objects)
	t.Cleanup(s.Close)
	return s
}

func TestAStoreThatRefusesIsNamed(t *testing.T) {
	o := stored(t, t.TempDir()).Options()
	o.SecretKey = "guessed"
	_, err := readBy(t, Job{Files: []string{"s3://bucket/all/"}, Store: o}, "a", "b")
	if err == nil || !strings.Contains(err.Error(), "s3://bucket/all/: SignatureDoesNotMatch") {
		t.Errorf("error %v; want one that says what the store says", err)
	}
}

func TestWorkersReadFoldersOfImages(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		class := filepath.Join(dir, []string{"cat", "dog"}[i/20])
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		m := image.NewGray(image.Rect(0, 0, 2+i%3, 2))
		m.SetGray(0, 0, color.Gray{Y: uint8(i)})
		f, err := os.Create(filepath.Join(class, fmt.Sprintf("%02d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := read(t, dir, "", "class")
	if err != nil {
		t.Fatal(err)
	}
	want := "20 380 10 true cat+dog; 20 400 10 true cat+dog"
	if got != want {
		t.Errorf("samples, sums, order and classes of the ranks:\n%s; want\n%s", got, want)
	}
	if got, err = readBy(t, Job{Files: []string{"s3a://bucket/all"}, Store: stored(t, dir).Options()}, "", "class"); err != nil || got != want {
		t.Errorf("of a store:\n%s, %v; want\n%s", got, err, want)
	}
}

func TestFilesOfOtherStoragesAreRefused(t *testing.T) {
	for _, url := range []string{"gs://bucket/x.parquet", "hdfs://host/x"} {
		_, err := Job{Task: "files", Workers: 1, Files: []string{url}, Output: "unused"}.Local(context.Background())
		if err == nil || !strings.Contains(err.Error(), "let Spark read it") {
			t.Errorf("%s: error %v; want one that names another way", url, err)
		}
	}
	file := filepath.Join(t.TempDir(), "x.xyz")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, file, "a", "b"); err == nil || !strings.Contains(err.Error(), "of no kind") {
		t.Errorf("error %v; want one about the kind", err)
	}
}
