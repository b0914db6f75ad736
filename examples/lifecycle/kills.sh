#!/usr/bin/env bash
# The steps of story.sh again, each killed before its first write, before its second, ... before its last: what was left is sound, and the same
# command once more ends as the run that nobody killed. Takes the binary of relgate, and the folder that story.sh kept the situations in; without
# one the story is played first.
set -euo pipefail
relgate=$(realpath "${1:-target/release/relgate}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
situations=${2:-}
if [ -z "$situations" ]; then
    situations=$work/situations
    SITUATIONS=$situations bash "$here/story.sh" "$relgate" >&2
fi
situations=$(realpath "$situations")

# What changes a file or its name; on some machines some of them do not exist.
writes='?write,?pwrite64,?writev,?link,?linkat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?mkdir,?mkdirat,?fsync,?fdatasync,?ftruncate,?fchmod'
# Runs a command that is killed as it is about to do this system call for the Nth time; only itself, not what it runs.
killed_at() { # call, N, command
    local call=$1 number=$2
    shift 2
    strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$number" "$@"
}
# Runs a command and keeps its writes.
traced() { strace -qq -o "$work/trace" -e trace="$writes" "$@"; }

by_clock=
if ! command -v strace >/dev/null; then
    apt-get update -q >&2 && apt-get install -y -q strace >&2
fi
code=0
killed_at write 1 sh -c 'echo x' >/dev/null 2>&1 || code=$?
if [ "$code" -ne 137 ]; then
    # A strace that works and may not trace is a container's doing; anything else is ours.
    if [ "$(strace -qq -o /dev/null true 2>&1 | grep -c 'PTRACE\|ptrace\|Operation not permitted')" -eq 0 ]; then
        echo "strace does not kill at a write (it ended with $code)" >&2
        exit 1
    fi
    echo "!! ptrace is not allowed here: runs are killed by the clock, and not every write is met" >&2
    by_clock=1
fi

wrong() {
    echo "KILLS: $*" >&2
    exit 1
}
# A copy of a folder; logs are read only, and stay where they are.
copy() { # from, to
    rm -rf "$2"
    mkdir "$2"
    (cd "$1" && find . -mindepth 1 -maxdepth 1 ! -name logs -exec cp -rp {} "$2" \;)
    ln -s "$1/logs" "$2/logs"
}
# Takes the step in a folder; tells its exit code.
take() { # folder, then what runs it
    local folder=$1 got=0
    shift
    (cd "$folder" && "$@" "$relgate" "${step[@]}") >"$work/out" 2>&1 || got=$?
    echo "$got"
}
# What differs between two folders: nothing but what git and unfinished writes leave, and what a second look writes down of signals.
differs() { # what is, what is meant
    local line
    { diff -r -x .git -x logs -x '.relgate-*.tmp' "$1" "$2" || true; } | while IFS= read -r line; do
        case $line in
        "Only in $1/.relgate/ledger: "*) ! grep -q '"kind":"signal"' "$1/.relgate/ledger/${line##*: }" || continue ;;
        esac
        echo "${line//"$work/"/}"
    done
}
# The same of a step: what it leaves; of a signed approval, which is written again whenever it is said again, what it allows.
other_end() { # folder
    if [ "${step[1]}" != approve ]; then
        differs "$1" "$work/meant"
        return
    fi
    local folder
    for folder in "$1" "$work/meant"; do
        (cd "$folder" && "$relgate" rollout --format json --now "$now" --protected-ref main) >"$work/told.$(basename "$folder")" 2>&1 || true
    done
    diff "$work/told.$(basename "$1")" "$work/told.meant" || true
}
# What was left after a kill: a ledger that reads, weights from before or after, and no file that is half of what it is to be.
sound() { # what happened
    "$relgate" ledger --all --ledger "$work/try/.relgate/ledger" >"$work/out" 2>&1 || [ -z "$(find "$work/try/.relgate/ledger" -name '2*.json' 2>/dev/null)" ] ||
        wrong "$1: the ledger is damaged: $(cat "$work/out")"
    local split=$work/try/deploy/split.conf
    cmp -s "$split" "$at/deploy/split.conf" || cmp -s "$split" "$work/meant/deploy/split.conf" || wrong "$1: other weights: $(cat "$split")"
    local torn
    torn=$(differs "$work/try" "$work/meant" | grep -v '^Only in \|split.conf' | grep '^diff\|^Binary' || true)
    [ -z "$torn" ] || wrong "$1: $torn"
}
# Ends as the run that nobody killed.
same() { # what happened, exit code of the run after it
    case $2 in "$meant" | "$second" | 0) ;; *) wrong "$1: the run after it ended with $2: $(cat "$work/out")" ;; esac
    local other
    other=$(other_end "$work/try")
    [ -z "$other" ] || wrong "$1: it does not end where it should: $other"
}

# Every kill of one situation.
kill_all() { # situation
    local at=$1/at name got meant second other what kills=0
    name=$(basename "$1")
    work=$work/$name
    mkdir "$work"
    mapfile -t step <"$1/step"
    now=$(sed -n '/^--now$/{n;p}' "$1/step")
    copy "$at" "$work/meant"
    if [ -n "$by_clock" ]; then
        meant=$(take "$work/meant" env)
        # Milliseconds.
        mapfile -t points < <(seq 2 2 80)
    else
        meant=$(take "$work/meant" traced)
        # Every call by its number among those of its name: the counter of strace counts each name by itself.
        mapfile -t points < <(sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$work/trace" | awk '{ print $1, ++seen[$1] }')
        [ "${#points[@]}" -ge 4 ] || wrong "$name: only ${#points[@]} writes: $(cat "$work/out")"
    fi
    copy "$work/meant" "$work/try"
    rm "$work/try/logs" && ln -s "$at/logs" "$work/try/logs"
    # Said twice it changes nothing.
    second=$(take "$work/try" env)
    other=$(other_end "$work/try")
    [ -z "$other" ] || wrong "$name: a second run is not idle: $other"
    [ -n "$(differs "$at" "$work/meant")" ] || wrong "$name: it changes nothing: $(cat "$work/out")"
    for point in "${points[@]}"; do
        copy "$at" "$work/try"
        what="$name, killed at $point"
        if [ -n "$by_clock" ]; then
            got=$(take "$work/try" timeout -s KILL "$(printf '0.%03d' "$point")")
            [ "$got" -eq 137 ] || continue
        else
            got=$(take "$work/try" killed_at "${point% *}" "${point#* }")
            [ "$got" -eq 137 ] || wrong "$what: it ended with $got: $(cat "$work/out")"
        fi
        kills=$((kills + 1))
        sound "$what"
        same "$what" "$(take "$work/try" env)"
    done
    echo "  $name: killed $kills times, ended with $meant"
}

running=()
for situation in "$situations"/*/; do
    # As many at once as there are processors.
    if [ "${#running[@]}" -ge "$(nproc)" ]; then
        wait "${running[0]}" || exit 1
        running=("${running[@]:1}")
    fi
    (trap - EXIT && kill_all "${situation%/}") &
    running+=($!)
done
[ "${#running[@]}" -gt 0 ] || wrong "there is no situation in $situations"
for one in "${running[@]}"; do wait "$one" || exit 1; done
if [ -n "$by_clock" ]; then
    echo "every step was killed again and again, at times of the clock, and finished by the same command"
else
    echo "every step was killed at every write, and finished by the same command"
fi
