#!/bin/bash
# up.sh DIR: a private one-node Slurm (munged + slurmctld + slurmd), no systemd, no root config in /etc.
# Prints the export line; stop with down.sh DIR. Needs packages slurm-wlm munge; run as root.
set -e
D=${1:?dir}; HERE=$(cd "$(dirname "$0")"; pwd); mkdir -p "$D"/{state,spool,log,munge}; D=$(cd "$D"; pwd)
H=$(hostname -s); CPUS=$(nproc); MEM=$(( $(awk '/MemTotal/{print $2}' /proc/meminfo)/1024 - 512 ))
CP=${SLURMCTLD_PORT:-16817}; DP=${SLURMD_PORT:-16818}
chmod 755 "$D" "$D/munge"; head -c 128 /dev/urandom > "$D/munge/key"; chmod 400 "$D/munge/key"
munged --force --key-file="$D/munge/key" --socket="$D/munge/sock" --pid-file="$D/munge/pid" --log-file="$D/munge/log" --seed-file="$D/munge/seed"
sed -e "s|@D@|$D|g; s|@H@|$H|g; s|@CPUS@|$CPUS|g; s|@MEM@|$MEM|g; s|@CP@|$CP|g; s|@DP@|$DP|g" "$HERE/slurm.conf.in" > "$D/slurm.conf"
sed -e "s|@D@|$D|g" "$HERE/cgroup.conf.in" > "$D/cgroup.conf"
export SLURM_CONF=$D/slurm.conf
slurmctld -c -L "$D/log/slurmctld.out" ; slurmd -L "$D/log/slurmd.out"
for _ in $(seq 100); do s=$(sinfo -h -o %T 2>/dev/null || true); [ "$s" = idle ] && break; sleep 0.1; done
[ "$s" = idle ] || { echo "slurm node state: '$s'" >&2; tail -5 "$D"/log/*.out >&2; exit 1; }
echo "export SLURM_CONF=$D/slurm.conf"
