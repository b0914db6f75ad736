#!/usr/bin/env bash
# Fetches the bundle of the release before; the output `baseline` is what `--baseline` gets, empty where the manifest decides.
# Not there is told and left to relgate, which judges no change without a baseline; cannot be asked is an error.
# shellcheck source=.github/action/github.sh
source "$ACTION_PATH/.github/action/github.sh"
valid_name

folder=$RUNNER_TEMP/relgate-baseline
rm -rf "$folder"
mkdir -p "$folder"

unpack() {
    local archive=$1
    if tar -tzf "$archive" | grep -qE '^/|(^|/)\.\.(/|$)'; then stop "the bundle has paths that lead out of it"; fi
    tar -xzf "$archive" -C "$folder"
    [ -f "$folder/bundle/bundle.json" ] || stop "what was downloaded as baseline is no bundle of relgate"
    output baseline "$folder/bundle"
}

none() { notice "$1; it is judged with the baseline of the manifest, if that has one"; }

last_release() {
    local file=$NAME-bundle.tar.gz status tag newest
    status=$(api GET "/repos/$GITHUB_REPOSITORY/releases?per_page=100" "$folder/releases.json")
    [ "$status" = 200 ] || stop "the releases of $GITHUB_REPOSITORY cannot be read (HTTP $status)"
    # The release that is being made is no baseline of its own.
    jq --arg own "${GITHUB_REF_NAME:-}" --arg type "${GITHUB_REF_TYPE:-}" \
        '[.[] | select((.draft or .prerelease) | not) | select($type != "tag" or .tag_name != $own)]' \
        "$folder/releases.json" > "$folder/finished.json"
    jq --arg name "$file" 'first(.[] | select(any(.assets[]; .name == $name))) // {}' \
        "$folder/finished.json" > "$folder/release.json"
    tag=$(jq -r '.tag_name // empty' "$folder/release.json")
    newest=$(jq -r '.[0].tag_name // empty' "$folder/finished.json")
    if [ -z "$tag" ]; then
        none "no release has $file"
        return
    fi
    [ "$tag" = "$newest" ] || warning "release $newest has no $file; it is compared with $tag"
    status=$(asset "$folder/release.json" "$file" "$folder/$file")
    [ "$status" = 200 ] || stop "$file of release $tag cannot be downloaded (HTTP $status)"
    unpack "$folder/$file"
    echo "compared with release $(escaped "$tag")"
}

# The artifact of a run that succeeded on the default branch. A pull request from a fork may have a branch of that name, and
# artifacts of any name: the repository of the commit and the event are looked at, too.
last_run() {
    local status branch run artifact
    branch=$(jq -r '.repository.default_branch // empty' "$GITHUB_EVENT_PATH")
    [ -n "$branch" ] || stop "the event does not say which branch is the default one"
    status=$(api GET "/repos/$GITHUB_REPOSITORY/actions/artifacts?name=$NAME&per_page=100" "$folder/artifacts.json")
    [ "$status" = 200 ] || stop "the artifacts of $GITHUB_REPOSITORY cannot be read (HTTP $status); \`last-run\` needs \`actions: read\`"
    jq -r --arg branch "$branch" --arg own "${GITHUB_RUN_ID:-}" '.artifacts | sort_by(.created_at) | reverse | .[]
        | select((.expired | not) and .workflow_run.head_branch == $branch and (.workflow_run.id | tostring) != $own
            and .workflow_run.head_repository_id == .workflow_run.repository_id)
        | "\(.id) \(.workflow_run.id)"' "$folder/artifacts.json" | sed 20q > "$folder/candidates"
    while read -r artifact run; do
        status=$(api GET "/repos/$GITHUB_REPOSITORY/actions/runs/$run" "$folder/run.json")
        [ "$status" = 200 ] || stop "run $run cannot be read (HTTP $status)"
        jq -e '.conclusion == "success" and (.event == "push" or .event == "schedule" or .event == "workflow_dispatch")' \
            "$folder/run.json" > /dev/null || continue
        status=$(api GET "/repos/$GITHUB_REPOSITORY/actions/artifacts/$artifact/zip" "$folder/artifact.zip")
        [ "$status" = 200 ] || stop "artifact $NAME of run $run cannot be downloaded (HTTP $status)"
        unzip -qo "$folder/artifact.zip" "$NAME-bundle.tar.gz" -d "$folder" || stop "artifact $NAME of run $run has no bundle"
        unpack "$folder/$NAME-bundle.tar.gz"
        echo "compared with run $run"
        return
    done < "$folder/candidates"
    none "no successful run on the default branch kept an artifact $NAME"
}

case $BASELINE in
    last-release | last-run)
        [ "$(lines "$MANIFEST" | wc -l)" -eq 1 ] ||
            stop "\`baseline: $BASELINE\` goes with one manifest: use the action once for each, with a \`name\` of its own"
        if [ "$BASELINE" = last-release ]; then last_release; else last_run; fi
        ;;
    *) output baseline "$BASELINE" ;;
esac
