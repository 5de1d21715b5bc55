#!/bin/sh
# Compiles the program for each platform that is named, amd64 where none is, into dist/.
# It needs the Rust targets of musl: rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl
set -eu
cd "$(dirname "$0")"
for architecture in "${@:-amd64}"; do
  case "$architecture" in
    amd64) target=x86_64-unknown-linux-musl ;;
    arm64) target=aarch64-unknown-linux-musl ;;
    *) echo "compile.sh: no platform $architecture" >&2; exit 2 ;;
  esac
  # Nothing but Rust is linked, so that the linker which comes with it does for every platform.
  variable=$(echo "CARGO_TARGET_${target}_LINKER" | tr 'a-z-' 'A-Z_')
  export "$variable=rust-lld"
  cargo build --quiet --locked --release --package towpath-example-app --target "$target"
  folder=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  mkdir -p "dist/$architecture"
  cp "$folder/$target/release/app" "dist/$architecture/app"
done
