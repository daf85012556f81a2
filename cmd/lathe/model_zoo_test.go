package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestTheZooListsAndRunsWhatWasAdded(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	const shelf = "../../internal/conform/testdata/models/caffe/wechat_detect."
	const photo = "../../jit/zoo/testdata/qr.png"
	for _, c := range []struct{ args, want, err string }{
		{"zoo list", "", "wants -index"},
		{"zoo list -index " + dir, "", "has no index.json"},
		{"zoo add " + shelf + "prototxt.zst -index " + dir, "", "wants files, -name"},
		{
			"zoo add " + shelf + "prototxt.zst " + shelf + "caffemodel.zst -index " + dir +
				" -name qr -task object-detection -licence Apache-2.0 -labels background,code" +
				` -input {"width":200,"height":200,"gray":true}`, "qr is in", "",
		},
		{"zoo list -index " + dir, "object-detection", ""},
		{"zoo get qr -cache " + cache + " -index " + dir, "wechat_detect.caffemodel", ""},
		{"zoo run qr " + photo + " -cache " + cache + " -index " + dir, "code", ""},
		{"zoo run qr " + photo + " -json -cache " + cache + " -index " + dir, `"label":"code"`, ""},
		{"zoo run qr nothing.png -cache " + cache + " -index " + dir, "", "nothing.png"},
		{"zoo run face " + photo + " -index " + dir, "", `no model "face"; the index has qr`},
		{"zoo steal qr -index " + dir, "", "want list, get NAME"},
	} {
		var out, errs bytes.Buffer
		status := realMain(context.Background(), append([]string{"model"}, strings.Fields(c.args)...), &out, &errs)
		if (status != 0) != (c.err != "") || !strings.Contains(out.String(), c.want) || !strings.Contains(errs.String(), c.err) {
			t.Errorf("%s: status %d, output %q, errors %q; want %q, %q", c.args, status, out.String(), errs.String(), c.want, c.err)
		}
	}
}
