#!/bin/sh
# Every campaign of campaigns/ passes `liquidus plan`: ends with 0, builds a starting cell of every
# composition in which no two atoms are nearer than asked; and `liquidus run` refuses the ones whose
# potential is not there with 2 and file:line:col, and starts nothing.  The JSON Schema accepts them.
[ -x "$LIQUIDUS" ] || { echo "no program at $LIQUIDUS"; exit 77; }
bad=0
count=0
complain() { echo "$1"; bad=1; }
for file in "$SOURCE"/campaigns/*/*.yaml; do
  name=${file#"$SOURCE"/campaigns/}
  count=$((count + 1))
  "$LIQUIDUS" plan --no-probe "$file" > "$SCRATCH/out" 2> "$SCRATCH/err" ||
    { complain "$name: plan ended with $?"; cat "$SCRATCH/err"; }
  cells=$(grep -c 'g/cm3' "$SCRATCH/out")
  good=$(grep -c 'g/cm3, .*, worst 1.000$' "$SCRATCH/out")
  { [ "$cells" -ge 1 ] && [ "$cells" -eq "$good" ]; } || complain "$name: $good of $cells cells are good"
  case $name in
  ec-emc-lipf6/*) grep -q '^ionic_conductivity ' "$SCRATCH/out" || complain "$name: 25 ns are for the ionic conductivity" ;;
  esac
  grep -q "does not exist" "$SCRATCH/out" || continue
  "$LIQUIDUS" run --out "$SCRATCH/none.run" "$file" > "$SCRATCH/out" 2> "$SCRATCH/err"
  [ $? -eq 2 ] || complain "$name: run without a potential must end with 2"
  grep -Eq "^$file:[0-9]+:[0-9]+: potential.file: got .*No such file" "$SCRATCH/err" ||
    { complain "$name: run must say which file is missing"; cat "$SCRATCH/err"; }
  [ ! -e "$SCRATCH/none.run" ] || complain "$name: run without a potential left a directory"
done
[ $count -ge 8 ] || complain "$count campaigns, wanted eight or more"
"$LIQUIDUS" schema > "$SCRATCH/schema.json" || complain "no schema"
python3 - "$SCRATCH/schema.json" "$SOURCE" <<'PYTHON' || bad=1
import glob, json, sys
try:
    import jsonschema, yaml
except ImportError:
    print("python3 has no jsonschema or no yaml: the schema is not tried on the campaigns")
    sys.exit(0)
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for name in glob.glob(sys.argv[2] + "/campaigns/*/*.yaml"):
    for error in validator.iter_errors(yaml.safe_load(open(name))):
        sys.exit(name + ": " + error.message)
PYTHON
echo "$count campaigns"
exit $bad
