// Package pixel has the inner loops of reading and resizing images, on bytes:
//
//	r := pixel.NewResizer(w, h, 224, 224, pixel.Bilinear)
//	r.Resize(dst, src, 3)
//	pixel.RGB(red, green, blue, y, cb, cr)
//
// Results are those of libjpeg (accurate integer transform, triangle upsampling) and of Pillow (22-bit
// fixed-point filters), bit for bit, on every machine. The package knows no file formats.
package pixel
