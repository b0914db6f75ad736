#!/usr/bin/env bash
# Runs `relgate check` and `relgate diff` and writes the step summary. Ends with 0 whatever the verdict: decide.sh has the last
# word, after the report was kept and told.
# shellcheck source=.github/action/github.sh
source "$ACTION_PATH/.github/action/github.sh"
valid_name

manifests=()
while IFS= read -r line; do manifests+=("$line"); done < <(lines "$MANIFEST")
[ ${#manifests[@]} -gt 0 ] || stop "the input \`manifest\` is empty"
arguments=()
while IFS= read -r line; do arguments+=("$line"); done < <(lines "$ARGUMENTS")
if [ -n "$BASELINE" ]; then arguments+=("--baseline=$BASELINE"); fi
case $FAIL_ON in '' | looser | blocking | review | any) ;; *) stop "the input \`fail-on\` is looser, blocking, review or any" ;; esac

mkdir -p "$OUT"
# What an earlier run left must not be told as this one's.
rm -f "$OUT"/report.json "$OUT"/report.md "$OUT"/*/report.json "$OUT"/*/report.md "$OUT/diff.md" "$OUT/$NAME-bundle.tar.gz"

# Runs a command whose output may hold what somebody else wrote: no line of it is a command to GitHub.
quoted() {
    local word code=0
    word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$word"
    "$@" || code=$?
    printf '\n::%s::\n' "$word"
    return "$code"
}

# The commit that this one is compared with, without trusting a name: an object id or nothing.
base() {
    local id=''
    case ${GITHUB_EVENT_NAME:-} in
        pull_request | pull_request_target)
            # The first parent of the merge commit that GitHub made and checked out, else where the branches parted.
            if [ "$GITHUB_EVENT_NAME" = pull_request ] && [ "$(git rev-parse HEAD)" = "$GITHUB_SHA" ]; then
                id=$(git cat-file commit HEAD | sed -n '/^$/q; s/^parent //p' | sed -n '1h; 2{x;p;q;}')
            fi
            if [ -z "$id" ]; then
                id=$(jq -r '.pull_request.base.sha // empty' "$GITHUB_EVENT_PATH")
                id=$(git merge-base HEAD "$id" 2> /dev/null || echo "$id")
            fi
            ;;
        push) id=$(jq -r '.before // empty' "$GITHUB_EVENT_PATH") ;;
    esac
    if [[ $id =~ ^[0-9a-f]{40,64}$ && ! $id =~ ^0+$ ]]; then echo "$id"; fi
}

# compare MANIFEST REVISION: appends to diff.md, and sets `compared` to the worst exit code.
compare() {
    local manifest=$1 revision=$2 code=0 part
    part=$RUNNER_TEMP/relgate-part.md
    if ! git cat-file -e "$revision:./$manifest" 2> /dev/null; then
        notice "$manifest is not in $revision: there is nothing to compare it with"
        return 0
    fi
    quoted "$RELGATE" diff ${FAIL_ON:+"--fail-on=$FAIL_ON"} "--report=markdown=$part" -- \
        "git:$revision:$(git rev-parse --show-prefix)$manifest" "$manifest" || code=$?
    if [ "$code" -eq 1 ]; then
        printf '**Changes of the level `%s` stop this run** (`fail-on`), whatever the verdict is.\n\n' "$FAIL_ON" >> "$OUT/diff.md"
    fi
    if [ -f "$part" ]; then cat "$part" >> "$OUT/diff.md"; printf '\n' >> "$OUT/diff.md"; fi
    rm -f "$part"
    case $code in
        0) ;;
        1) compared=1 ;;
        *)
            warning "$manifest could not be compared with $revision; the log says why"
            if [ -n "$FAIL_ON" ] && [ "$compared" -eq 0 ]; then compared=2; fi
            ;;
    esac
}

code=0
quoted "$RELGATE" check "--out=$OUT" ${arguments[@]+"${arguments[@]}"} -- "${manifests[@]}" || code=$?
# Killed, or something that is no relgate: nothing was judged.
[ "$code" -le 3 ] || code=2

# The findings as annotations, where this relgate has them: of all that it prints, only those are heard.
for report in "$OUT"/report.json "$OUT"/*/report.json; do
    if [ -f "$report" ]; then
        { env -u GITHUB_STEP_SUMMARY "$RELGATE" report --format=github "$report" 2> /dev/null || true; } |
            { grep -E '^::(error|warning|notice) ' || true; }
    fi
done

compared=0
revision=$DIFF
if [ -z "$revision" ]; then
    revision=$(base)
    if [ -n "$revision" ] && ! git cat-file -e "$revision^{commit}" 2> /dev/null; then
        if ! git fetch --quiet --no-tags --depth=1 origin "$revision"; then
            warning "commit $revision cannot be fetched to compare with: give \`actions/checkout\` the line \`fetch-depth: 0\`"
            [ -z "$FAIL_ON" ] || compared=2
            revision=''
        fi
    fi
fi
if [ -n "$revision" ] && [ "$revision" != none ]; then
    case $revision in -*) stop "the input \`diff\` is a revision" ;; esac
    for manifest in "${manifests[@]}"; do compare "$manifest" "$revision"; done
fi
# The worst of both, in relgate's own order: fail, error, inconclusive, pass.
if [ "$compared" -eq 1 ] || { [ "$compared" -eq 2 ] && [ "$code" -ne 1 ]; }; then code=$compared; fi

decisions=(pass fail error inconclusive)
output exit-code "$code"
output decision "${decisions[$code]}"

if [ "$code" -eq 0 ] && [ -f "$OUT/bundle/bundle.json" ]; then
    tar -czf "$OUT/$NAME-bundle.tar.gz" -C "$OUT" bundle
    output bundle "$OUT/$NAME-bundle.tar.gz"
fi

for report in "$OUT"/report.md "$OUT"/*/report.md "$OUT"/diff.md; do
    if [ -f "$report" ]; then cat "$report"; printf '\n'; fi
done > "$RUNNER_TEMP/relgate-summary.md"
[ -s "$RUNNER_TEMP/relgate-summary.md" ] || echo 'relgate could not judge; the log of this step says why.' > "$RUNNER_TEMP/relgate-summary.md"
# GitHub takes no summary of more than 1 MiB.
if [ "$(wc -c < "$RUNNER_TEMP/relgate-summary.md")" -lt 1000000 ]; then
    cat "$RUNNER_TEMP/relgate-summary.md" >> "$GITHUB_STEP_SUMMARY"
else
    echo "relgate: ${decisions[$code]}. The reports are too long for this page; the artifact has them." >> "$GITHUB_STEP_SUMMARY"
fi
