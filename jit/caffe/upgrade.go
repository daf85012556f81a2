package caffe

import (
	"fmt"
	"slices"
	"strings"
)

// upgrade brings a network of an earlier generation of the format to the current one.
func upgrade(net *Message) error {
	if net.Has("layers") && net.Has("layer") {
		return fmt.Errorf("caffe: the network has both \"layer\" and \"layers\"")
	}
	if net.Has("layers") {
		layers := net.Messages("layers")
		if slices.ContainsFunc(layers, func(l *Message) bool { return l.Has("layer") }) {
			var err error
			if layers, err = upgradeV0(layers); err != nil {
				return err
			}
		}
		for _, l := range layers {
			if err := upgradeV1(l); err != nil {
				return err
			}
			net.add("layer", l)
		}
		net.drop("layers")
	}
	for _, l := range net.Messages("layer") {
		upgradeTransform(l)
		if l.Text("type", "") == "BatchNorm" { // its statistics do not learn
			l.drop("param")
		}
	}
	return upgradeInput(net)
}

// upgradeInput turns the fields input, input_dim and input_shape into a layer.
func upgradeInput(net *Message) error {
	names := net.Texts("input")
	if len(names) == 0 {
		return nil
	}
	dims, shapes := net.Ints("input_dim"), net.Messages("input_shape")
	layer := newMessage()
	layer.set("name", "input")
	layer.set("type", "Input")
	param := newMessage()
	for i, name := range names {
		layer.add("top", name)
		shape := newMessage()
		switch {
		case len(shapes) == len(names):
			shape = shapes[i]
		case len(dims) == 4*len(names):
			for _, d := range dims[4*i : 4*i+4] {
				shape.add("dim", int64(d))
			}
		default:
			return fmt.Errorf("caffe: %d inputs with %d shapes and %d extents", len(names), len(shapes), len(dims))
		}
		param.add("shape", shape)
	}
	layer.set("input_param", param)
	net.fields["layer"] = append([]any{layer}, net.fields["layer"]...)
	for _, f := range []string{"input", "input_dim", "input_shape"} {
		net.drop(f)
	}
	return nil
}

// upgradeTransform moves what data layers once held themselves.
func upgradeTransform(l *Message) {
	for _, name := range []string{"data_param", "image_data_param", "window_data_param"} {
		p := l.Message(name)
		for _, f := range []string{"scale", "mean_file", "crop_size", "mirror"} {
			if p.Has(f) {
				t := l.Message("transform_param")
				if t == nil {
					t = newMessage()
					l.set("transform_param", t)
				}
				t.set(f, p.fields[f]...)
				p.drop(f)
			}
		}
	}
}

// v1Types are the layer types whose current names are not what capitals at underscores give.
var v1Types = map[string]string{
	"ABSVAL": "AbsVal", "ARGMAX": "ArgMax", "BNLL": "BNLL", "ELTWISE": "Eltwise", "HDF5_DATA": "HDF5Data",
	"HDF5_OUTPUT": "HDF5Output", "IM2COL": "Im2col", "LRN": "LRN", "MVN": "MVN", "RELU": "ReLU",
	"SOFTMAX_LOSS": "SoftmaxWithLoss", "TANH": "TanH",
}

func upgradeV1(l *Message) error {
	v1 := l.Text("type", "")
	name, special := v1Types[v1]
	if !special {
		for _, w := range strings.Split(v1, "_") {
			if w != "" {
				name += w[:1] + strings.ToLower(w[1:])
			}
		}
	}
	l.set("type", name)
	rates, decays := l.Floats("blobs_lr"), l.Floats("weight_decay")
	shared := l.Texts("param")
	l.drop("param")
	for i := range max(len(rates), len(decays), len(shared)) {
		p := newMessage()
		if i < len(shared) && shared[i] != "" {
			p.set("name", shared[i])
		}
		if i < len(rates) {
			p.set("lr_mult", rates[i])
		}
		if i < len(decays) {
			p.set("decay_mult", decays[i])
		}
		l.add("param", p)
	}
	for _, f := range []string{"blobs_lr", "weight_decay", "blob_share_mode"} {
		l.drop(f)
	}
	return nil
}

