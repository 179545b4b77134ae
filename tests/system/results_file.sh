#!/bin/sh
# The results file as others open it: ncdump in full, h5py, netCDF4 and xarray with every variable of every group.
# usage: results_file.sh <test_screen_store>
set -eu

python=/usr/bin/python3 # the one that has Debian's modules, whatever comes first on the path
command -v ncdump >/dev/null || { echo "skipped: ncdump is not installed (netcdf-bin)"; exit 77; }
for module in h5py numpy netCDF4 xarray; do
  "$python" -c "import $module" 2>/dev/null || {
    echo "skipped: $python has no module $module (python3-h5py python3-netcdf4 python3-xarray)"
    exit 77
  }
done

files=$SCRATCH/files
rm -rf "$files"
mkdir "$files"
"$MPIEXEC" -n 3 "$1" -directory "$files" >"$SCRATCH/log" 2>&1 || { cat "$SCRATCH/log"; exit 1; }
for run in np1 np2 np3 changed; do
  ncdump "$files/$run/results.h5" >"$SCRATCH/$run.cdl" || { echo "ncdump of $run failed"; exit 1; }
  ncdump -k "$files/$run/results.h5" | grep -qx netCDF-4 || { echo "$run is not netCDF-4"; exit 1; }
done
"$python" "$SOURCE/tests/system/results_file.py" "$files"
