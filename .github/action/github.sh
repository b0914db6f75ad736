# shellcheck shell=bash
# GitHub as the steps of action.yml meet it: outputs, messages in the log, the API. Sourced; runs in bash 3.2 too (macOS).
set -euo pipefail

# On Windows tar takes the letter of a drive for a host, and jq ends lines with CR LF.
if command -v cygpath > /dev/null; then
    RUNNER_TEMP=$(cygpath -u "$RUNNER_TEMP")
    jq() { command jq "$@" | tr -d '\r'; }
fi

# A text as the value of a workflow command.
escaped() {
    local text=$1
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '%s' "$text"
}
say() { printf '::%s title=relgate::%s\n' "$1" "$(escaped "$2")" >&2; }
notice() { say notice "$1"; }
warning() { say warning "$1"; }
# Ends the step: what cannot be judged must not pass.
stop() {
    say error "$1"
    exit 2
}

# output NAME VALUE
output() {
    local value=$2
    value=${value//$'\r'/ }
    printf '%s=%s\n' "$1" "${value//$'\n'/ }" >> "$GITHUB_OUTPUT"
}

# The lines of a text that are not empty, one at a time to `read`.
lines() { printf '%s\n' "$1" | tr -d '\r' | sed '/^[[:space:]]*$/d'; }

# api METHOD PATH-OR-URL ANSWER [BODY]: prints the status (000 where nobody answered); the answer goes to the file ANSWER.
# The token stands in no argument list, and curl takes it off where a redirection leads to another host.
api() {
    local method=$1 url=$2 answer=$3 body=${4-}
    local arguments=(--silent --max-time 120 --location --request "$method" --output "$answer" --write-out '%{http_code}')
    case $url in /*) url=${GITHUB_API_URL:-https://api.github.com}$url ;; esac
    # Asking again is harmless; writing again might write twice.
    if [ "$method" = GET ]; then arguments+=(--retry 2); fi
    if [ -n "$body" ]; then arguments+=(--data-binary "@$body" --header 'Content-Type: application/json'); fi
    printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" |
        curl --config - --header "Accept: ${ACCEPT:-application/vnd.github+json}" --header 'X-GitHub-Api-Version: 2022-11-28' \
            "${arguments[@]}" "$url" || true
}

# A file of a release: asset RELEASE-JSON NAME FILE; its status, 404 where the release has no such file.
asset() {
    local url
    url=$(jq -r --arg name "$2" 'first(.assets[] | select(.name == $name) | .url) // empty' "$1")
    if [ -z "$url" ]; then
        echo 404
    else
        ACCEPT=application/octet-stream api GET "$url" "$3"
    fi
}

# The name goes into names of files and into a hidden line of a comment.
valid_name() {
    [[ $NAME =~ ^[A-Za-z0-9]([._-]?[A-Za-z0-9])*$ && ${#NAME} -le 100 ]] ||
        stop "the input \`name\` has letters and digits, with single \`.\`, \`_\` or \`-\` between them"
}
