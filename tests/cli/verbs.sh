#!/bin/sh
# The command line itself: help, unknown verbs, versions, exit codes.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"

expect() { # expect CODE STDERR-TEXT ARGUMENTS...
  want=$1 text=$2
  shift 2
  "$LIQUIDUS" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"
  code=$?
  [ $code = "$want" ] || fail "liquidus $*: exit code $code, wanted $want"
  grep -qxF -- "$text" "$SCRATCH/err" || [ -z "$text" ] || {
    cat "$SCRATCH/err"
    fail "liquidus $*: stderr has no line '$text'"
  }
}
expect 0 '' --help
grep -q 'usage: liquidus VERB' "$SCRATCH/out" || fail "no usage"
cp "$SCRATCH/out" "$SCRATCH/usage"
for verb in plan run status analyze potential grade select schema version; do
  grep -q "^  $verb " "$SCRATCH/usage" || fail "$verb is not listed"
  expect 0 '' $verb --help
  grep -q "usage: liquidus $verb" "$SCRATCH/out" || fail "$verb --help says nothing"
done
expect 2 ''
expect 2 "liquidus: unknown verb 'frobnicate'; \`liquidus --help\` lists them" frobnicate
expect 0 '' version
for what in liquidus MPICH Petsc HDF5 kernel; do
  grep -qi "$what" "$SCRATCH/out" || fail "version does not name $what"
done
grep -Eqx 'kernel (portable|avx2|avx512), also reference.*' "$SCRATCH/out" || fail "version does not name the kernel chosen"
for verb in run plan; do
  expect 2 "liquidus $verb: --kernel: got 'mmx', wanted auto, reference, portable, avx2 or avx512" $verb --kernel mmx x.yaml
done
"$LIQUIDUS" version | grep -qw avx512 ||
  expect 2 'liquidus run: --kernel: this processor has no avx512 (liquidus version lists what it has)' run --kernel avx512 x.yaml
expect 2 'liquidus run: wanted one campaign file, got 0; see liquidus run --help' run
expect 2 'liquidus plan: wanted one campaign file; see liquidus plan --help' plan
expect 2 'liquidus explain: wanted one directory and one point' explain
expect 2 'liquidus log: wanted one directory and at most one point' log
expect 2 'liquidus log: nowhere/log: No such file or directory' log nowhere
expect 2 'liquidus status: wanted one directory and at most one of --json and --watch' status
expect 2 'liquidus analyze: wanted one directory and at most a campaign file; see liquidus analyze --help' analyze
expect 2 "liquidus run: --segment: got 'soon', wanted seconds, 0.01 to 86400" run x.yaml --segment soon
"$LIQUIDUS" schema | "$python" -m json.tool >/dev/null || fail "schema is not JSON"
expect 2 "liquidus run: --out: got '', wanted a directory" run x.yaml --out ''
[ ! -c /dev/full ] || for what in schema version; do
  "$LIQUIDUS" $what >/dev/full 2>"$SCRATCH/err"
  code=$?
  [ $code = 3 ] || fail "$what on a full disk: exit code $code"
  grep -qF "liquidus $what: standard output cannot be written: " "$SCRATCH/err" || fail "$what on a full disk says nothing"
done
