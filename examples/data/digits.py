"""Speaks the digits in many voices with espeak-ng and packs the recordings (8 kHz, mu-law WAV) as digits.zip.

Usage: python3 digits.py   (espeak-ng 1.51, soundfile, numpy, scipy)
Files are DIGIT-VOICE.wav with voices 00 … 35.
"""
import io
import pathlib
import random
import subprocess
import zipfile

import numpy as np
import soundfile as sf
from scipy.signal import resample_poly

WORDS = "zero one two three four five six seven eight nine".split()
ACCENTS = ["en-gb", "en-us", "en-gb-scotland", "en-029", "en-gb-x-rp", "en-gb-x-gbclan"]
VARIANTS = ["m1", "m3", "m7", "f2", "f4", "f5"]
random.seed(0)
voices = [(a, v) for a in ACCENTS for v in VARIANTS]
random.shuffle(voices)
with zipfile.ZipFile(pathlib.Path(__file__).parent / "digits.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for k, (accent, variant) in enumerate(voices):
        for d, word in enumerate(WORDS):
            speed, pitch = random.randint(130, 200), random.randint(30, 70)
            wav = subprocess.run(["espeak-ng", "-v", f"{accent}+{variant}", "-s", str(speed), "-p", str(pitch),
                                  "--stdout", word], capture_output=True, check=True).stdout
            x, rate = sf.read(io.BytesIO(wav), dtype="float64")
            x = resample_poly(x, 8000, rate)
            loud = np.flatnonzero(np.abs(x) > 0.02 * np.abs(x).max())
            x = x[loud[0]:loud[-1] + 1]
            x *= random.uniform(0.2, 0.6) / np.abs(x).max()
            x += np.random.default_rng(10 * k + d).normal(0, 0.003, len(x))
            out = io.BytesIO()
            sf.write(out, x, 8000, format="WAV", subtype="ULAW")
            z.writestr(zipfile.ZipInfo(f"{d}-{k:02d}.wav"), out.getvalue(), zipfile.ZIP_DEFLATED, 9)
