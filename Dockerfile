# Builds the one static binary and runs the workbench on port 8888 over /notebooks.
#   docker build -t lathe . && docker run -p 8888:8888 -v "$PWD:/notebooks" lathe
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /lathe ./cmd/lathe

FROM debian:12-slim
COPY --from=build /lathe /lathe
WORKDIR /notebooks
EXPOSE 8888
ENTRYPOINT ["/lathe"]
CMD ["serve", "--addr", "0.0.0.0:8888", "--no-open"]
