#!/usr/bin/env bash
# archive.sh TARGET OUT [TAG]: packs target/TARGET/release/relgate (or $RELGATE) as OUT/relgate-VERSION-TARGET.tar.gz, which
# action.yml downloads and npm/pack.mjs takes the binary from. The version is that of Cargo.toml; another TAG is an error.
set -euo pipefail
target=$1 out=$2
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | sed 1q)
tag=${3:-v$version}
if [ "$tag" != "v$version" ]; then
    echo "the tag is $tag, and Cargo.toml says $version" >&2
    exit 1
fi
suffix=''
case $target in *-windows-*) suffix=.exe ;; esac
binary=${RELGATE:-${CARGO_TARGET_DIR:-target}/$target/release/relgate$suffix}
name=relgate-$version-$target
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$out" "$folder/$name"
cp "$binary" "$folder/$name/relgate$suffix"
cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$folder/$name"
tar -czf "$out/$name.tar.gz" -C "$folder" "$name"
echo "$out/$name.tar.gz"
