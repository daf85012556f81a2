package onnx

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lathe-ml/lathe/eager"
	"github.com/lathe-ml/lathe/engine"
	"github.com/lathe-ml/lathe/jit"
	"github.com/lathe-ml/lathe/jit/onnx/pb"
)

// dynamicCase is a random layer as onnxruntime's quantize_dynamic writes it.
type dynamicCase struct {
	conv, bias, swapped bool
	twice               bool // weights may be more than a byte
	nodes               []*pb.NodeProto
	inits               []*pb.TensorProto
	x                   *eager.Tensor
}

func randomDynamic(r *rand.Rand) *dynamicCase {
	c := &dynamicCase{conv: r.IntN(2) == 0, bias: r.IntN(3) > 0, swapped: r.IntN(2) == 0}
	n, k, perChannel := 1+r.IntN(40), 1+r.IntN(50), r.IntN(2) == 0
	ws, behind, groups := engine.Shape{k, n}, engine.Shape{}, 1
	kind := "MatMulInteger"
	var attrs []*pb.AttributeProto
	switch {
	case !c.conv:
		lead := [][]int{{5}, {2, 3}, {}, {1}}[r.IntN(4)]
		c.x = normalOf(r, append(slices.Clone(lead), k)...)
	default:
		kind, k = "ConvInteger", 1+r.IntN(9)
		if r.IntN(3) == 0 {
			groups, n = k, k*(1+r.IntN(2))
		}
		axes := 1 + r.IntN(2)
		kernel, pads := []int{3, 2}[:axes], []int{1, 0, 2, 1}[:2*axes]
		ws, behind = append(engine.Shape{n, k / groups}, kernel...), engine.Shape{1, 1}[:axes]
		c.x = normalOf(r, append([]int{2, k}, []int{7, 6}[:axes]...)...)
		attrs = append(attrs, attrInt("group", groups), attrInts("pads", pads), attrInts("kernel_shape", kernel))
	}
	low, high := -128, 128
	wt, zt := engine.I8, []int{0}
	if r.IntN(3) == 0 {
		wt, low, high, zt = engine.U8, 0, 256, []int{128}
		if groups == 1 && r.IntN(3) > 0 {
			c.twice, zt[0] = true, 1+r.IntN(255)
		}
	}
	channels := append(engine.Shape{n}, behind...)
	scales := engine.Shape{}
	if perChannel {
		scales = channels
	}
	c.constant("w", eager.Rand(ws...).Mul(float64(high-low)).Add(float64(low)).Floor().Clamp(float64(low), float64(high-1)).To(wt))
	c.constant("ws", eager.Rand(scales...).Add(0.01))
	product := "q w z"
	if wt == engine.U8 || r.IntN(2) == 0 {
		c.constant("wz", eager.FromInts(zt).Reshape().To(wt))
		product += " wz"
	}
	c.node("DynamicQuantizeLinear", "x0", "q s z")
	c.node("Mul", c.two("s", "ws"), "both")
	c.node(kind, product, "sums", attrs...)
	c.node("Cast", "sums", "numbers", attrInt("to", int(Float)))
	if !c.bias {
		c.node("Mul", c.two("numbers", "both"), "y")
		return c
	}
	c.node("Mul", c.two("numbers", "both"), "scaled")
	c.constant("b", eager.Randn(n))
	bias := "b"
	if c.conv {
		bias = "shaped"
		c.constant("shape", eager.FromInts(append([]int{1, n}, behind...)))
		c.node("Reshape", "b shape", "shaped")
	}
	c.node("Add", c.two("scaled", bias), "y")
	return c
}

func normalOf(r *rand.Rand, shape ...int) *eager.Tensor {
	v := make([]float32, engine.Shape(shape).Numel())
	for i := range v {
		v[i] = float32(r.NormFloat64() + 0.3)
	}
	return eager.FromArray(engine.Of(engine.Shape(shape), v))
}

func (c *dynamicCase) node(kind, in, out string, attrs ...*pb.AttributeProto) {
	c.nodes = append(c.nodes, nodeOf(kind, in, out, attrs...))
}

