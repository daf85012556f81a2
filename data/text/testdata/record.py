"""Trains small tokenizers of every kind and records what they make of texts, in cases.json.gz.

Usage: python3 record.py TEXT   (tokenizers 0.23.3; any text file, such as fmt/doc.go of the Go sources)
"""
import gzip
import json
import pathlib
import sys

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LINES = pathlib.Path(sys.argv[1]).read_text().splitlines()
TEXTS = [
    "Hello, world!", "", " ", "a", "  two  spaces ", "I'll say it's John's, they've 12,345.67 things\n\n\tdone.",
    "Printf formats %v verbs; the default format for %v is:", "naïve café Ünïcödé ÀÉÎ", "日本語のテキスト和文", "emoji 👩‍👩‍👧 🎉!",
    "mixed日本語and English", "tabs\tand\nnewlines \r\n end  ", "UPPER lower CamelCase snake_case x1y2z3", "[MASK] is special <s>here</s>",
    "a" * 60, "don't can't won't 'tis", "¡Hola! ¿Qué tal? ½ ² Ⅷ", "zero\u200bwidth \u00a0nbsp \u3000ideographic", "١٢٣ 四五",
    "e\u0301 versus é; ﬁ ligature", "…—–“quotes”", "x" * 120 + " long",
]
PAIRS = [("What is it?", "It is a verb."), ("first", "second one")]
cases = []


def offsets(a, b, e):
    """Where tokens stand, in bytes of UTF-8."""
    at = lambda text, i: len((text or "")[:i].encode())
    return [[at(b if s == 1 else a, lo), at(b if s == 1 else a, hi)] for (lo, hi), s in zip(e.offsets, e.sequence_ids)]


def record(name, tok):
    path = json.loads(tok.to_str())
    runs = []
    for a, b in [(t, None) for t in TEXTS] + PAIRS:
        for special in (True, False):
            e = tok.encode(a, b, add_special_tokens=special)
            runs.append({"text": a, "pair": b or "", "plain": not special, "ids": e.ids, "types": e.type_ids,
                         "special": e.special_tokens_mask, "tokens": e.tokens,
                         "offsets": offsets(a, b, e), "decoded": tok.decode(e.ids), "kept": tok.decode(e.ids, skip_special_tokens=False)})
    cases.append({"name": name, "tokenizer": path, "runs": runs})


def train(tok, trainer):
    tok.train_from_iterator(LINES, trainer)
    return tok


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

gpt2 = Tokenizer(models.BPE())
gpt2.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
gpt2.decoder = decoders.ByteLevel()
train(gpt2, trainers.BpeTrainer(vocab_size=500, special_tokens=["<|endoftext|>", "<s>", "</s>"], show_progress=False,
                                initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
record("gpt2", gpt2)

roberta = Tokenizer.from_str(gpt2.to_str())
roberta.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
roberta.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1))
roberta.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
record("roberta", roberta)

llama3 = Tokenizer.from_str(gpt2.to_str())
llama3.pre_tokenizer = pre_tokenizers.Sequence([
    pre_tokenizers.Split(Regex(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
        "isolated", False),
    pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
llama3.post_processor = processors.Sequence([
    processors.ByteLevel(), processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])])
record("llama3", llama3)

for lower in (True, False):
    bert = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    bert.normalizer = normalizers.BertNormalizer(lowercase=lower)
    bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    bert.decoder = decoders.WordPiece()
    train(bert, trainers.WordPieceTrainer(vocab_size=400, special_tokens=SPECIAL, show_progress=False))
    bert.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    record(f"bert {'uncased' if lower else 'cased'}", bert)
old = Tokenizer.from_str(bert.to_str())
old.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
record("bert processing", old)

for fallback in (False, True):
    t5 = Tokenizer(models.Unigram())
    t5.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    t5.pre_tokenizer = pre_tokenizers.Metaspace()
    t5.decoder = decoders.Metaspace()
    train(t5, trainers.UnigramTrainer(vocab_size=300, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>",
                                      show_progress=False))
    if fallback:
        m = json.loads(t5.to_str())
        m["model"]["byte_fallback"] = True
        m["model"]["vocab"] += [[f"<0x{b:02X}>", -12.0] for b in range(256)]
        m["decoder"] = {"type": "Sequence", "decoders": [
            {"type": "ByteFallback"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]}
        t5 = Tokenizer.from_str(json.dumps(m))
    t5.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    record(f"unigram{' with bytes' if fallback else ''}", t5)

llama = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
llama.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
train(llama, trainers.BpeTrainer(vocab_size=300, show_progress=False,
                                 special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]))
m = json.loads(llama.to_str())
m["added_tokens"] = m["added_tokens"][:3]
m["decoder"] = {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
record("llama", Tokenizer.from_str(json.dumps(m)))

words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
words.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
words.pre_tokenizer = pre_tokenizers.Sequence([
    pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("merged_with_previous")])
train(words, trainers.WordLevelTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False))
record("words", words)

suffix = Tokenizer(models.BPE(unk_token="[UNK]", end_of_word_suffix="</w>"))
suffix.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous")])
suffix.decoder = decoders.BPEDecoder()
train(suffix, trainers.BpeTrainer(vocab_size=300, special_tokens=SPECIAL, end_of_word_suffix="</w>", show_progress=False))
record("suffix", suffix)

out = {"by": f"tokenizers {tokenizers.__version__}", "lines": LINES, "cases": cases}
text = json.dumps(out, ensure_ascii=True)
(pathlib.Path(__file__).parent / "cases.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
