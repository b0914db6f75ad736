#!/usr/bin/env bash
# Ends with the exit code of relgate; an inconclusive verdict as the input `inconclusive` says.
# shellcheck source=.github/action/github.sh
source "$ACTION_PATH/.github/action/github.sh"

case $INCONCLUSIVE in fail | warn) ;; *) stop "the input \`inconclusive\` is fail or warn" ;; esac
case $CODE in
    0) ;;
    1) say error 'fail: the release must not ship' ;;
    3)
        if [ "$INCONCLUSIVE" = warn ]; then
            warning "inconclusive: nothing shows that the release is good, and \`inconclusive: warn\` lets it through"
            exit 0
        fi
        say error 'inconclusive: the report says how many samples would decide it'
        ;;
    *) stop "nothing was judged: the steps above say why" ;;
esac
exit "$CODE"
