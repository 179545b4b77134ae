#!/bin/sh
# SIGKILL of a worker, of rank 0, of mpiexec or of the supervisor at random moments; the same command then ends with the
# same table, bit for bit.
# usage: campaign_killed.sh [TRIALS]
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
need_proc
memory_folder killed
cp "$SOURCE/tests/data/campaigns/killed_argon.yaml" "$folder/c.yaml"
cd "$folder" || exit 1
"$python" "$SOURCE/tests/fault/campaign_killed.py" "${1:-10}" || fail "see above"
