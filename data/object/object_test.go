package object_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lathe-ml/lathe/data/object"
	"github.com/lathe-ml/lathe/data/object/objecttest"
)

func opened(t *testing.T, objects map[string][]byte) (*objecttest.Server, *object.Store) {
	t.Helper()
	server := objecttest.Start(objects)
	t.Cleanup(server.Close)
	s, err := object.Open(server.Options())
	if err != nil {
		t.Fatal(err)
	}
	return server, s
}

func TestListsGoThroughAllPagesOfAFolder(t *testing.T) {
	objects := map[string][]byte{"bkt/other": nil, "bkt/dx/no": nil, "bkt/one": nil}
	var want []string
	for _, name := range []string{"a", "b c+d", "e/f", "g=1/h", "i", "j", "k"} {
		objects["bkt/d/"+name] = nil
		want = append(want, "s3a://bkt/d/"+name)
	}
	_, s := opened(t, objects)
	for _, folder := range []string{"s3a://bkt/d", "s3a://bkt/d/"} {
		if got, err := s.List(t.Context(), folder); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", folder, got, err, want)
		}
	}
	if got, err := s.List(t.Context(), "s3://bkt/one"); err != nil || !slices.Equal(got, []string{"s3://bkt/one"}) {
		t.Errorf("an object: %q, %v", got, err)
	}
	for folder, want := range map[string]string{
		"s3://bkt/none/": "nothing below it", "s3://bkt/none": "nor is it an object", "s3://nobody/x": "NoSuchBucket", "/tmp/x": "want s3://bucket/name", "s3:///x": "no bucket",
	} {
		if got, err := s.List(t.Context(), folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v; want an error with %q", folder, got, err, want)
		}
	}
}

func TestAFileReadsLikeOneOfTheDisk(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789"), 60)
	server, s := opened(t, map[string][]byte{"bkt/name with space+sign": text, "bkt/empty": {}})
	f, err := s.File(t.Context(), "s3://bkt/name with space+sign")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := iotest.TestReader(f, text); err != nil { // Read, Seek and ReadAt
		t.Error(err)
	}
	part := make([]byte, 10)
	if _, err := f.ReadAt(part, 205); err != nil || string(part) != "5678901234" {
		t.Errorf("%q, %v", part, err)
	}
	if asked := server.Asked(); asked[len(asked)-1] != "GET /bkt/name with space+sign bytes=205-214" {
		t.Errorf("the store was asked %q", asked[len(asked)-1])
	}
	empty, err := s.File(t.Context(), "s3://bkt/empty")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(empty); err != nil || len(got) != 0 {
		t.Errorf("an empty one: %q, %v", got, err)
	}
}

func TestAnAnswerThatIsCutOffIsGoneOnWith(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789"), 50_000)
	server, s := opened(t, map[string][]byte{"bkt/x": text})
	f, err := s.File(t.Context(), "s3://bkt/x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	server.Cut(2)
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	server.Cut(2)
	got := make([]byte, len(text))
	if _, err := f.ReadAt(got, 0); err != nil || !bytes.Equal(got, text) {
		t.Errorf("ReadAt: equal %t, %v", bytes.Equal(got, text), err)
	}
}

func TestAnObjectThatChangesWhileItIsReadIsAnError(t *testing.T) {
	server, s := opened(t, map[string][]byte{"bkt/x": []byte("first version")})
	f, err := s.File(t.Context(), "s3://bkt/x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	server.Put("bkt/x", []byte("other version"))
	if got, err := io.ReadAll(f); err == nil {
		t.Errorf("%q of another version; want an error", got)
	}
}

func TestWhoIsNotKnownIsRefused(t *testing.T) {
	server, _ := opened(t, map[string][]byte{"bkt/x": nil})
	for name, change := range map[string]func(o *object.Options){
		"InvalidAccessKeyId":    func(o *object.Options) { o.AccessKey = "somebody" },
		"SignatureDoesNotMatch": func(o *object.Options) { o.SecretKey = "guessed" },
		"AccessDenied":          func(o *object.Options) { o.Anonymous = true },
	} {
		o := server.Options()
		change(&o)
		s, err := object.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.List(t.Context(), "s3://bkt"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v; want %s", err, name)
		}
	}
	for want, o := range map[string]object.Options{
		"want both or none": {Endpoint: server.URL, AccessKey: "x"}, "want http:// or https://": {Endpoint: "host:9000"},
	} {
		if _, err := object.Open(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want an error with %q", o, err, want)
		}
	}
}

func TestKeysOfTheEnvironmentAreThoseOfAWorker(t *testing.T) {
	server, _ := opened(t, map[string][]byte{"bkt/x": []byte("text")})
	o := server.Options()
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL": o.Endpoint, "AWS_REGION": o.Region, "AWS_ACCESS_KEY_ID": o.AccessKey, "AWS_SECRET_ACCESS_KEY": o.SecretKey,
		"AWS_ENDPOINT_URL_S3": "", "AWS_SESSION_TOKEN": "",
	} {
		t.Setenv(k, v)
	}
	s, err := object.Open(object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.File(context.Background(), "s3://bkt/x")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
}
