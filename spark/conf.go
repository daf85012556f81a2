package spark

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/lathe-ml/lathe/spark/connectpb"
)

// Set sets a setting of the session, such as spark.sql.shuffle.partitions.
func (s *Session) Set(key, value string) error {
	_, err := s.configure(&pb.ConfigRequest_Operation{OpType: &pb.ConfigRequest_Operation_Set{
		Set: &pb.ConfigRequest_Set{Pairs: []*pb.KeyValue{{Key: key, Value: &value}}},
	}})
	return err
}

// Unset gives settings of the session their values of the server.
func (s *Session) Unset(keys ...string) error {
	_, err := s.configure(&pb.ConfigRequest_Operation{OpType: &pb.ConfigRequest_Operation_Unset{
		Unset: &pb.ConfigRequest_Unset{Keys: keys},
	}})
	return err
}

// Get returns a setting. One that has no value, and no default, is an error.
func (s *Session) Get(key string) (string, error) {
	pairs, err := s.configure(&pb.ConfigRequest_Operation{OpType: &pb.ConfigRequest_Operation_Get{
		Get: &pb.ConfigRequest_Get{Keys: []string{key}},
	}})
	return pairs[key], err
}

// Settings returns the settings whose names start with prefix.
func (s *Session) Settings(prefix string) (map[string]string, error) {
	return s.configure(&pb.ConfigRequest_Operation{OpType: &pb.ConfigRequest_Operation_GetAll{
		GetAll: &pb.ConfigRequest_GetAll{Prefix: &prefix},
	}})
}

func (s *Session) config(op *pb.ConfigRequest_Operation) *pb.ConfigRequest {
	return &pb.ConfigRequest{
		SessionId: s.id, UserContext: s.user, ClientType: proto.String(clientType), Operation: op,
		ClientObservedServerSideSessionId: s.observed(),
	}
}

func (s *Session) configure(op *pb.ConfigRequest_Operation) (map[string]string, error) {
	ctx, end := s.guarded()
	defer end()
	var r *pb.ConfigResponse
	err := s.again(ctx, func() (err error) {
		r, err = s.client.Config(s.outgoing(ctx), s.config(op))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("spark: settings: %w", s.explain(ctx, err))
	}
	s.observe(r.ServerSideSessionId)
	m := map[string]string{}
	for _, p := range r.Pairs {
		m[p.Key] = p.GetValue()
	}
	return m, nil
}

func (s *Session) interruption(r *pb.InterruptRequest) *pb.InterruptRequest {
	r.SessionId, r.UserContext, r.ClientType = s.id, s.user, proto.String(clientType)
	r.ClientObservedServerSideSessionId = s.observed()
	return r
}

// Interrupt ends all queries of the session that run and returns their ids.
func (s *Session) Interrupt() ([]string, error) {
	return s.stop(&pb.InterruptRequest{InterruptType: pb.InterruptRequest_INTERRUPT_TYPE_ALL})
}

// InterruptTag ends the running queries with a tag (see WithTags) and returns their ids.
func (s *Session) InterruptTag(tag string) ([]string, error) {
	return s.stop(&pb.InterruptRequest{
		InterruptType: pb.InterruptRequest_INTERRUPT_TYPE_TAG,
		Interrupt:     &pb.InterruptRequest_OperationTag{OperationTag: tag},
	})
}

func (s *Session) stop(r *pb.InterruptRequest) ([]string, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opt.Timeout)
	defer cancel()
	a, err := s.client.Interrupt(s.outgoing(ctx), s.interruption(r))
	if err != nil {
		return nil, fmt.Errorf("spark.Interrupt: %w", s.explain(ctx, err))
	}
	return a.InterruptedIds, nil
}
