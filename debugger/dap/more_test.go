package dap_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestExceptionsStopWhereTheyBegin(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.run("func pick(xs []int, k int) int {\n\tn := k * 2\n\treturn xs[n]\n}\nfunc safe(k int) (err any) {\n\tdefer func() { err = recover() }()\n\tpick(nil, k)\n\treturn nil\n}")
		c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"panic"}})
		wait := c.execute("a := safe(1)\nb := pick([]int{1, 2, 3}, 2)")
		e := c.stopped("exception")
		if got := c.stack(e); got != "pick:3 cell:2" {
			t.Errorf("stack %s", got)
		}
		if got := c.vars(c.frames(e)[0], "Locals"); got != "xs=[1, 2, 3] k=2 n=4" {
			t.Errorf("locals %s", got)
		}
		c.resume("continue", e)
		if wait(); !strings.HasPrefix(c.output(), "panic: runtime error: index out of range ") {
			t.Error("the panic is not reported")
		}
		c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"recovered"}})
		wait = c.execute("safe(3) != nil")
		e = c.stopped("exception")
		if got := c.stack(e); got != "pick:3 safe:7 cell:1" {
			t.Errorf("stack %s", got)
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "=> true\n")
		c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"error"}})
		wait = c.execute("os.Open(\"/none\")")
		e = c.stopped("exception")
		if text := fmt.Sprint(e["text"]); !strings.Contains(text, "/none") {
			t.Errorf("text %s", text)
		}
		c.resume("continue", e)
		wait()
	})
}

func TestFramesStayAfterAPanic(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"afterwards"}})
	c.run("func inner(x []float64) float64 {\n\ty := x[0] * 2\n\treturn x[len(x)+int(y)]\n}")
	wait := c.execute("z := inner([]float64{1.5})")
	e := c.stopped("exception")
	if s := wait(); s != "error" {
		t.Error(s)
	}
	if got := c.stack(e); got != "inner:3 cell:1" {
		t.Errorf("stack %s", got)
	}
	f := c.frames(e)[0]
	if got := c.vars(f, "Locals"); got != "x=[1.5] y=3" {
		t.Errorf("locals %s", got)
	}
	if got := c.eval(f, "len(x) + int(y)"); got != "4" {
		t.Errorf("eval %s", got)
	}
	c.resume("continue", e)
	c.output()
	if got := c.run("2 + 2"); got != "=> 4\n" {
		t.Error(got)
	}
	if r := c.ask("stackTrace", map[string]any{"threadId": e["threadId"]}); r["success"] == true {
		t.Error("the frames are still there after the next run")
	}
}

func TestTensorsAreSeen(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "w := t.FromFloat32s([]float32{1, 2, 3, 4}).Reshape(2, 2).SetRequiresGrad(true)\nfunc lossOf(w *t.Tensor) *t.Tensor {\n\ty := w.Mul(w)\n\treturn y.Sum()\n}\nloss := lossOf(w)\nloss.Backward()\nloss.Item()"
		c.breaks(c.dump(cell), 4, 8)
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		f := c.frames(e)[0]
		if got := c.vars(f, "Locals"); got != "w=f32[2 2] [1 2 3 4] requires grad y=f32[2 2] [1 4 9 16] requires grad" {
			t.Errorf("locals %s", got)
		}
		v := c.do("latheTensor", map[string]any{"expression": "y", "frameId": f["id"], "bins": 3})
		if got := fmt.Sprint(v["dtype"], v["shape"], v["stats"], v["histogram"], v["op"]); got !=
			"f32[2 2] map[inf:0 max:16 mean:7.5 min:1 nan:0 std:5.678908345800274 zero:0] map[counts:[2 1 1] max:16 min:1]Mul" {
			t.Errorf("view %s", got)
		}
		if got := fmt.Sprint(v["grid"]); got != "map[axes:[0 1] columns:[0 2] index:[0 0] rows:[0 2] values:[[1 4] [9 16]]]" {
			t.Errorf("grid %s", got)
		}
		c.resume("continue", e)
		e = c.stopped("breakpoint")
		f = c.frames(e)[0]
		v = c.do("latheTensor", map[string]any{"expression": "w", "frameId": f["id"], "axes": []int{1, 0}})
		if got := fmt.Sprint(v["grad"].(map[string]any)["grid"].(map[string]any)["values"]); got != "[[2 6] [4 8]]" {
			t.Errorf("gradient %s", got)
		}
		tape := c.do("latheTape", map[string]any{"expression": "loss", "frameId": f["id"]})
		var got []string
		for _, n := range tape["nodes"].([]any) {
			n := n.(map[string]any)
			got = append(got, fmt.Sprintf("%v:%v:%v", n["op"], n["function"], n["line"]))
		}
		if s := strings.Join(got, " "); s != "Sum:lossOf:4 Mul:lossOf:3 :<nil>:<nil>" {
			t.Errorf("tape %s", s)
		}
		c.breaks(c.dump(cell))
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 30\n")
	})
}

