#!/bin/sh
# The portable kernels compile without warnings for aarch64: every file of mtp/ but the x86 units, and the code of two
# standard levels.  Cross-compiled only, so nothing runs; the headers of PETSc and MPI are the host's.
# Gets LIQUIDUS, SOURCE, SCRATCH from CTest; needs gcc-aarch64-linux-gnu and libc6-dev-arm64-cross, 77: not installed.
set -u
compiler=aarch64-linux-gnu-gcc
command -v $compiler >/dev/null || {
  echo "skipped: no $compiler"
  exit 77
}
build=$(dirname "$(dirname "$LIQUIDUS")")
work=$SCRATCH/aarch64
rm -rf "$work"
mkdir -p "$work/mtp"
# The host's flags for a file of mtp/: include paths, definitions, warnings; the kernels' own come below.
command=$(sed -n 's/.*"command": "\(.*\)-o [^"]*mtp_plan\.c.*/\1/p' "$build/compile_commands.json" | head -n 1)
flags='' next=0
for word in $command; do
  case $word in
    -I/usr/include | */usr/include) ;; # would hide the other machine's
    -isystem) next=1 && continue ;;
    -I"$build"/*) ;; # generated for the host: written anew below
    -I* | -D* | -W* | -std=*) flags="$flags $word" ;;
    *)
      [ $next = 0 ] || flags="$flags -isystem $word"
      # PETSc's notes about its host, without the x86 headers it found there
      [ $next = 0 ] || [ ! -e "$word/petscconf.h" ] ||
        grep -v MMINTRIN "$word/petscconf.h" >"$work/petscconf.h"
      ;;
  esac
  next=0
done
case $flags in *-isystem*) ;; *) echo "no include paths in $build/compile_commands.json" && exit 1 ;; esac
compile() { # compile SOURCE OPTIONS...
  file=$1
  shift
  # shellcheck disable=SC2086 # lists of options
  $compiler $flags -I"$work" -O1 "$@" -Werror -c "$file" -o "$work/$(basename "$file").o" || {
    echo "not for aarch64: $file"
    exit 1
  }
}
{
  echo '#pragma once'
  echo '#define MTP_LEVELS(X) X(8, portable) X(16, portable)'
  echo '#define MTP_DECLARE_LEVEL(level, unit) extern const mtp_generated mtp__level_##unit##_##level;'
  echo '#define MTP_NAME_LEVEL(level, unit) &mtp__level_##unit##_##level,'
} >"$work/mtp/mtp_levels_portable.h"
kernel='-O2 -ffp-contract=fast -fno-math-errno'
for level in 8 16; do
  "$build/mtp/mtp_generate" $level "$work/mtp/graph_$level.h" || exit 1
  {
    echo '#define MTP_SIMD_PORTABLE'
    echo "#define MTP_LEVEL_TOP $(((level - 4) / 2))"
    echo "#define MTP_LEVEL_NAME mtp__level_portable_$level"
    echo "#define MTP_LEVEL_GRAPH \"mtp/graph_$level.h\""
    echo '#include "mtp/mtp_kernel_level.h"'
  } >"$work/level_portable_$level.c"
  # shellcheck disable=SC2086
  compile "$work/level_portable_$level.c" $kernel
done
for one in "$SOURCE"/mtp/*.c; do
  case $one in
    *avx*) ;;
    *mtp_kernel_portable.c | *mtp_fma_portable.c)
      # shellcheck disable=SC2086
      compile "$one" $kernel
      ;;
    *) compile "$one" -ffp-contract=off -UMTP_HAVE_X86 ;;
  esac
done
# The vector unit is used: multiply-adds of two doubles.
aarch64-linux-gnu-objdump -d "$work/level_portable_16.c.o" >"$work/code" || exit 1
count=$(grep -cE 'fmla[[:space:]]+v[0-9]+\.2d' "$work/code")
[ "$count" -gt 1000 ] || {
  echo "level 16 has $count vector multiply-adds, wanted more than 1000"
  exit 1
}
