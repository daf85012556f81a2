#!/usr/bin/env bash
# Writes the Go code of Spark Connect's messages from the .proto files inside the Spark Connect jar.
# Needs SPARK_HOME (for example the pyspark folder of a virtual environment), python3 and Go.
#   SPARK_HOME=… spark/connectpb/generate.sh
# Comments are left out: the messages are documented in the .proto files of Apache Spark.
set -euo pipefail
: "${SPARK_HOME:?set SPARK_HOME to a Spark 4.3 installation}"
cd "$(dirname "$0")"
out=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && unzip -qo "$SPARK_HOME"/jars/spark-connect_2.13-*.jar 'spark/connect/*.proto')
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q grpcio-tools==1.85.1
go build -o "$work/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
GOBIN=$work go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
cd "$work"
pkg=github.com/lathe-ml/lathe/spark/connectpb
files=() map=""
for name in base catalog commands common expressions ml ml_common pipelines relations types; do
  f=spark/connect/$name.proto
  files+=("$f")
  map+=",M$f=$pkg;connectpb"
done
protoc() { "$work/venv/bin/python" -m grpc_tools.protoc "$@"; }
protoc -I. --include_imports --descriptor_set_out=all.pb "${files[@]}"
PATH=$work:$PATH protoc --descriptor_set_in=all.pb --go_out="$out" --go-grpc_out="$out" \
  --go_opt="module=$pkg$map" --go-grpc_opt="module=$pkg$map" "${files[@]}"
(cd "$out" && go tool gofumpt -w *.pb.go)