func TestTheFirstNaNStopsAtItsOperator(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"nan"}})
		c.run("func risky(x *t.Tensor) *t.Tensor {\n\ty := x.Add(1)\n\tz := y.Log()\n\treturn z.Sum()\n}")
		wait := c.execute("x := t.FromFloat32s([]float32{-3, 1})\nrisky(x).Item()")
		e := c.stopped("exception")
		if got := c.stack(e); got != "risky:3 cell:2" {
			t.Errorf("stack %s", got)
		}
		if text := fmt.Sprint(e["text"]); text != "Log gave NaN in 1 of 2 elements of f32[2]" {
			t.Errorf("text %s", text)
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "=> NaN\n")
		// In backward alone: sqrt(0) is fine, its gradient times 0 is not.
		wait = c.execute("v := t.FromFloat32s([]float32{0, 4}).SetRequiresGrad(true)\nr := v.Sqrt()\nm := r.Mul(t.FromFloat32s([]float32{0, 1}))\nm.Sum().Backward()")
		e = c.stopped("exception")
		if got := c.stack(e); got != "cell:4" {
			t.Errorf("stack %s", got)
		}
		if text := fmt.Sprint(e["text"]); !strings.Contains(text, "the gradient of Sqrt has NaN in 1 of 2 elements") ||
			!strings.Contains(text, "line 2") {
			t.Errorf("text %s", text)
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "")
	})
}

func TestShapesAndLargeGradientsStop(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.do("setExceptionBreakpoints", map[string]any{"filters": []string{}, "filterOptions": []any{
			map[string]any{"filterId": "gradient", "condition": "50"},
		}})
		wait := c.execute("w := t.FromFloat32s([]float32{1, 2}).SetRequiresGrad(true)\nw.Mul(10).Sum().Backward()\nw.Mul(100).Sum().Backward()")
		e := c.stopped("exception")
		if got := c.stack(e); got != "cell:3" {
			t.Errorf("stack %s (%v)", got, e["text"])
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "")
		r := c.ask("setExceptionBreakpoints", map[string]any{"filterOptions": []any{
			map[string]any{"filterId": "gradient", "condition": "many"},
		}})
		if r["success"] == true {
			t.Error("many is a norm")
		}
	})
}

func TestATensorErrorStops(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.start()
	c.do("setExceptionBreakpoints", map[string]any{"filters": []string{"tensor"}})
	wait := c.execute("func forward(x, w *t.Tensor) *t.Tensor {\n\th := x.MatMul(w)\n\treturn h\n}\nforward(t.Zeros(2, 3), t.Zeros(4, 5))")
	e := c.stopped("exception")
	if got := c.stack(e); got != "forward:2 cell:5" {
		t.Errorf("stack %s", got)
	}
	if text := fmt.Sprint(c.do("exceptionInfo", map[string]any{"threadId": e["threadId"]})["description"]); !strings.HasPrefix(text, "MatMul") {
		t.Errorf("text %s", text)
	}
	c.resume("continue", e)
	wait()
}

func TestGradientBreakpointsStopInBackward(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.run("net := nn.NewLinear(2, 3)\nh := t.FromFloat32s([]float32{1, 2}).SetRequiresGrad(true)")
		body := c.do("latheGradient", map[string]any{"expression": "net"})
		if body["tensors"] != 2.0 {
			t.Errorf("%v", body)
		}
		wait := c.execute("net.Forward(t.Ones(1, 2)).Sum().Backward()")
		for range 2 {
			e := c.stopped("gradient breakpoint")
			if got := c.stack(e); got != "cell:1" || !strings.HasPrefix(fmt.Sprint(e["text"]), "the gradient of net is f32") {
				t.Errorf("stack %s: %v", got, e["text"])
			}
			c.resume("continue", e)
		}
		c.ends(wait, "ok", "")
		if got, want := fmt.Sprint(c.do("debugInfo", nil)["latheGradients"]), fmt.Sprintf("[map[expression:net id:%v tensors:2]]", body["id"]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		for _, v := range c.do("inspectVariables", nil)["variables"].([]any) {
			v := v.(map[string]any)
			if name := v["name"]; (v["latheModule"] == true) != (name == "net") || (v["latheTensor"] == true) != (name == "h") {
				t.Errorf("%v", v)
			}
		}
		c.do("latheClearGradient", map[string]any{"id": body["id"]})
		if got := c.do("debugInfo", nil)["latheGradients"]; len(got.([]any)) != 0 {
			t.Errorf("%v", got)
		}
		c.ends(c.execute("net.Forward(t.Ones(1, 2)).Sum().Backward()"), "ok", "")
	})
}

func TestLocalsBecomeGlobals(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "type rec struct{ n int }\nfunc f() int {\n\tr := &rec{4}\n\tr.n++\n\treturn r.n\n}\nf()"
		c.breaks(c.dump(cell), 5)
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		c.do("copyToGlobals", map[string]any{"srcVariableName": "r", "dstVariableName": "kept", "srcFrameId": c.frames(e)[0]["id"]})
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 5\n")
		if got := c.run("kept.n + 1"); got != "=> 6\n" {
			t.Error(got)
		}
		list := c.do("inspectVariables", nil)["variables"].([]any)
		if len(list) != 1 || list[0].(map[string]any)["name"] != "kept" {
			t.Errorf("%v", list)
		}
		rich := c.do("richInspectVariables", map[string]any{"variableName": "kept"})
		if rich["data"].(map[string]any)["text/plain"] == nil {
			t.Errorf("%v", rich)
		}
	})
}

