# shellcheck shell=bash
# Sourced. How the project's scripts speak: one calm line for each step, its time, and the log's end where it fails.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    TERM_BOLD=$'\033[1m' TERM_DIM=$'\033[2m' TERM_GREEN=$'\033[32m' TERM_RED=$'\033[31m' TERM_CYAN=$'\033[36m'
    TERM_RESET=$'\033[0m' TERM_LIVE=1
else
    TERM_BOLD='' TERM_DIM='' TERM_GREEN='' TERM_RED='' TERM_CYAN='' TERM_RESET='' TERM_LIVE=''
fi

title() { printf '\n%s%s%s\n' "$TERM_BOLD" "$*" "$TERM_RESET"; }
note() { printf '  %s%s%s\n' "$TERM_DIM" "$*" "$TERM_RESET"; }
fail() {
    printf '%s%s%s\n' "$TERM_RED" "$*" "$TERM_RESET" >&2
    return 1
}

# "9 s", "4 min 05 s"
duration_text() {
    local seconds=$1
    if ((seconds < 60)); then printf '%d s' "$seconds"; else printf '%d min %02d s' $((seconds / 60)) $((seconds % 60)); fi
}

# step "what happens" command...: runs the command with its output in a log of its own under build/log. On a terminal a
# running clock is shown, elsewhere a line every minute. A failure prints the log's end and returns the command's code.
step() {
    local text=$1 began=$SECONDS code=0 log child shown=0 elapsed mark
    shift
    mkdir -p "$SEKISHO_ROOT/build/log"
    log="$SEKISHO_ROOT/build/log/$(tr -c 'A-Za-z0-9\n' '-' <<<"$text" | cut -c1-60).log"
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        elapsed=$((SECONDS - began))
        if [[ -n $TERM_LIVE ]]; then
            mark=$(step_mark "$log")
            printf '\r\033[K  %s·%s %s %s%s %s%s' "$TERM_CYAN" "$TERM_RESET" "$text" "$TERM_DIM" \
                "$(duration_text $elapsed)" "$mark" "$TERM_RESET"
        elif ((elapsed / 60 > shown)); then
            shown=$((elapsed / 60))
            printf '    %s: %s so far %s\n' "$text" "$(duration_text $elapsed)" "$(step_mark "$log")"
        fi
        sleep 0.2
    done
    wait "$child" || code=$?
    [[ -n $TERM_LIVE ]] && printf '\r\033[K'
    elapsed=$(duration_text $((SECONDS - began)))
    if ((code == 0)); then
        printf '  %s✓%s %s %s%s%s\n' "$TERM_GREEN" "$TERM_RESET" "$text" "$TERM_DIM" "$elapsed" "$TERM_RESET"
    else
        printf '  %s✗ %s%s (%s, exit code %d)\n' "$TERM_RED" "$text" "$TERM_RESET" "$elapsed" "$code" >&2
        tail -n 40 "$log" | sed 's/^/    /' >&2
        printf '    whole log: %s\n' "$log" >&2
    fi
    return "$code"
}

# How far a build is: ninja's "[12/345]", where the log has one.
step_mark() { tail -c 4096 "$1" 2>/dev/null | grep -aoE '\[[0-9]+/[0-9]+\]' | tail -n 1 || true; }
