// Package vision reads photos and transforms them, with the names, defaults and results of torchvision's
// transforms (v2):
//
//	train, err := vision.NewFolder("photos", vision.FolderOptions{Transform: vision.Compose{
//		vision.RandomResizedCrop{Size: 224}, vision.RandomHorizontalFlip{},
//		vision.ToTensor{}, vision.Normalize{Mean: vision.ImageNetMean, Std: vision.ImageNetStd},
//	}})
//	loader := data.NewLoader(train, data.LoaderOptions{Shuffle: true, Workers: 2})
//
// Images are tensors [channels height width], U8 in 0…255 or F32 in 0…1. JPEG (baseline, progressive),
// PNG, GIF and WebP are read, upright as their EXIF data says. The package does not write images, transform
// boxes or masks, or run on batches.
package vision
