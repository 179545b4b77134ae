#!/bin/sh
# What `liquidus run` refuses before anything starts, each with its exact message and exit code.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign one.yaml one

refuse() { # refuse CODE MESSAGE ARGUMENTS...
  want=$1 text=$2
  shift 2
  "$LIQUIDUS" run "$@" >out 2>err
  code=$?
  [ $code = "$want" ] || { cat err; fail "run $*: exit code $code, wanted $want"; }
  [ "$(cat err)" = "$text" ] || { cat err; fail "run $*: wanted '$text'"; }
  [ ! -s out ] || fail "run $*: printed on standard output"
}

refuse 2 "liquidus run: --ranks 1 leaves no worker: one rank dispatches and the others compute; wanted 2 or more" one.yaml -n 1
refuse 2 "liquidus run: --ranks 0 leaves no worker: one rank dispatches and the others compute; wanted 2 or more" one.yaml -n 0
refuse 2 "liquidus run: --ranks: got 'many', wanted a number of MPI processes, 2 or more" one.yaml -n many

# under a launcher too
"${MPIEXEC:-mpiexec}" -n 1 "$LIQUIDUS" run one.yaml --out one.run >out 2>err
[ $? = 2 ] || fail "one rank under mpiexec was accepted"
grep -qx "liquidus run: 1 rank leaves no worker: one rank dispatches and the others compute; wanted 2 or more" err ||
  { cat err; fail "one rank under mpiexec: wrong message"; }

# a directory that cannot be made: a file is in the way, also for root
: >wall
refuse 3 "liquidus run: wall/one.run: the output directory cannot be written (Not a directory); give another with --out DIR" \
  one.yaml --out wall/one.run
# a directory on a read-only file system refuses even root
refuse 3 "liquidus run: /proc/one.run: the output directory cannot be written (No such file or directory); give another with --out DIR" \
  one.yaml --out /proc/one.run
if [ "$(id -u)" != 0 ]; then
  mkdir locked && chmod 555 locked
  refuse 3 "liquidus run: locked: the output directory cannot be written (Permission denied); give another with --out DIR" \
    one.yaml --out locked
fi

# somebody else's files
mkdir full && : >full/thesis.tex
refuse 2 "liquidus run: full: has files but none of a campaign; give an empty or new directory with --out DIR" one.yaml --out full

# another campaign's directory: its journals say whose they are
"$LIQUIDUS" run one.yaml --out shared.run --quiet >out 2>err
finished $? "the first campaign"
cp shared.run/results.h5 before.h5
write_campaign two.yaml two
refuse 2 "liquidus run: shared.run: holds the results of campaign 'one', not of 'two'; give another directory with --out DIR" \
  two.yaml --out shared.run
cmp -s before.h5 shared.run/results.h5 || fail "the refused run touched the results"

# bad input of a campaign starts nothing
refuse 2 "missing.yaml: got no file that can be opened, wanted a campaign file" missing.yaml
[ ! -e missing.run ] || fail "a bad campaign left a directory"
