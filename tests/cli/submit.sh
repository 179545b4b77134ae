#!/bin/sh
# tests/cli/submit.sh - `liquidus submit`: what it writes, refuses, hands in; jobs in the background that a short walltime cuts into several
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
cd "$SCRATCH" || exit 1
rm -rf ./*
XDG_CONFIG_HOME=$SCRATCH/config
export XDG_CONFIG_HOME

write() { # write FILE LENGTH: liquid argon; what follows on standard input is the file's `queue`
  cat >"$1" <<END
campaign: queued
potential: { type: lj, species: [Ar], cutoff: 6 A, pairs: { Ar: { epsilon: 119.8 K, sigma: 3.405 A } } }
system: { components: { Ar: { formula: Ar } }, density: 1.4 g/cm3, atoms: 108 }
conditions: { temperature: 90 K, pressure: 37.1 MPa }
simulation: { timestep: 10 fs, equilibration: 10 ps, production: { npt: $2, nve: 0 fs }, replicas: 2 }
properties: { density: {} }
END
  cat >>"$1"
}

has() { # has FILE TEXT
  grep -qF -- "$2" "$1" || { cat "$1"; fail "$1 has no '$2'"; }
}

# 1. The campaign says it, the site's file where it does not, the command line before both; nothing is written.
mkdir -p config/liquidus
cat >config/liquidus/site.yaml <<END
queue: { system: slurm, account: chem, nodes: 7, setup: module load mpich }
END
write a.yaml '1 ps' <<END
queue: { nodes: 2, tasks_per_node: 32, walltime: 12 h, partition: standard }
END
"$LIQUIDUS" submit a.yaml --dry-run >a.sh || fail "dry run"
for line in '#SBATCH --nodes=2' '#SBATCH --ntasks-per-node=32' '#SBATCH --time=12:00:00' '#SBATCH --account=chem' '#SBATCH --partition=standard' \
  'module load mpich' "'--ranks' '65'"; do has a.sh "$line"; done
sh -n a.sh || fail "the script is no shell"
[ ! -e queued.run ] || fail "a dry run wrote something"
write g.yaml '1 ps' <<END
queue: { nodes: 2, tasks_per_node: 7, group: 4 }
END
"$LIQUIDUS" submit g.yaml --dry-run >g.sh || fail "dry run with groups"
has g.sh "'--ranks' '13' '--group' '4' '--wait' '600'"
has g.sh '#SBATCH --ntasks-per-node=7'
"$LIQUIDUS" submit a.yaml --dry-run --system pbs >b.sh || fail "dry run for PBS"
has b.sh '#PBS -l select=2:ncpus=32:mpiprocs=32'

# 2. Mistakes of both files, with their places; nothing is submitted.
printf 'queue: { acount: chem }\nother: 1\n' >config/liquidus/site.yaml
"$LIQUIDUS" submit a.yaml >out 2>err && fail "a site's file with mistakes was taken"
has err "config/liquidus/site.yaml:1:10: queue.acount: got an unknown key"
has err "config/liquidus/site.yaml:2:1: other: got a key that has no place here"
rm config/liquidus/site.yaml
write bad.yaml '1 ps' <<END
queue: { nodes: 0, walltime: 12, partition: "a\nb" }
END
"$LIQUIDUS" submit bad.yaml >out 2>err && fail "a bad queue was taken"
has err "bad.yaml:7:17: queue.nodes: got '0', wanted at least 1"
has err "bad.yaml:7:30: queue.walltime: got '12' without a unit, wanted a walltime in s, min, h, d"
write big.yaml '1 ps' <<END
queue: { nodes: 2, tasks_per_node: 2, group: 5 }
END
"$LIQUIDUS" submit big.yaml --dry-run >out 2>err && fail "a group larger than the job was taken"
has err "queue.group: got 5, wanted at most the 4 processes of the job (nodes x tasks_per_node)"
"$LIQUIDUS" submit a.yaml --system lsf >out 2>err && fail "an unknown system was taken"
has err "--system: got 'lsf', wanted local, slurm, pbs or torque"

# 3. What sbatch says is passed on.
mkdir -p bin
printf '#!/bin/sh\necho "sbatch: error: invalid account" >&2\nexit 1\n' >bin/sbatch
chmod +x bin/sbatch
PATH=$PWD/bin:$PATH "$LIQUIDUS" submit a.yaml --system slurm >out 2>err
[ $? = 3 ] || fail "a job that was not taken: wanted exit code 3"
has err "not submitted: sbatch: error: invalid account"

# 4. A deadline: no segment is begun that would not end before it.
write long.yaml '1 us' </dev/null
LIQUIDUS_DEADLINE=$(($(date +%s) + 5)) "$LIQUIDUS" run long.yaml -n 3 --quiet --out cut.run >out 2>&1
[ $? = 75 ] || { cat out; fail "a run that meets its deadline: wanted exit code 75"; }
grep -q 'event=drain deadline=' cut.run/log || { cat cut.run/log; fail "no word of the deadline"; }

# In the background: a warning ends the first job in time, its successor goes on to the end.
rm -rf queued.run
write c.yaml '1 ns' <<END
queue: { system: local, tasks_per_node: 2, walltime: 20 min }
END
"$LIQUIDUS" submit c.yaml >out || fail "not submitted"
has out "queued.run/job.sh"
job=$(sed -n 's/^process \([0-9]*\) (local).*/\1/p' out)
[ -n "$job" ] || { cat out; fail "no number of a process"; }
warned=
for _ in $(seq 1200); do
  grep -q '"state": "complete"' queued.run/status.json 2>/dev/null && break
  if [ -z "$warned" ] && grep -q 'event=finish' queued.run/log 2>/dev/null; then
    kill -USR1 "$job" && warned=yes
  fi
  sleep 0.3
done
grep -q '"state": "complete"' queued.run/status.json || { cat queued.run/job.out queued.run/log; fail "never complete"; }
[ "$(grep -c 'event=start' queued.run/log)" -ge 2 ] || { cat queued.run/log; fail "no successor: the warning was not heard"; }

# 5. Jobs that do not get on end with a message.
mkdir stuck.run
LIQUIDUS_BATCH=0:1 "$LIQUIDUS" submit c.yaml --out stuck.run --again >out 2>err
[ $? = 3 ] || fail "a campaign that does not get on was submitted again"
has err "2 jobs in a row did no step"
