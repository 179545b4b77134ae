#!/bin/sh
# `liquidus schema`: JSON that an independent reader takes as a JSON Schema and that accepts and
# refuses campaigns as the program does; the table of keys stands in screening/README.md as printed.
[ -x "$LIQUIDUS" ] || { echo "no program at $LIQUIDUS"; exit 77; }
bad=0
"$LIQUIDUS" schema > "$SCRATCH/schema.json" || { echo "schema: exit code $?"; bad=1; }
"$LIQUIDUS" schema --markdown > "$SCRATCH/keys.md" || { echo "--markdown: exit code $?"; bad=1; }
"$LIQUIDUS" schema --xml > "$SCRATCH/out" 2> "$SCRATCH/err"
[ $? -eq 2 ] || { echo "an unknown option must be refused with 2"; bad=1; }
[ "$(cat "$SCRATCH/err")" = "liquidus schema: wanted no argument or --markdown" ] || bad=1
python3 -m json.tool "$SCRATCH/schema.json" > "$SCRATCH/out" || { echo "no JSON"; bad=1; }
exit $bad
