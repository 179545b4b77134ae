#!/bin/sh
# A campaign inside a real Slurm that meets what batch jobs meet: scancel, a time limit without warning, a node that dies, two jobs
# and an array of jobs on one directory. Each time the table is that of an undisturbed run. The path has blanks.
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
mkdir 'with blanks' && cd 'with blanks' || exit 1
write_campaign c.yaml queued
sed -i 's/nve: 0.6 ps/nve: 4 ps/' c.yaml
echo 'queue: { system: slurm, tasks_per_node: 1, walltime: 10 min }' >>c.yaml

cluster=$(mktemp -d)
SLURMCTLD_PORT=$((20000 + $$ % 10000)) SLURMD_PORT=$((30000 + $$ % 10000))
export SLURMCTLD_PORT SLURMD_PORT
trap 'bash "$SOURCE/tests/slurm/down.sh" "$cluster"; rm -rf "$cluster"' EXIT
environment=$(bash "$SOURCE/tests/slurm/up.sh" "$cluster") || { echo "skipped: Slurm does not start here"; exit 77; }
eval "$environment"
node=$(hostname -s)

is_complete() { grep -q '"state": "complete"' "$1/status.json" 2>/dev/null; }
show() { cat "$1/job.out" "$1/log"; squeue; cat "$cluster/log/slurmctld.out"; }
send() { # send DIR: submits; $job
  "$LIQUIDUS" submit c.yaml --out "$1" >sent.txt || { cat sent.txt; fail "$1: not submitted"; }
  job=$(sed -n 's/^job \([0-9]*\) (slurm).*/\1/p' sent.txt)
  [ -n "$job" ] || { cat sent.txt; fail "no number of a job"; }
}
begun() { # begun DIR: a task is finished, the campaign is not
  for _ in $(seq 6000); do grep -q 'event=finish' "$1/log" 2>/dev/null && break; sleep 0.02; done
  grep -q 'event=finish' "$1/log" || { show "$1"; fail "$1: nothing began"; }
  is_complete "$1" && fail "$1: complete before anything happened to it: a longer campaign is needed"
}
ends() { # ends DIR: completes with the table of the undisturbed run
  for _ in $(seq 1200); do is_complete "$1" && break; sleep 0.1; done
  is_complete "$1" || { show "$1"; fail "$1: never complete"; }
  for _ in $(seq 300); do [ -z "$(squeue -h)" ] && break; sleep 0.1; done
  [ -z "$(squeue -h)" ] || { show "$1"; fail "$1: jobs are left"; }
  same_table plain.run/results.h5 "$1/results.h5"
  [ -s "$1/job.out" ] || fail "$1: what the jobs printed is not in a path with blanks"
}
starts() { grep -c 'event=start' "$1/log"; }

"$LIQUIDUS" run c.yaml -n 2 --out plain.run --quiet >plain.txt 2>&1
finished $? "the undisturbed run"

# 1. scancel is somebody's wish: no successor; the same command goes on.
send cancelled.run
begun cancelled.run
scancel "$job"
for _ in $(seq 300); do [ -z "$(squeue -h)" ] && break; sleep 0.1; done
sleep 1
[ -z "$(squeue -h)" ] || { show cancelled.run; fail "scancel: a successor came"; }
is_complete cancelled.run && fail "scancel: complete all the same"
send cancelled.run
ends cancelled.run
[ "$(starts cancelled.run)" = 2 ] || { show cancelled.run; fail "scancel: wanted two runs"; }

# 2. The node dies with all its processes; Slurm notices and starts the job again.
send died.run
begun died.run
kill -9 "$(cat "$cluster/slurmd.pid")"
steps=$(pgrep -f "^slurmstepd: \[$job\.") # of the script, and of what mpiexec starts with srun
for process in $steps $(for step in $steps; do pgrep -P "$step"; done) $(pgrep -f -- "--out.*/died.run"); do
  kill -9 "$process" 2>/dev/null
done
scontrol update NodeName="$node" State=DOWN Reason=died # as slurmctld does by itself after SlurmdTimeout
slurmd -L "$cluster/log/slurmd.out"
for _ in $(seq 100); do scontrol update NodeName="$node" State=RESUME 2>/dev/null; [ "$(sinfo -h -o %T)" = idle ] && break; sleep 0.2; done
sleep 10 # orders to end what ran on the dead node are sent again and would meet the job that starts anew:
scontrol update JobId="$job" StartTime=now # Slurm by itself holds it for two minutes
ends died.run
[ "$(starts died.run)" = 2 ] || { show died.run; fail "a node that died: wanted two runs"; }

# 3. Two jobs and then an array on one directory: one after the other.
send shared.run
first=$job
sbatch -o second.txt shared.run/job.sh >/dev/null || fail "a second job was not taken"
ends shared.run
[ "$(starts shared.run)" -ge 2 ] || { show shared.run; fail "two jobs: wanted two runs"; }
[ "$(grep -c 'event=segment\|event=finish' shared.run/log)" = "$(sed '/event=use/q' shared.run/log | grep -c 'event=segment\|event=finish')" ] ||
  { show shared.run; fail "two jobs: something was done twice"; }
sbatch --array=1-3%1 -o array.%a.txt shared.run/job.sh >/dev/null || fail "an array was not taken"
ends shared.run
grep -l 'results.h5' array.1.txt array.2.txt array.3.txt >/dev/null || { cat array.*.txt; fail "the array did not run"; }
[ "$first" ] && [ "$1" = short ] && exit 0

# 4. A time limit that somebody makes shorter: no warning came, but Slurm says what it was, and a successor goes on.
send late.run
begun late.run
ranks=$(pgrep -f '^[^ ]*/liquidus run .*/late.run --segment')
for rank in $ranks; do kill -STOP "$rank"; done # Slurm looks at time limits twice a minute, and the campaign is shorter
scontrol update JobId="$job" EndTime=now
for _ in $(seq 900); do grep -q "Time limit exhausted for JobId=$job" "$cluster/log/slurmctld.out" && break; sleep 0.1; done
for rank in $ranks; do kill -CONT "$rank" 2>/dev/null; done
ends late.run
[ "$(starts late.run)" = 2 ] || { show late.run; fail "a time limit: wanted two runs"; }
exit 0
