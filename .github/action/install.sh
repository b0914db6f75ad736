#!/usr/bin/env bash
# Finds, downloads or builds relgate; its path is the output `relgate`.
# shellcheck source=.github/action/github.sh
source "$ACTION_PATH/.github/action/github.sh"

# The file name of a build for this machine.
target() {
    case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
        Linux-X64) echo x86_64-unknown-linux-musl ;; # runs in every container
        Linux-ARM64) echo aarch64-unknown-linux-musl ;;
        macOS-X64) echo x86_64-apple-darwin ;;
        macOS-ARM64) echo aarch64-apple-darwin ;;
        Windows-X64) echo x86_64-pc-windows-msvc ;;
        *) stop "there is no build of relgate for ${RUNNER_OS:-?} on ${RUNNER_ARCH:-?}: build one and name it with the input \`binary\`" ;;
    esac
}

digest() {
    if command -v sha256sum > /dev/null; then sha256sum < "$1"; else shasum -a 256 < "$1"; fi | cut -d ' ' -f 1
}

download() {
    local version=$1 folder=$2 target archive status wanted
    target=$(target)
    archive=relgate-$version-$target.tar.gz
    status=$(api GET "/repos/$repository/releases/tags/v$version" "$folder/release.json")
    [ "$status" = 200 ] || stop "release v$version of $repository cannot be read (HTTP $status)"
    status=$(asset "$folder/release.json" "$archive" "$folder/$archive")
    [ "$status" = 200 ] || stop "$archive of release v$version cannot be downloaded (HTTP $status)"
    wanted=$SHA256
    if [ -z "$wanted" ]; then
        status=$(asset "$folder/release.json" SHA256SUMS "$folder/SHA256SUMS")
        [ "$status" = 200 ] || stop "SHA256SUMS of release v$version cannot be downloaded (HTTP $status)"
        wanted=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$folder/SHA256SUMS")
    fi
    [[ $wanted =~ ^[0-9a-f]{64}$ ]] || stop "there is no SHA-256 to hold $archive against"
    [ "$(digest "$folder/$archive")" = "$wanted" ] ||
        stop "$archive has the SHA-256 $(digest "$folder/$archive"), not $wanted: nothing of it was run"
    tar -xzf "$folder/$archive" -C "$folder"
    binary=$folder/relgate-$version-$target/relgate
    [ "${RUNNER_OS:-}" != Windows ] || binary=$binary.exe
    [ "$("$binary" --version)" = "relgate $version" ] || stop "$archive does not hold relgate $version"
}

folder=$RUNNER_TEMP/relgate-action
mkdir -p "$folder"
# Used as `./`, the action is of the repository that runs it.
repository=${ACTION_REPOSITORY:-$GITHUB_REPOSITORY}
version=${VERSION#v}
if [ -z "$version" ] && [[ ${ACTION_REF#v} =~ ^[0-9]+\.[0-9]+\.[0-9]+ ]]; then version=${ACTION_REF#v}; fi

if [ -n "$BINARY" ]; then
    binary=$BINARY
    case $binary in */*) ;; *) binary=$(command -v -- "$binary") || stop "\`binary\` names no program" ;; esac
    "$binary" --version || stop "the program that \`binary\` names does not run"
elif [ -n "$version" ]; then
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || stop "the input \`version\` is not like 0.1.0"
    download "$version" "$folder"
else
    command -v cargo > /dev/null || stop "no \`version\` was asked for, and there is no cargo to build relgate with"
    cargo install --quiet --locked --path "$ACTION_PATH" --root "$folder"
    binary=$folder/bin/relgate
fi
output relgate "$binary"
