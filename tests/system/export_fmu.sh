#!/bin/sh
# FMUs of made-up tables: the rules of both standards in their XML, the shared objects driven by a simulator of our own
# (modes, refusals, threads, derivatives), the same again with the sources inside compiled here with sanitizers, and the
# values against results.h5.
# usage: export_fmu.sh <make_results> <drive_fmu>
set -eu
# shellcheck source=tests/support/campaign.sh
. "$SOURCE/tests/support/campaign.sh"
need_python
make=$1
drive=$2
rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"

made_campaign grid.yaml grid CaCl2 '{ from: 0, to: 1, step: 0.1 }' '{ from: 900 K, to: 1200 K, step: 50 K }' '[0 bar, 1000 bar, 2000 bar]' 'made up'
"$make" grid.yaml grid.run holes
made_campaign flat.yaml flat CaCl2 '[0.25, 0.5, 1.0]' '[900 K, 930 K, 1000 K, 1100 K, 1200 K]' '0 bar' 'one pressure'
"$make" flat.yaml flat.run
made_campaign odd.yaml 7-odd salt-1 '[0.3, 0.6]' '[900 K, 1000 K, 1100 K]' '0 bar' 'a \"quoted\" <tag> & ]]> '\''comma'\'',\n# and a % line; } */ é'
"$make" odd.yaml odd.run
for run in grid flat odd; do
  "$LIQUIDUS" export "$run.run" fmu --out "$run.out" >"$run.log" 2>&1 || fail "export of $run: $(cat "$run.log")"
  for version in 2 3; do
    mkdir -p "$run$version"
    "$python" -m zipfile -e "$run.out"/fmu/*_fmi$version.fmu "$run$version"
  done
done
"$LIQUIDUS" export flat.run fmu --out again.out >/dev/null
cmp flat.out/fmu/flat_fmi3.fmu again.out/fmu/flat_fmi3.fmu || fail "the same table gives another archive"
"$LIQUIDUS" export grid.run fmu --out flagged.out --include-flagged >/dev/null
mkdir flagged3 && "$python" -m zipfile -e flagged.out/fmu/grid_fmi3.fmu flagged3
"$python" "$SOURCE/tests/system/export_fmu.py" "$SCRATCH" "$drive" || fail "an FMU is not what it should be"

token_of() { sed -n 's/^token //p' "$1/resources/table.txt"; }
object_of() { echo "$1"/binaries/*/*.so; }
for run in flat2 flat3; do
  version=${run#flat}
  "$drive" "$version" "$(object_of "$run")" "$(token_of "$run")" "$SCRATCH/$run/resources" 3 rules || fail "$run breaks rules"
  case $(object_of "$run") in *linux64*) [ "$version" = 2 ] || fail "$run: folder of binaries" ;; esac
done

# blanks and percent signs in a path, as file: URI and as path; decimal commas where the system has such a locale
mkdir -p 'a b%c' && cp -r flat3/resources 'a b%c/'
"$drive" 3 "$(object_of flat3)" "$(token_of flat3)" "$SCRATCH/a b%c/resources" 3 rules || fail "a path with blanks"
"$drive" 2 "$(object_of flat2)" "$(token_of flat2)" "$SCRATCH/a%20b%25c/resources" 3 values 1 cs </dev/null || fail "a URI with %20"

# what is inside is all that is needed: compiled from the sources, with sanitizers where the compiler has them
cc=${CC:-cc}
if command -v "$cc" >/dev/null; then
  sane='-fsanitize=address,undefined -fno-sanitize-recover=all'
  echo 'int main(void) { return 0; }' >probe.c
  # shellcheck disable=SC2086 # a list of options
  "$cc" $sane probe.c -o probe 2>/dev/null && ./probe || sane=
  # shellcheck disable=SC2086
  "$cc" -std=gnu11 -g $sane "$SOURCE/tests/support/drive_fmu.c" -o drive -ldl -lpthread -lm || fail "the simulator does not compile"
  for version in 2 3; do
    # shellcheck disable=SC2086
    "$cc" -std=gnu11 -g -Wall -Wextra -Werror $sane -fPIC -shared -DFMI${version}_OVERRIDE_FUNCTION_PREFIX flat$version/sources/fmu_all.c \
      -o own$version.so -lm || fail "the sources of version $version do not compile"
    ./drive "$version" "$SCRATCH/own$version.so" "$(token_of flat$version)" "$SCRATCH/flat$version/resources" 3 rules ||
      fail "the compiled sources of version $version break rules"
    "$cc" -std=gnu11 -c flat$version/sources/fmu_all.c -o linked.o
    if command -v nm >/dev/null; then
      left=$(nm -g --defined-only linked.o | awk '{ print $3 }' | grep -v "^flat_fmi$version" || true)
      [ -z "$left" ] || fail "names without prefix in a linked FMU: $left"
    fi
  done
else
  echo "no compiler: sources not compiled"
fi
