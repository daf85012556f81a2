// Package text turns text into numbers for models and back, as Hugging Face's tokenizers do:
//
//	tok, err := text.ReadTokenizer("tokenizer.json")
//	ids := tok.Encode("Hello, world!").IDs
//	back := tok.Decode(ids)
//	small, err := text.TrainBPE(slices.Values(lines), text.BPEOptions{Vocab: 2048})
//	err = small.WriteFile("tokenizer.json")
//
// It reads and writes tokenizer.json: byte-level and character BPE, WordPiece, Unigram and word-level
// models with their normalizers, pre-tokenizers, post-processors and decoders. It does not report where in
// the text a token stands, does not pad, and does not train WordPiece or Unigram models.
package text
