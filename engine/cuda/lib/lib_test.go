package lib

import (
	"slices"
	"testing"
)

func TestAVariableNamesTheOnlyLibrary(t *testing.T) {
	t.Setenv("LATHE_LIBCUBLAS", "/x/libcublas.so")
	if got := Find("LATHE_LIBCUBLAS", "cublas", "libcublas.so.12"); !slices.Equal(got, []string{"/x/libcublas.so"}) {
		t.Errorf("found %v", got)
	}
	t.Setenv("LATHE_LIBCUBLAS", "none")
	if got := Find("LATHE_LIBCUBLAS", "cublas", "libcublas.so.12"); len(got) != 0 {
		t.Errorf("found %v, want nothing", got)
	}
}

func TestWheelsLieBesideEachOther(t *testing.T) {
	for _, v := range wheels {
		t.Setenv(v, "")
	}
	t.Setenv("LATHE_LIBNVRTC", "/v/nvidia/cuda_nvrtc/lib/libnvrtc.so.12")
	got := Find("LATHE_LIBCUDNN", "cudnn", "libcudnn.so.9")
	want := []string{
		"libcudnn.so.9", "/usr/local/cuda/lib64/libcudnn.so.9", "/v/nvidia/cuda_nvrtc/lib/libcudnn.so.9",
		"/v/nvidia/cudnn/lib/libcudnn.so.9",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}
