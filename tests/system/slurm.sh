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