// v0Types names the layers of the first generation.
var v0Types = map[string]string{
	"accuracy": "ACCURACY", "bnll": "BNLL", "concat": "CONCAT", "conv": "CONVOLUTION", "data": "DATA",
	"dropout": "DROPOUT", "euclidean_loss": "EUCLIDEAN_LOSS", "flatten": "FLATTEN", "hdf5_data": "HDF5_DATA",
	"hdf5_output": "HDF5_OUTPUT", "im2col": "IM2COL", "images": "IMAGE_DATA", "infogain_loss": "INFOGAIN_LOSS",
	"innerproduct": "INNER_PRODUCT", "lrn": "LRN", "multinomial_logistic_loss": "MULTINOMIAL_LOGISTIC_LOSS",
	"pool": "POOLING", "relu": "RELU", "sigmoid": "SIGMOID", "softmax": "SOFTMAX", "softmax_loss": "SOFTMAX_LOSS",
	"split": "SPLIT", "tanh": "TANH", "window_data": "WINDOW_DATA",
}

// v0Params says in which message a type keeps its parameters.
var v0Params = map[string]string{
	"conv": "convolution_param", "innerproduct": "inner_product_param", "pool": "pooling_param", "lrn": "lrn_param",
	"dropout": "dropout_param", "data": "data_param", "hdf5_data": "hdf5_data_param", "images": "image_data_param",
	"window_data": "window_data_param", "infogain_loss": "infogain_loss_param", "concat": "concat_param",
	"hdf5_output": "hdf5_output_param",
}

// v0Names are the parameters whose names changed.
var v0Names = map[string]string{
	"biasterm": "bias_term", "kernelsize": "kernel_size", "batchsize": "batch_size", "det_fg_threshold": "fg_threshold",
	"det_bg_threshold": "bg_threshold", "det_fg_fraction": "fg_fraction", "det_context_pad": "context_pad",
	"det_crop_mode": "crop_mode", "shuffle_images": "shuffle",
}

// v0Transform are the parameters that every data layer keeps in its transformation.
var v0Transform = map[string]string{"scale": "scale", "meanfile": "mean_file", "cropsize": "crop_size", "mirror": "mirror"}

// upgradeV0 unfolds the connection and the layer of the first generation into one message.
func upgradeV0(layers []*Message) ([]*Message, error) {
	layers, err := foldPadding(layers)
	if err != nil {
		return nil, err
	}
	for i, l := range layers {
		v0 := l.Message("layer")
		if v0 == nil {
			continue
		}
		typ := v0.Text("type", "")
		if v0Types[typ] == "" {
			return nil, fmt.Errorf("caffe: layer %q: type %q is unknown", v0.Text("name", ""), typ)
		}
		up := newMessage()
		up.set("type", v0Types[typ])
		for _, f := range []string{"bottom", "top"} {
			if l.Has(f) {
				up.set(f, l.fields[f]...)
			}
		}
		param, transform := newMessage(), newMessage()
		for _, f := range v0.order {
			switch vs := v0.fields[f]; {
			case len(vs) == 0 || f == "type":
			case slices.Contains([]string{"name", "blobs", "blobs_lr", "weight_decay", "hdf5_output_param"}, f):
				up.set(f, vs...)
			case v0Transform[f] != "":
				transform.set(v0Transform[f], vs...)
			case v0Names[f] != "":
				param.set(v0Names[f], vs...)
			default:
				param.set(f, vs...)
			}
		}
		if len(param.fields) > 0 && v0Params[typ] != "" {
			up.set(v0Params[typ], param)
		}
		if len(transform.fields) > 0 {
			up.set("transform_param", transform)
		}
		layers[i] = up
	}
	return layers, nil
}

// foldPadding removes layers that only pad, and gives their padding to the layer that reads them.
func foldPadding(layers []*Message) ([]*Message, error) {
	last := map[string]*Message{} // the padding layer that made a blob
	var out []*Message
	for _, l := range layers {
		v0 := l.Message("layer")
		typ := v0.Text("type", "")
		for i, b := range l.Texts("bottom") {
			p := last[b]
			if p == nil {
				continue
			}
			if typ != "conv" && typ != "pool" {
				return nil, fmt.Errorf("caffe: layer %q of type %q reads padding; only conv and pool may", v0.Text("name", ""), typ)
			}
			v0.set("pad", p.Message("layer").last("pad"))
			l.fields["bottom"][i] = p.Text("bottom", "")
		}
		for _, t := range l.Texts("top") {
			delete(last, t)
			if typ == "padding" {
				last[t] = l
			}
		}
		if typ != "padding" {
			out = append(out, l)
		}
	}
	return out, nil
}
