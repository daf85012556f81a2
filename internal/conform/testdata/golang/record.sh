#!/bin/sh
# Records what the programs of applicable.tsv print when they are compiled, and packs sources and
# outputs into programs.tar.zst. Each program runs twice; what it does not print both times is not
# recorded. Usage: record.sh [WORKDIR], with a Go tree that has its test folder, and zstd.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
tests=$(go env GOROOT)/test
mkdir -p "$work/bin" "$work/out"
export here work tests

record() {
	name=$1
	base=$(echo "${name%.go}" | tr / _)
	cd "$work"
	mkdir -p "run/$base"
	go build -o "bin/$base" "$tests/$name" 2>/dev/null || { rm -rf "run/$base"; return 0; }
	cd "run/$base"
	if timeout 60 "$work/bin/$base" >"$work/a.$base" 2>/dev/null &&
		timeout 60 "$work/bin/$base" >"$work/b.$base" 2>/dev/null &&
		cmp -s "$work/a.$base" "$work/b.$base"; then
		mkdir -p "$work/out/$(dirname "$name")"
		mv "$work/a.$base" "$work/out/${name%.go}.out"
	fi
	rm -rf "$work/bin/$base" "$work/run/$base" "$work/a.$base" "$work/b.$base"
}

if [ "${2:-}" ]; then
	record "$2"
	exit
fi
tail -n +2 "$here/applicable.tsv" | xargs -P 2 -I{} sh "$here/record.sh" "$work" {}
mkdir -p "$work/pack/programs"
(cd "$tests" && tail -n +2 "$here/applicable.tsv" | xargs cp --parents -t "$work/pack/programs")
cp -r "$work/out" "$work/pack/expected"
tar -C "$work/pack" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/programs.tar" programs expected
zstd -q -f -19 "$work/programs.tar" -o "$here/programs.tar.zst"
