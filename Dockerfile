# Builds the one static binary and runs the workbench on port 8888 over /notebooks.
#   docker build -t lathe . && docker run -p 8888:8888 -v "$PWD:/notebooks" lathe
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /lathe ./cmd/lathe

# docker build --target cuda -t lathe-cuda . makes the binary for NVIDIA GPUs (docs/cuda.md); run it with --gpus all.
FROM golang:1.26 AS build-cuda
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /cuda && /cuda/bin/pip install nvidia-cuda-runtime-cu12==12.9.79 nvidia-cuda-nvrtc-cu12==12.9.86 && \
    ln -s /cuda/lib/python3*/site-packages/nvidia /nvidia
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go run ./engine/cuda/shim /shim && CGO_CFLAGS=-I/nvidia/cuda_runtime/include CGO_LDFLAGS=-L/shim \
    go build -trimpath -tags cuda -ldflags "-s -w" -o /lathe ./cmd/lathe

FROM debian:12-slim AS cuda
COPY --from=build-cuda /lathe /lathe
COPY --from=build-cuda /nvidia/cuda_nvrtc/lib /usr/local/lib
RUN ldconfig
WORKDIR /notebooks
EXPOSE 8888
ENTRYPOINT ["/lathe"]
CMD ["serve", "--addr", "0.0.0.0:8888", "--no-open"]

FROM debian:12-slim
COPY --from=build /lathe /lathe
WORKDIR /notebooks
EXPOSE 8888
ENTRYPOINT ["/lathe"]
CMD ["serve", "--addr", "0.0.0.0:8888", "--no-open"]
