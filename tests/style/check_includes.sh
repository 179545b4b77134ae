#!/bin/sh
# Fails when a folder includes a header of a folder it must not depend on, when a library header is used outside the files
# that are its gate, or when a file or line is longer than allowed.
# usage: check_includes.sh <repository root>
cd "$1" || exit 2
bad=0
report() { # report <rule> <offending lines>
  [ -z "$2" ] || {
    printf '%s\n%s\n' "$1" "$2"
    bad=1
  }
}
folder() { # folder <folder> <folders it may include>
  report "$1 may include only $2:" "$(
    grep -rnE '^#include "(mtp|md|properties|queue|screening|tests)/' --include='*.[ch]' "$1" |
      grep -vE "#include \"($2)/"
  )"
}
gate() { # gate <header> <files that may include it>
  report "$1 belongs to $2:" "$(
    grep -rnE "^#include <$1>" --include='*.[ch]' mtp md properties queue screening |
      grep -vE "^($2):"
  )"
}
folder mtp 'mtp'
folder md 'mtp|md'
folder properties 'mtp|md|properties'
folder queue 'queue'
folder screening 'mtp|md|properties|queue|screening'
gate 'yaml\.h' 'screening/screen_yaml\.c'
gate 'hdf5(_hl)?\.h' 'screening/screen_store(_[a-z0-9]+)?\.[ch]|md/md_h5md\.c'
report 'private headers stay in their folder:' "$(
  grep -rnE '^#include "mtp/.*_impl\.h"' --include='*.[ch]' md properties queue screening tests | grep -v '^tests/'
  grep -rnE '^#include "md/.*_impl\.h"' --include='*.[ch]' mtp properties queue screening
  grep -rnE '^#include "properties/.*_impl\.h"' --include='*.[ch]' mtp md queue screening
  grep -rnE '^#include "queue/.*_impl\.h"' --include='*.[ch]' mtp md properties screening
)"
report 'no exit, abort or assert below main:' "$(
  grep -rnE '(^|[^_a-zA-Z])(exit|abort|assert)\([^)]' --include='*.c' mtp md properties queue screening
)"
report 'communicators are arguments:' "$(
  grep -rnE 'MPI_COMM_WORLD|PETSC_COMM_WORLD' --include='*.[ch]' mtp md properties queue
)"
report 'files of at most 800 lines:' "$(
  find mtp md properties queue screening tests -name '*.[ch]' -exec awk 'END { if (FNR > 800) print FILENAME ": " FNR }' {} \;
)"
report 'lines of at most 100 columns:' "$(
  find mtp md properties queue screening tests -name '*.[ch]' -exec \
    awk '{ s = $0; gsub(/[\200-\277]/, "", s) } length(s) > 100 { print FILENAME ":" FNR ": " length(s) }' {} +
)"
report 'no C++:' "$(find . -path ./build -prune -o \( -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' \) -print)"
exit $bad