func (c *dynamicCase) constant(name string, x *eager.Tensor) {
	c.inits = append(c.inits, EncodeTensor(name, FromTensor(x)))
}

// two are operands in either order.
func (c *dynamicCase) two(a, b string) string {
	if c.swapped {
		return b + " " + a
	}
	return a + " " + b
}

// model reads the layer. Where the sums are a result as well, its operators stay apart.
func (c *dynamicCase) model(t *testing.T, apart bool) *Model {
	t.Helper()
	p := model(17, 1, c.nodes...)
	p.Graph.Initializer = c.inits
	if apart {
		p.Graph.Output = append(p.Graph.Output, &pb.ValueInfoProto{Name: proto.String("numbers")})
	}
	m, err := FromProto(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A layer that makes bytes of what it reads gives the bits that its operators give one by one.
func TestDynamicLayersGiveTheBitsOfTheirOperators(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	nan, inf := math.NaN(), math.Inf(1)
	for i := range 150 {
		c := randomDynamic(r)
		layer, apart := c.model(t, false), c.model(t, true)
		want := "DynamicLinear"
		if c.conv {
			want = "DynamicConv"
		}
		if k := layer.kinds(); len(k) != 1 || k[0] != want {
			t.Fatalf("case %d: operators %q, want one %s", i, k, want)
		}
		if k := apart.kinds(); !slices.Contains(k, "DynamicQuantizeLinear") || slices.Contains(k, want) {
			t.Fatalf("case %d: operators %q, want them apart", i, k)
		}
		inputs := []*eager.Tensor{c.x, c.x.Abs(), c.x.Abs().Neg(), c.x.Mul(1e-41), c.x.Mul(1e-44), c.x.Mul(1e30), eager.ZerosLike(c.x)}
		for _, bad := range []float64{nan, inf, -inf} {
			inputs = append(inputs, eager.Where(c.x.Eq(c.x.Max()), eager.FullLike(c.x, bad), c.x))
		}
		if len(c.x.Shape()) == 4 {
			inputs = append(inputs, c.x.Permute(0, 2, 3, 1).Contiguous().Permute(0, 3, 1, 2))
		}
		eager.NoGrad(func() {
			g, err := jit.Trace(layer.Apply, c.x)
			if err != nil {
				t.Fatalf("case %d: %v", i, err)
			}
			frozen, err := g.Freeze()
			if err != nil {
				t.Fatalf("case %d: %v", i, err)
			}
			p, err := ExportGraph(g.Graph, nil, ExportOptions{})
			if err != nil {
				t.Fatalf("case %d: %v", i, err)
			}
			back, err := FromProto(p, nil)
			if err != nil {
				t.Fatalf("case %d: %v", i, err)
			}
			if k := back.kinds(); !c.twice && !slices.Equal(k, []string{want, "Identity"}) {
				t.Fatalf("case %d came back as %q, want one %s and the name of its result", i, k, want)
			}
			for k, x := range inputs {
				y := apart.Apply(x)[0]
				for name, got := range map[string]*eager.Tensor{
					"layer": layer.Apply(x)[0], "graph": g.Run(x.Contiguous())[0], "frozen": frozen.Run(x.Contiguous())[0],
					"back": back.Apply(x)[0],
				} {
					sameBits(t, got, y, "case %d, input %d, %s %s", i, k, want, name)
				}
			}
		})
	}
}

func sameBits(t *testing.T, got, want *eager.Tensor, format string, args ...any) {
	t.Helper()
	if !got.Shape().Equal(want.Shape()) {
		t.Fatalf(format+": shape %v, want %v", append(args, got.Shape(), want.Shape())...)
	}
	w := want.Contiguous().Array().F32()
	for i, v := range got.Contiguous().Array().F32() {
		if math.Float32bits(v) != math.Float32bits(w[i]) && (v == v || w[i] == w[i]) {
			t.Fatalf(format+": element %d is %v, want %v", append(args, i, v, w[i])...)
		}
	}
}
