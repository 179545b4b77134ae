#!/bin/sh
# `liquidus schema` through readers that are not ours: the JSON is JSON; the table of keys stands in
# screening/README.md as printed; and, where python3 has jsonschema and yaml, the schema is a valid
# one and accepts and refuses campaign files as the program does.
[ -x "$LIQUIDUS" ] || { echo "no program at $LIQUIDUS"; exit 77; }
bad=0
"$LIQUIDUS" schema > "$SCRATCH/schema.json" || { echo "schema: exit code $?"; bad=1; }
"$LIQUIDUS" schema --markdown > "$SCRATCH/keys.md" || { echo "--markdown: exit code $?"; bad=1; }
"$LIQUIDUS" schema --xml > "$SCRATCH/out" 2> "$SCRATCH/err"
[ $? -eq 2 ] || { echo "an unknown option must be refused with 2"; bad=1; }
[ "$(cat "$SCRATCH/err")" = "liquidus schema: wanted no argument or --markdown" ] || bad=1
python3 - "$SCRATCH" "$SOURCE" <<'PYTHON' || bad=1
import json, sys

scratch, source = sys.argv[1:]
with open(scratch + "/schema.json") as f:
    schema = json.load(f)
with open(scratch + "/keys.md") as f, open(source + "/screening/README.md") as g:
    assert f.read() in g.read(), "the table of keys in screening/README.md is not the printed one"
try:
    import jsonschema, yaml
except ImportError:
    print("python3 has no jsonschema or no yaml: the schema is not tried on campaign files")
    sys.exit(0)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
refused = ("unitless_temperature unknown_key later_version celsius wrong_dimension missing_keys "
           "misplaced_key not_a_map many")
for name, want in [(n, False) for n in refused.split()] + [("good", True), ("initial", True)]:
    with open(source + "/tests/data/campaigns/" + name + ".yaml") as f:
        assert validator.is_valid(yaml.safe_load(f)) == want, name + ": wanted " + str(want)
PYTHON
exit $bad