func TestLanguageFormsKeepTheirMeaning(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.do("pause", map[string]any{}) // the first statement stops; from there on every statement is stepped
		cell := `
type shape interface{ area() float64 }
type sq struct{ s float64 }
func (q sq) area() float64 { return q.s * q.s }
func kind(v any) string {
	switch x := v.(type) {
	case nil:
		return "nil"
	case int, string:
		return fmt.Sprint("basic ", x)
	case shape:
		return fmt.Sprint("shape ", x.area())
	}
	return "other"
}
func each[T any](xs []T, f func(T)) {
	for _, x := range xs {
		f(x)
	}
}
func named(n int) (r int, err error) {
	defer func() {
		if v := recover(); v != nil {
			r, err = -1, fmt.Errorf("%v", v)
		}
	}()
	if n > 1 {
		panic("big")
	} else if k := n * 2; k > 1 {
		r = k
		return
	}
	return n, nil
}
out := ""
each([]any{nil, 3, sq{2}, 'x'}, func(v any) { out += kind(v) + ";" })
outer:
for i := range 3 {
	for j := 0; ; j++ {
		switch {
		case j == 2:
			continue outer
		case i == 2:
			break outer
		default:
			out += fmt.Sprint(i, j)
			if i == 0 {
				fallthroughs := i
				_ = fallthroughs
			}
		}
	}
}
switch 1 {
case 1:
	out += "one"
	fallthrough
case 2:
	out += "two"
}
ch := make(chan int, 1)
select {
case v := <-ch:
	out += fmt.Sprint(v)
default:
	out += "none"
}
i := 0
again:
if i < 2 {
	i++
	goto again
}
r1, e1 := named(1)
r2, e2 := named(2)
fmt.Println(out, i, r1, e1, r2, e2)
var fs []func() int
for k := 0; k < 3; k++ {
	fs = append(fs, func() int { k *= 2; return k })
}
fmt.Println(fs[0](), fs[1](), fs[2]())`
		wait := c.execute(cell)
		e := c.stopped("pause")
		steps := c.stepToEnd(e, wait)
		if steps < 50 {
			t.Errorf("%d steps", steps)
		}
		if got, want := c.output(), "nil;basic 3;shape 4;other;0 00 11 01 1onetwonone 2 2 <nil> -1 big\n0 2 4\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestBodiesOfLoopsOverFunctionsAreOnTop(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		c.run("func upTo(n int) func(func(int) bool) {\n\treturn func(yield func(int) bool) {\n\t\tfor i := range n {\n\t\t\tif !yield(i) {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}\n}")
		def := "func sum(n int) (s int) {\n\tfor v := range upTo(n) {\n\t\td := v * 10\n\t\ts += d\n\t}\n\treturn s\n}"
		c.breaks(c.dump(def), 4)
		c.run(def)
		wait := c.execute("sum(3)")
		e := c.stopped("breakpoint")
		if got := c.stack(e); got != "sum, loop body:4 func literal in upTo:4 sum:4 cell:1" {
			t.Errorf("stack %s", got)
		}
		if got := c.vars(c.frames(e)[0], "Locals"); got != "n=3 s=0 v=0 d=0" {
			t.Errorf("locals %s", got)
		}
		c.breaks(c.dump(def))
		for _, line := range []int{3, 4, 3} { // over the function that makes the numbers
			c.resume("next", e)
			e = c.stopped("step")
			if got, want := c.stack(e), fmt.Sprintf("sum, loop body:%d func literal in upTo:4 sum:%[1]d cell:1", line); got != want {
				t.Errorf("stack %s, want %s", got, want)
			}
		}
		c.resume("stepIn", e)
		e = c.stopped("step")
		c.resume("continue", e)
		c.ends(wait, "ok", "=> 30\n")
	})
}

func TestTypesOfAFunctionAreNotInTheWayOfExpressions(t *testing.T) {
	each(t, func(t *testing.T, c *client) {
		c.start()
		cell := "func f(xs []int) bool {\n\ttype ring struct{ next *ring }\n\tr := &ring{}\n\tr.next = r\n\treturn r.next == r\n}\nf(make([]int, 10))"
		c.breaks(c.dump(cell), 5)
		wait := c.execute(cell)
		e := c.stopped("breakpoint")
		if got := c.eval(c.frames(e)[0], "xs[9] = 5; xs[9] + len(xs)"); got != "15" {
			t.Error(got)
		}
		c.resume("continue", e)
		c.ends(wait, "ok", "=> true\n")
	})
}

func TestANilTensorIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	c := connect(t, "exact")
	c.run("var x *t.Tensor")
	if r := c.ask("latheTensor", map[string]any{"expression": "x"}); r["message"] != "the tensor is nil" {
		t.Errorf("%v", r)
	}
}
