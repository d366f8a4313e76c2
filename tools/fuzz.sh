# shellcheck shell=bash
# Sourced after setup.sh. The fuzzers: which there are, and one run of each over its corpus.

# FUZZERS: the names of all fuzzers (a file src/<room>/x_fuzz.cc is the target x_fuzz).
fuzz_targets() {
    mapfile -t FUZZERS < <(cd "$SEKISHO_ROOT" && find src -name '*_fuzz.cc' -printf '%f\n' | sed 's/\.cc$//' | sort)
}

# fuzz_run <build folder> <seconds each>: new inputs go to the build folder, never into the repository; a crash is kept
# beside them, and printed. Returns 1 when one of them failed.
fuzz_run() {
    local folder=$1 seconds=$2 name program found failed=0
    for name in "${FUZZERS[@]}"; do
        program=$(find "$folder" -type f -name "$name" -perm -u+x | head -n 1)
        [[ -n $program ]] || { fail "$name was not built."; failed=1; continue; }
        found=$folder/corpus/$name
        mkdir -p "$found" "$SEKISHO_ROOT/tests/corpora/$name"
        step "$name, $seconds s" env UBSAN_OPTIONS=print_stacktrace=1 "$program" -max_total_time="$seconds" -timeout=10 \
            -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found/" "$found" \
            "$SEKISHO_ROOT/tests/corpora/$name" || failed=1
    done
    return "$failed"
}
