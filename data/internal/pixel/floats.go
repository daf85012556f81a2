package pixel

// Floats is Resize for floats, which are not rounded or clamped.
func (r *Resizer) Floats(dst, src []float32, planes int) {
	if r.x == nil && r.y == nil {
		copy(dst, src[:planes*r.w*r.h])
		return
	}
	mid := src
	if r.x != nil {
		mid = make([]float32, planes*r.h*r.ow)
		r.x.across(mid, src)
	}
	if r.y == nil {
		copy(dst, mid)
		return
	}
	for p := range planes {
		r.y.down(dst[p*r.ow*r.oh:][:r.ow*r.oh], mid[p*r.ow*r.h:][:r.ow*r.h], r.ow)
	}
}

func (f *filter) across(dst, src []float32) {
	for y := range len(src) / f.from {
		in, out := src[y*f.from:][:f.from], dst[y*f.n:][:f.n]
		for x := range out {
			first, n := f.span[2*x], f.span[2*x+1]
			sum := 0.0
			for k, v := range in[first : first+n] {
				sum += f.weight[x*f.size+k] * float64(v)
			}
			out[x] = float32(sum)
		}
	}
}

func (f *filter) down(dst, src []float32, w int) {
	for y := range f.n {
		first, n := int(f.span[2*y]), int(f.span[2*y+1])
		out := dst[y*w:][:w]
		clear(out)
		for k := range n {
			c := float32(f.weight[y*f.size+k])
			for x, v := range src[(first+k)*w:][:w] {
				out[x] += c * v
			}
		}
	}
}
