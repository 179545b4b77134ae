#!/bin/sh
# Exports of a made-up table of 11 compositions, 7 temperatures and 3 pressures with holes and flags, and of one with hostile
# names: every format read back by a reader of its own, the figures drawn, the refusals.
# usage: export.sh <make_results>
set -eu
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
make=$1
rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"

all='netcdf csv openfoam mstdb-tp moose modelica comsol fluent'

made_campaign grid.yaml grid CaCl2 '{ from: 0, to: 1, step: 0.1 }' '{ from: 900 K, to: 1200 K, step: 50 K }' '[0 bar, 1000 bar, 2000 bar]' 'made up'
"$make" grid.yaml grid.run holes
"$make" grid.yaml clean.run
made_campaign flat.yaml flat CaCl2 '[0.25, 0.5, 1.0]' '{ from: 900 K, to: 1200 K, step: 50 K }' '0 bar' 'one pressure'
"$make" flat.yaml flat.run
made_campaign odd.yaml odd salt-1 '[0.3, 0.6]' '[900 K, 1000 K, 1100 K]' '0 bar' 'a \"quoted\", comma,\n# and a % line; } */ é'
"$make" odd.yaml odd.run

for run in grid clean flat odd; do
  code=0
  # shellcheck disable=SC2086 # a list of words
  "$LIQUIDUS" export "$run.run" $all --out "$run.out" >"$run.log" 2>&1 || code=$?
  # of the grid with flags no composition is clean at all pressures, so that MOOSE gets nothing
  case $run in grid) want=1 ;; *) want=0 ;; esac
  [ "$code" = "$want" ] || fail "export of $run ends with $code, not $want: $(cat "$run.log")"
done
"$LIQUIDUS" export grid.run csv --out flagged.out --include-flagged >/dev/null
"$LIQUIDUS" export flat.run/results.h5 csv --out file.out >/dev/null
cmp flat.out/csv/table.csv file.out/csv/table.csv || fail "a file and its directory give different tables"
"$python" "$SOURCE/tests/system/export.py" "$SCRATCH" || fail "an export is not what was put in"

# netCDF: the file itself, under a name that tools look for
cmp flat.out/netcdf/flat.nc flat.run/results.h5 || fail "the netCDF file is not the table"
if command -v ncdump >/dev/null; then
  [ "$(ncdump -k flat.out/netcdf/flat.nc)" = netCDF-4 ] || fail "ncdump does not take the netCDF file for one"
fi

# the figures
if command -v gnuplot >/dev/null; then
  (cd flat.out/csv && for script in *.gp; do gnuplot "$script" || exit 1; done) || fail "gnuplot refuses a script"
  (cd odd.out/csv && gnuplot density.gp) || fail "gnuplot refuses a hostile text"
  for figure in flat.out/csv/*.svg; do
    grep -q '<path' "$figure" || fail "$figure is empty"
  done
else
  echo "gnuplot is not installed: figures not drawn"
fi

# refusals: the format, the file, the arguments
refused() { # refused CODE MESSAGE ARGUMENTS...
  want=$1 message=$2
  shift 2
  code=0
  "$LIQUIDUS" export "$@" >out.txt 2>err.txt || code=$?
  [ "$code" = "$want" ] || fail "export $* ends with $code, not $want"
  grep -qF "$message" err.txt || fail "export $* says: $(cat err.txt)"
}
refused 2 "got format 'opnfoam', wanted some of netcdf, csv, openfoam, mstdb-tp, moose, modelica, comsol, fluent, fmu" flat.run opnfoam
refused 2 "nowhere: No such file or directory" nowhere csv
refused 2 "not an HDF5 file, or a damaged one" grid.yaml csv
refused 2 "wanted a directory and formats" flat.run
head -c 5000 flat.run/results.h5 >cut.h5
refused 2 "cut.h5: not an HDF5 file, or a damaged one" cut.h5 csv
if [ "$(id -u)" != 0 ]; then
  mkdir closed && chmod 500 closed
  refused 3 "closed/" flat.run csv --out closed/out
fi
