#!/usr/bin/env bash
# Keeps one comment on the pull request. It never changes the verdict: where it may not write, that is told.
# shellcheck source=.github/action/github.sh
source "$ACTION_PATH/.github/action/github.sh"
valid_name

number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
[[ $number =~ ^[0-9]+$ ]] || exit 0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
marker="<!-- relgate-action:$NAME -->"
# GitHub takes at most 65,536 characters.
longest=65000

# The report, and what changed where there is room for it.
body() {
    local report
    printf '%s\n' "$marker"
    for report in "$OUT"/report.md "$OUT"/*/report.md; do
        if [ -f "$report" ]; then cat "$report"; printf '\n'; fi
    done > "$folder/reports.md"
    case $CODE in [0-3]) ;; *) : > "$folder/reports.md" ;; esac
    if [ ! -s "$folder/reports.md" ]; then
        printf '## relgate could not judge\n\nThe log of the run says why.\n' > "$folder/reports.md"
    fi
    if [ "$(wc -c < "$folder/reports.md")" -gt "$longest" ]; then
        printf 'The reports are too long for a comment; the artifact of the run has them. Exit code: %s\n' "$CODE"
    else
        cat "$folder/reports.md"
        if [ -f "$OUT/diff.md" ]; then
            if [ "$(cat "$folder/reports.md" "$OUT/diff.md" | wc -c)" -lt $((longest - 1000)) ]; then
                printf '<details><summary>What changed since the base</summary>\n\n'
                cat "$OUT/diff.md"
                printf '\n</details>\n'
            else
                printf '\nWhat changed since the base is too long for this comment; the artifact of the run has it.\n'
            fi
        fi
    fi
    printf '\nCommit %s, [run %s](%s/%s/actions/runs/%s)\n' \
        "$(jq -r '.pull_request.head.sha // ""' "$GITHUB_EVENT_PATH" | tr -cd '0-9a-f')" \
        "$GITHUB_RUN_ID" "$GITHUB_SERVER_URL" "$GITHUB_REPOSITORY" "$GITHUB_RUN_ID"
}

may_not() {
    notice "this run may not $1 (HTTP $2; a pull request from a fork has a token that only reads): the step summary and the artifact have the report"
    exit 0
}

# Which comment is ours: of the same account, with the line of this action or of a report that another script posted.
# Sets `own` to its number.
find_own() {
    local page=1 status
    echo '[]' > "$folder/all.json"
    while [ "$page" -le 30 ]; do
        status=$(api GET "/repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100&page=$page" "$folder/page.json")
        case $status in
            200) ;;
            401 | 403 | 404) may_not "read the comments" "$status" ;;
            *) warning "the comments of the pull request cannot be read (HTTP $status); none was written"; exit 0 ;;
        esac
        jq -s '.[0] + .[1]' "$folder/all.json" "$folder/page.json" > "$folder/more.json"
        mv "$folder/more.json" "$folder/all.json"
        [ "$(jq length "$folder/page.json")" -eq 100 ] || break
        page=$((page + 1))
    done
    own=$(jq -r --arg author "$AUTHOR" --arg marker "$marker" --arg report "$(sed -n '2{/^<!-- relgate.*-->$/p;}' "$folder/body.md")" '
        [.[] | select(.user.login == $author and (.body | type) == "string")]
        | first((.[] | select(.body | startswith($marker))),
                (.[] | select($report != "" and (.body | startswith($report))))) // empty | .id' "$folder/all.json")
}

body > "$folder/body.md"
jq -n --rawfile body "$folder/body.md" '{body: $body}' > "$folder/body.json"
find_own
if [[ $own =~ ^[0-9]+$ ]]; then
    status=$(api PATCH "/repos/$GITHUB_REPOSITORY/issues/comments/$own" "$folder/answer.json" "$folder/body.json")
else
    status=$(api POST "/repos/$GITHUB_REPOSITORY/issues/$number/comments" "$folder/answer.json" "$folder/body.json")
fi
case $status in
    200 | 201) ;;
    401 | 403 | 404) may_not "comment" "$status" ;;
    *) warning "the comment could not be written (HTTP $status); the step summary and the artifact have the report" ;;
esac
