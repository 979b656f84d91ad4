#!/bin/sh
# A scheduled run for cron: what is new goes into the store, alarms are printed, and cron mails what is printed.
#
#   hourly.sh [ENV_FILE]        settings from ENV_FILE, else from /etc/tension/tension.env
#
# Leaves with 0, or with tension's own code where it failed (1) or the call cannot be used (2).
set -eu
umask 077

set -a
# shellcheck source=tension.env
. "${1:-/etc/tension/tension.env}"
set +a
mkdir -p "$REJECTS" "$LOGS"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tension update --json --rejects "$work/rejects.jsonl" "$NEWS" >"$work/done" 2>"$work/said" &
update=$!
trap 'kill "$update" 2>/dev/null || :' TERM INT # the update finishes its batch and leaves with 5
code=0
wait "$update" || code=$?
if kill -0 "$update" 2>/dev/null; then # a signal ended the wait, not the update
    code=0
    wait "$update" || code=$?
fi
trap - TERM INT

echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) exit $code $(cat "$work/done")" >>"$LOGS/update.log"
case $code in
0 | 3) ;;   # done; of 3, some records were rejected
4) exit 0 ;; # another run holds the store and does the work
5) exit 0 ;; # told to stop; the next run goes on from there
*)
    cat "$work/said" >&2
    exit "$code"
    ;;
esac
cat "$work/said" >&2

# The whole of NEWS is read every time, so that old rejects come again: tell only of a list that changed.
if [ -s "$work/rejects.jsonl" ] && ! cmp -s "$work/rejects.jsonl" "$REJECTS/rejects.jsonl"; then
    echo "records that cannot be used: $(wc -l <"$work/rejects.jsonl"); see $REJECTS/rejects.jsonl"
fi
mv "$work/rejects.jsonl" "$REJECTS/rejects.jsonl"

# shellcheck disable=SC2086 # WATCH is a list of options
alarms=$(tension watch $WATCH)
if [ -n "$alarms" ]; then # each alarm is told once, so that it is kept in a file too
    echo "$alarms"
    echo "$alarms" >>"$LOGS/alarms.log"
fi
