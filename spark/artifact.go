package spark

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// AddArtifact gives the server a file for this session: name is jars/x.jar (on the class path of driver and
// executors), files/x (in the executors' working folders), archives/x.zip or cache/SHA256. A name is given
// once; another content under it is refused by the server.
func (s *Session) AddArtifact(name string, content []byte) error {
	ctx, end := s.guarded()
	defer end()
	if err := s.again(ctx, func() error { return s.sendArtifact(ctx, name, content) }); err != nil {
		return fmt.Errorf("spark.AddArtifact: %s: %w", name, s.explain(ctx, err))
	}
	return nil
}

// AddFile is AddArtifact with a file of this machine, under its own name in folder jars, files or archives.
func (s *Session) AddFile(folder, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("spark.AddFile: %w", err)
	}
	return s.AddArtifact(path.Join(folder, filepath.Base(file)), b)
}

const artifactChunk = 1 << 20

func (s *Session) sendArtifact(ctx context.Context, name string, content []byte) error {
	st, err := s.client.AddArtifacts(s.outgoing(ctx))
	if err != nil {
		return err
	}
	n := max((len(content)+artifactChunk-1)/artifactChunk, 1)
	for i := range n {
		b := content[i*artifactChunk : min((i+1)*artifactChunk, len(content))]
		c := &pb.AddArtifactsRequest_ArtifactChunk{Data: b, Crc: int64(crc32.ChecksumIEEE(b))}
		r := &pb.AddArtifactsRequest{
			SessionId: s.id, UserContext: s.user, ClientType: proto.String(clientType),
			ClientObservedServerSideSessionId: s.observed(),
		}
		switch {
		case n == 1:
			r.Payload = &pb.AddArtifactsRequest_Batch_{Batch: &pb.AddArtifactsRequest_Batch{
				Artifacts: []*pb.AddArtifactsRequest_SingleChunkArtifact{{Name: name, Data: c}},
			}}
		case i == 0:
			r.Payload = &pb.AddArtifactsRequest_BeginChunk{BeginChunk: &pb.AddArtifactsRequest_BeginChunkedArtifact{
				Name: name, TotalBytes: int64(len(content)), NumChunks: int64(n), InitialChunk: c,
			}}
		default:
			r.Payload = &pb.AddArtifactsRequest_Chunk{Chunk: c}
		}
		if err := st.Send(r); err != nil {
			if errors.Is(err, io.EOF) {
				break // CloseAndRecv knows why
			}
			return err
		}
	}
	a, err := st.CloseAndRecv()
	if err != nil {
		return err
	}
	s.observe(a.ServerSideSessionId)
	for _, x := range a.Artifacts {
		if !x.IsCrcSuccessful {
			return fmt.Errorf("%s arrived damaged (checksum)", x.Name)
		}
	}
	return nil
}

// cached makes sure that the server has content under its hash, and returns the hash.
func (s *Session) cached(content []byte) (string, error) {
	hash := fmt.Sprintf("%x", sha256.Sum256(content))
	name := "cache/" + hash
	ctx, end := s.guarded()
	defer end()
	r, err := s.client.ArtifactStatus(s.outgoing(ctx), &pb.ArtifactStatusesRequest{
		SessionId: s.id, UserContext: s.user, ClientType: proto.String(clientType), Names: []string{name},
		ClientObservedServerSideSessionId: s.observed(),
	})
	if err == nil && r.Statuses[name].GetExists() {
		return hash, nil
	}
	return hash, s.AddArtifact(name, content) // which reports what is wrong with the server
}

// Mark notes a name for the session and says whether it was noted before; callers note what the session has.
func (s *Session) Mark(name string) bool {
	_, had := s.marks.LoadOrStore(name, true)
	return had
}

// Unmark forgets a name.
func (s *Session) Unmark(name string) { s.marks.Delete(name) }
