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

# `liquidus submit`: the warning of Slurm stops the job in time, its successor ends the campaign; the same table.
"$LIQUIDUS" submit c.yaml --out sent.run >sent.txt || { cat sent.txt; fail "not submitted"; }
job=$(sed -n 's/^job \([0-9]*\) (slurm).*/\1/p' sent.txt)
[ -n "$job" ] || { cat sent.txt; fail "no number of a job"; }
warned=
for _ in $(seq 600); do
  grep -q '"state": "complete"' sent.run/status.json 2>/dev/null && break
  if [ -z "$warned" ] && grep -q 'event=finish' sent.run/log 2>/dev/null; then
    scancel --signal=USR1 --batch "$job" && warned=yes
  fi
  sleep 0.3
done
grep -q '"state": "complete"' sent.run/status.json || { cat sent.run/job.out sent.run/log; fail "the submitted campaign never ended"; }
[ "$(grep -c 'event=start' sent.run/log)" -ge 2 ] || { cat sent.run/job.out sent.run/log; fail "no successor: the warning was not heard"; }
same_table step.run/results.h5 sent.run/results.h5
