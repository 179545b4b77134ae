#!/bin/sh
# The check above must be able to fail: a tree with one violation of each kind is refused.
# usage: check_flags.sh <check_includes.sh> <scratch folder>
set -u
check=$1 scratch=$2
rm -rf "$scratch/tree"
mkdir -p "$scratch/tree/mtp" "$scratch/tree/md" "$scratch/tree/properties" "$scratch/tree/queue" \
  "$scratch/tree/screening" "$scratch/tree/tests"
sh "$check" "$scratch/tree" || { echo "an empty tree is refused"; exit 1; }
violation() { # violation <file> <line>
  printf '%s\n' "$2" >"$scratch/tree/$1"
  if sh "$check" "$scratch/tree" >"$scratch/out"; then
    echo "accepted: $1: $2"
    exit 1
  fi
  rm "$scratch/tree/$1"
}
violation mtp/a.c '#include "md/md_run.h"'
violation md/a.c '#include "properties/prop.h"'
violation queue/a.c '#include "mtp/mtp_config.h"'
violation properties/a.c '#include "screening/screen_run.h"'
violation md/a.c '#include <hdf5.h>'
violation screening/screen_run.c '#include <yaml.h>'
violation md/a.c '#include "mtp/mtp_potential_impl.h"'
violation md/a.c '  exit(1);'
violation md/a.c '  f(PETSC_COMM_WORLD);'
violation md/a.cpp ''
violation md/a.c "$(printf '%0101d' 0)"
violation md/a.c "$(yes x | head -n 801)"
