#!/bin/sh
# A campaign inside a real Slurm: under srun (no mpiexec), and from a batch script where `liquidus run` starts mpiexec.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
for program in slurmctld slurmd munged srun sbatch; do
  command -v $program >/dev/null || PATH=$PATH:/usr/sbin:/sbin
  command -v $program >/dev/null || { echo "skipped: no $program (Debian: slurm-wlm, munge)"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: a private Slurm needs root"; exit 77; }
cd "$SCRATCH" || exit 1
rm -rf ./*
write_campaign c.yaml queued
sed -i 's/nve: 0.6 ps/nve: 4 ps/' c.yaml
cat >>c.yaml <<END
queue: { system: slurm, tasks_per_node: 1, walltime: 10 min }
END

cluster=$(mktemp -d)
SLURMCTLD_PORT=$((20000 + $$ % 10000)) SLURMD_PORT=$((30000 + $$ % 10000))
export SLURMCTLD_PORT SLURMD_PORT
trap 'bash "$SOURCE/tests/slurm/down.sh" "$cluster"; rm -rf "$cluster"' EXIT
environment=$(bash "$SOURCE/tests/slurm/up.sh" "$cluster") || { echo "skipped: Slurm does not start here"; exit 77; }
eval "$environment"

timeout 200 srun --mpi=pmi2 --overcommit -n 3 "$LIQUIDUS" run c.yaml --out step.run --quiet >step.txt
finished $? "the campaign under srun"
grep -q 'step.run/results.h5' step.txt || { cat step.txt; fail "srun: no table"; }

cat >job.sh <<END
#!/bin/sh
#SBATCH -n 2
cd "$SCRATCH"
"$LIQUIDUS" run c.yaml -n 2 --out batch.run --quiet
END
timeout 200 sbatch -W -o batch.txt job.sh
finished $? "the campaign in a batch script"
same_table step.run/results.h5 batch.run/results.h5

is_complete() { grep -q '"state": "complete"' sent.run/status.json 2>/dev/null; }

# `liquidus submit`: the warning of Slurm stops the job in time, its successor ends the campaign; the same table.
"$LIQUIDUS" submit c.yaml --out sent.run >sent.txt || { cat sent.txt; fail "not submitted"; }
job=$(sed -n 's/^job \([0-9]*\) (slurm).*/\1/p' sent.txt)
[ -n "$job" ] || { cat sent.txt; fail "no number of a job"; }
for _ in $(seq 3000); do grep -q 'event=finish' sent.run/log 2>/dev/null && break; sleep 0.02; done
ranks=$(pgrep -f '^[^ ]*/liquidus run .*/sent.run --segment')
for rank in $ranks; do kill -STOP "$rank"; done # until the warning is with them: however fast the machine, the campaign is not over before
is_complete && fail "complete before it was warned: a longer campaign is needed"
scancel --signal=USR1 --batch "$job"
heard() { for rank in $ranks; do grep -q 'ShdPnd:.*[1-9a-f]' "/proc/$rank/status" && return; done; return 1; }
for _ in $(seq 300); do heard && break; sleep 0.1; done
heard || { cat sent.run/job.out sent.run/log; fail "the warning did not reach the ranks"; }
for rank in $ranks; do kill -CONT "$rank"; done
for _ in $(seq 600); do is_complete && break; sleep 0.3; done
is_complete || { cat sent.run/job.out sent.run/log; fail "the submitted campaign never ended"; }
[ "$(grep -c 'event=start' sent.run/log)" -ge 2 ] || { cat sent.run/job.out sent.run/log; fail "no successor: the warning was not heard"; }
same_table step.run/results.h5 sent.run/results.h5
