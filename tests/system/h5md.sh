#!/bin/sh
# A campaign that writes H5MD and the same that writes extended XYZ: layout, and the same numbers.
set -u
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
cd "$SCRATCH" || exit 1
rm -rf ./*
for precision in single double; do
  for format in xyz h5md; do
    [ $precision$format = doublexyz ] && continue
    write_campaign c.yaml frames
    sed -i "s/  replicas: 2/  replicas: 1\n  trajectory: { every: 20 fs, format: $format, precision: $precision, velocities: true }/" c.yaml
    "$LIQUIDUS" run c.yaml -n 3 --out $precision.$format.run --quiet >run.txt
    finished $? "the run that writes $format"
  done
  "$python" "$SOURCE/tests/support/check_h5md.py" $precision.h5md.run/trajectory single.xyz.run/trajectory 1.0 ||
    fail "$precision precision"
done
# the file is small: at most 4 bytes a number, and HDF5's own 40 kB
for file in single.h5md.run/trajectory/*.npt.h5md; do
  frames=$(grep -c Lattice "single.xyz.run/trajectory/$(basename "$file" .h5md).xyz")
  size=$(wc -c <"$file")
  [ "$size" -le $((frames * 36 * 24 + frames * 150 + 50000)) ] || fail "$file: $size bytes for $frames frames"
done
