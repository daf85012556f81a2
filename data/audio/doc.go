// Package audio reads recordings and turns them into features for models, with the results of torchaudio:
//
//	wave, err := audio.Read("seven.wav")
//	wave = wave.Resample(16000)
//	mel := audio.MelSpectrogram{Rate: 16000, Mels: 80}.Apply(wave.Samples)
//	features := audio.AmplitudeToDB{TopDB: 80}.Apply(mel)
//
// Samples are F32 [channels frames] in −1…1. WAV (PCM of 8 to 32 bits, floats, A-law, µ-law) and FLAC are
// read, 16-bit WAV is written. Features carry no gradients (eager/fft has transforms that do). The package
// does not record or play sound.
package audio
