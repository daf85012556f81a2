// Package objecttest is a small S3-compatible store on loopback, for tests.
//
//	s := objecttest.Start(map[string][]byte{"bucket/name": content})
//	defer s.Close()
//	store, err := object.Open(s.Options())
//
// It knows GET with ranges and conditions, HEAD, and the listing of buckets, and refuses whoever's signature
// (version 4) is not that of its keys. It does not write.
package objecttest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lathe-ml/lathe/data/object"
)

const (
	accessKey = "AKIDTEST"
	secretKey = "a secret of tests/+"
	region    = "eu-north-1"
)

// pageNames is how many names a page of a listing has.
const pageNames = 3

// Server is a store that runs.
type Server struct {
	*httptest.Server

	mu      sync.Mutex
	objects map[string][]byte // by bucket/name
	cut     int
	asked   []string
}

// Start starts a store with objects by bucket/name.
func Start(objects map[string][]byte) *Server {
	s := &Server{objects: map[string][]byte{}}
	for name, b := range objects {
		s.objects[name] = b
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// Options are those of who may read.
func (s *Server) Options() object.Options {
	return object.Options{Endpoint: s.URL, Region: region, AccessKey: accessKey, SecretKey: secretKey}
}

// Put stores an object.
func (s *Server) Put(name string, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[name] = b
}

// Cut lets the next n answers with contents end in the middle.
func (s *Server) Cut(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = n
}

// Asked is the questions so far: method, path and range.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *Server) serve(w http.ResponseWriter, q *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, strings.TrimSpace(q.Method+" "+q.URL.Path+" "+q.Header.Get("Range")))
	if why := refused(q); why != "" {
		fail(w, http.StatusForbidden, why)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/")
	if key == "" && q.Method == http.MethodGet && q.URL.Query().Get("list-type") == "2" {
		s.list(w, bucket, q.URL.Query())
		return
	}
	b, ok := s.objects[bucket+"/"+key]
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	etag := fmt.Sprintf("%q", hex.EncodeToString(sum(b)))
	w.Header().Set("ETag", etag)
	w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
	if m := q.Header.Get("If-Match"); m != "" && strings.Trim(m, `"`) != strings.Trim(etag, `"`) {
		fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	if s.cut > 0 && q.Method == http.MethodGet {
		s.cut--
		w = &cutter{w, len(b) / 3}
	}
	http.ServeContent(w, q, "", time.Time{}, strings.NewReader(string(b)))
}

func sum(b []byte) []byte {
	h := md5.Sum(b)
	return h[:]
}

// cutter ends an answer behind left bytes.
type cutter struct {
	http.ResponseWriter
	left int
}

// Write writes what is left.
func (c *cutter) Write(p []byte) (int, error) {
	if c.left < len(p) {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}

type entry struct{ Key, ETag, LastModified string }

// list answers with a page of names.
func (s *Server) list(w http.ResponseWriter, bucket string, q url.Values) {
	var all []string
	known := false
	for name := range s.objects {
		in, key, _ := strings.Cut(name, "/")
		known = known || in == bucket
		if in == bucket && strings.HasPrefix(key, q.Get("prefix")) && key > q.Get("continuation-token") {
			all = append(all, key)
		}
	}
	if !known {
		fail(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	slices.Sort(all)
	page := struct {
		XMLName                     xml.Name `xml:"ListBucketResult"`
		Name, NextContinuationToken string
		IsTruncated                 bool
		Contents                    []entry
	}{Name: bucket}
	if len(all) > pageNames {
		all, page.IsTruncated = all[:pageNames], true
		page.NextContinuationToken = all[pageNames-1]
	}
	for _, key := range all {
		page.Contents = append(page.Contents, entry{key, "x", "1970-01-01T00:00:00.000Z"})
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(page) // the other side hears of a lost connection itself
}

// refused says why a question is not answered: its signature is not that of secretKey.
func refused(q *http.Request) string {
	parts := map[string]string{}
	fields, ok := strings.CutPrefix(q.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	for _, f := range strings.Split(fields, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(f), "=")
		parts[k] = v
	}
	date := q.Header.Get("X-Amz-Date")
	if !ok || len(date) < 8 {
		return "AccessDenied"
	}
	if at, err := time.Parse("20060102T150405Z", date); err != nil || time.Since(at).Abs() > 15*time.Minute {
		return "RequestTimeTooSkewed"
	}
	scope := date[:8] + "/" + region + "/s3/aws4_request"
	if parts["Credential"] != accessKey+"/"+scope {
		return "InvalidAccessKeyId"
	}
	text := q.Method + "\n" + q.URL.EscapedPath() + "\n" + strings.ReplaceAll(q.URL.Query().Encode(), "+", "%20") + "\n"
	for _, h := range strings.Split(parts["SignedHeaders"], ";") {
		v := q.Header.Get(h)
		if h == "host" {
			v = q.Host
		}
		text += h + ":" + strings.TrimSpace(v) + "\n"
	}
	text += "\n" + parts["SignedHeaders"] + "\n" + q.Header.Get("X-Amz-Content-Sha256")
	hashed := sha256.Sum256([]byte(text))
	key := []byte("AWS4" + secretKey)
	for _, s := range []string{date[:8], region, "s3", "aws4_request"} {
		key = mac(key, s)
	}
	want := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hex.EncodeToString(hashed[:])))
	if !hmac.Equal([]byte(parts["Signature"]), []byte(want)) {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
