#!/bin/bash
# down.sh DIR: stops what up.sh started, by pid file
D=${1:?dir}
for p in slurmd slurmctld munge/pid; do
  f=$D/$p
  [ -f "$f.pid" ] && f=$f.pid
  [ -f "$f" ] && kill "$(cat "$f")" 2>/dev/null
done
sleep 0.5
true
