// Package serve answers requests for predictions over HTTP.
//
//	s, err := serve.New([]*serve.Model{m}, serve.Options{})
//	err = http.ListenAndServe("127.0.0.1:8000", s)
//
// It speaks the KServe v2 protocol (health, metadata, inference, and its binary tensors), TensorFlow Serving's
// :predict for models of one input, and Prometheus' /metrics. Requests that wait while a model is busy are run
// together, up to the largest batch that the model takes. A full queue, a deadline, a wrong shape and a number
// that JSON cannot write are errors with a status that says whose fault it is; Close answers what was accepted
// before it returns. It does not train, and it does not authenticate: put a proxy in front.
//
// Protocol: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
package serve
