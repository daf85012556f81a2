package models

import (
	"io/fs"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/internal/conform/report"
	"github.com/lathe-ml/lathe/jit/caffe"
)

// runWeChat finds QR codes and enlarges them, as OpenCV's module does.
func runWeChat(refs fs.FS, rep *report.Report) error {
	var runs []struct {
		Net           string
		Input, Output tensor
	}
	numbers, err := records(refs, "caffe_wechat_qr", &runs)
	if err != nil {
		return err
	}
	for _, r := range runs {
		d, err := func() (float64, error) {
			net, err := loadCaffe(refs, "caffe/wechat_"+r.Net)
			if err != nil {
				return 0, err
			}
			x, err := r.Input.read(numbers)
			if err != nil {
				return 0, err
			}
			want, err := r.Output.read(numbers)
			if err != nil {
				return 0, err
			}
			out, err := net.Forward(map[string]*eager.Tensor{"data": x})
			if err != nil {
				return 0, err
			}
			worst := 0.0
			for _, y := range out {
				if extra := want.Size(2) - y.Size(2); r.Net == "detect" && extra > 0 {
					// The recorded list has a fixed length, with zeros after the last detection.
					y = y.Pad([]int{0, 0, 0, 0}, []int{0, 0, extra, 0}, 0)
				}
				if !y.Shape().Equal(want.Shape()) {
					rep.Fail("caffe", "wechat_"+r.Net, "shape is "+y.Shape().String()+", want "+want.Shape().String())
					continue
				}
				worst = max(worst, y.Sub(want).Abs().Max().Item())
			}
			return worst, nil
		}()
		outcome(rep, "caffe", "wechat_"+r.Net, d, 1e-4, err)
	}
	return nil
}

// loadCaffe reads NAME.prototxt and NAME.caffemodel.
func loadCaffe(refs fs.FS, name string) (*caffe.Net, error) {
	text, err := readFile(refs, name+".prototxt")
	if err != nil {
		return nil, err
	}
	m, err := caffe.ParseNet(text)
	if err != nil {
		return nil, err
	}
	net, err := caffe.New(m, caffe.Test)
	if err != nil {
		return nil, err
	}
	weights, err := readFile(refs, name+".caffemodel")
	if err != nil {
		return nil, err
	}
	return net, net.SetWeights(weights)
}
