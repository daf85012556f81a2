// Package jpeg decodes JPEG photographs, baseline and progressive, to planes of bytes:
//
//	img, err := jpeg.Decode(file, jpeg.Options{Reduce: 2})
//	if err == nil {
//		red := img.Pix[:img.Width*img.Height]
//	}
//
// Samples equal libjpeg's with its default settings (accurate integer transform, triangle upsampling),
// bit for bit, also for images reduced in the transform. Memory is bounded by the length of the file. It
// does not decode arithmetic coding, lossless JPEG or 12-bit samples, and does not encode.
package jpeg
