"""Writes a clip of speech in many kinds of WAV and FLAC, and torchaudio's features of it, to audio.json.gz.

Usage: python3 record.py SPEECH.wav   (soundfile 0.14.0, torchaudio 2.11.0; a mono recording of at least 2 s)
"""
import base64
import gzip
import io
import json
import pathlib
import sys

import numpy as np
import soundfile as sf
import torch
import torchaudio
from torchaudio import functional as F, transforms as T

x, rate = sf.read(sys.argv[1], dtype="float32")
x = x[rate:rate + 4000]
other = x[::-1] * 0.5
stereo = np.stack([x, other], 1)


def b64(a):
    return base64.b64encode(np.ascontiguousarray(a, dtype=np.float32).tobytes()).decode()


files = []
for kind, subtype in (("WAV", s) for s in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW")):
    out = io.BytesIO()
    sf.write(out, stereo[:300], rate, format=kind, subtype=subtype)
    files.append([f"wav {subtype}", out.getvalue(), stereo[:300]])
for subtype in ("PCM_16", "PCM_24"):
    out = io.BytesIO()
    sf.write(out, stereo[:300], rate, format="WAVEX", subtype=subtype)
    files.append([f"wavex {subtype}", out.getvalue(), stereo[:300]])
for subtype in ("PCM_S8", "PCM_16", "PCM_24"):
    out = io.BytesIO()
    sf.write(out, stereo, rate, format="FLAC", subtype=subtype)
    files.append([f"flac {subtype}", out.getvalue(), stereo])
file_cases = []
for name, data, _ in files:
    want, r = sf.read(io.BytesIO(data), dtype="float32", always_2d=True)
    file_cases.append({"name": name, "file": base64.b64encode(data).decode(), "rate": r, "shape": list(want.T.shape),
                       "want": b64(want.T)})

w = torch.tensor(x)[None]
features = {
    "spectrogram": T.Spectrogram()(w), "spectrogram 512": T.Spectrogram(n_fft=512, win_length=400, hop_length=160, power=1)(w),
    "mel": T.MelSpectrogram(rate)(w), "mel slaney": T.MelSpectrogram(rate, n_fft=512, n_mels=40, f_min=50, f_max=7000,
                                                                     mel_scale="slaney", norm="slaney")(w),
    "db": T.AmplitudeToDB(top_db=80)(T.MelSpectrogram(rate, n_fft=512, n_mels=40)(w)),
    "mfcc": T.MFCC(rate, n_mfcc=20, melkwargs={"n_mels": 40, "n_fft": 512})(w),
    "mfcc log": T.MFCC(rate, log_mels=True, melkwargs={"n_mels": 64, "n_fft": 512})(w),
    "resample 8000": F.resample(w, rate, 8000), "resample 44100": F.resample(w, rate, 44100)[:, :4000],
    "resample 11025": F.resample(w, rate, 11025),
}
out = {"by": f"torchaudio {torchaudio.__version__}, soundfile {sf.__version__}", "rate": rate, "clip": b64(x), "files": file_cases,
       "features": [{"name": k, "shape": list(v.shape), "want": b64(v.numpy())} for k, v in features.items()]}
(pathlib.Path(__file__).parent / "audio.json.gz").write_bytes(gzip.compress(json.dumps(out).encode(), 9, mtime=0))
