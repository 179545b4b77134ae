# .ci/setup.sh - what ./quickstart and ./check share: packages, PETSc, configure, build
#
# Sourced, never run.  Plain POSIX sh.  Every step prints one line; what a step prints itself
# goes to a log whose name is shown when the step fails.
#
#   setup_packages PACKAGE...   installs what is missing with apt-get (asks on a terminal)
#   setup_petsc                 finds or builds PETSc for MPICH; sets PETSC_PC_DIR
#   setup_build PRESET          configures and builds with a CMake preset
# shellcheck shell=sh disable=SC2034 # the lists of packages are for those who source this

: "${root:?set to the checkout before sourcing}"

PETSC_VERSION=3.18.5
PETSC_SOURCE=petsc=3.18.5+dfsg1-1
PACKAGES_BUILD="build-essential cmake ninja-build pkg-config mpich libmpich-dev libhdf5-mpich-dev
 libyaml-dev libopenblas-dev librandom123-dev nettle-dev zlib1g-dev libjansson-dev libfftw3-dev
 libxml2-dev libzip-dev"
PACKAGES_PETSC="dpkg-dev python3"

assume_yes=${assume_yes:-0}
updated=0 # apt-get update was run
cache=${XDG_CACHE_HOME:-$HOME/.cache}/liquidus
logs=$cache/log
started=$(date +%s)

say() { printf '[%4ds] %s\n' "$(($(date +%s) - started))" "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 3
}

# step LOG WHAT COMMAND... : one line on the terminal, output to a log, its tail when it fails
step() {
  step_log=$logs/$1.log
  say "$2"
  shift 2
  mkdir -p "$logs"
  if "$@" >"$step_log" 2>&1; then return 0; fi
  tail -n 25 "$step_log" >&2
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$p"
  done
}

confirm() { # confirm QUESTION: asks only on a terminal and without -y
  [ "$assume_yes" = 1 ] || [ ! -t 0 ] && return 0
  printf '%s [Y/n] ' "$1"
  read -r answer
  case $answer in [nN]*) return 1 ;; esac
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

setup_packages() {
  command -v dpkg-query >/dev/null ||
    die "this is not a Debian system" "install by hand: $*" "see README.md, On a cluster"
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    say "packages: all present"
    return 0
  fi
  hand="install by hand, then run this again: apt-get install --no-install-recommends$missing"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "packages are missing and neither root nor sudo is available" "$hand"
  confirm "Install$missing with apt-get?" || die "packages are missing" "$hand"
  if [ "$updated" = 0 ]; then
    step apt-update "packages: apt-get update" as_root apt-get update ||
      die "apt-get update failed (no network?)" "$hand"
    updated=1
  fi
  # shellcheck disable=SC2086 # a list of package names
  step apt-install "packages: installing$missing" apt_install $missing ||
    die "apt-get install failed" "$hand" "log: $step_log"
}

# PETSc -------------------------------------------------------------------------------------

# petsc_uses_mpich LIBDIR: the library is linked with MPICH and with no other MPI
petsc_uses_mpich() {
  for lib in "$1"/libpetsc.so "$1"/libpetsc_real.so; do
    if [ -e "$lib" ]; then
      deps=$(ldd "$lib" 2>/dev/null) || return 1
      case $deps in *libmpi.so*) return 1 ;; *libmpich*) return 0 ;; esac
    fi
  done
  return 1
}

# petsc_take LIBDIR: uses this installation if it fits
petsc_take() {
  [ -e "$1/pkgconfig/PETSc.pc" ] || [ -e "$1/pkgconfig/petsc.pc" ] || return 1
  petsc_uses_mpich "$1" || return 1
  PETSC_PC_DIR=$1/pkgconfig
  export PETSC_PC_DIR
}

petsc_source() { # petsc_source DIR: Debian's source package through a private sources list
  cd "$1" || return 1
  mkdir -p apt/lists/partial apt/cache/archives/partial
  mirror=$(sed -n 's/^URIs: *\([^ ]*\/debian\)\/*$/\1/p; s/^deb[^#]* \(http[^ ]*\/debian\)\/* .*/\1/p' \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    2>/dev/null | head -n 1)
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "${mirror:-http://deb.debian.org/debian} bookworm main" >apt/sources.list
  set -- -o Dir::Etc::sourcelist="$PWD/apt/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache" -o APT::Sandbox::User=root
  apt-get "$@" update && apt-get "$@" source --only-source "$PETSC_SOURCE"
}

petsc_configure() { # petsc_configure SOURCE PREFIX
  cd "$1" || return 1
  env -u PETSC_DIR -u PETSC_ARCH /usr/bin/python3 ./configure PETSC_ARCH=liquidus --prefix="$2" \
    --with-cc=mpicc.mpich --with-mpiexec=mpiexec.mpich --with-cxx=0 --with-fc=0 --with-debugging=0 \
    --with-shared-libraries=1 --with-x=0 --with-ssl=0 --with-hdf5=0 \
    --with-blaslapack-lib=-lopenblas COPTFLAGS=-O2
}

petsc_make() { # petsc_make SOURCE
  cd "$1" || return 1
  env -u PETSC_DIR -u PETSC_ARCH make PETSC_DIR="$1" PETSC_ARCH=liquidus all &&
    env -u PETSC_DIR -u PETSC_ARCH make PETSC_DIR="$1" PETSC_ARCH=liquidus install
}

petsc_build() { # petsc_build PREFIX: into a temporary prefix first, so that a kill leaves no half
  work=$(mktemp -d "$cache/petsc-build.XXXXXX")
  hand="or install PETSc >= 3.18 for MPICH yourself and set PETSC_DIR (and PETSC_ARCH)"
  step petsc-source "PETSc: fetching Debian's source package ($PETSC_SOURCE)" \
    petsc_source "$work" || die "the source of PETSc could not be fetched (no network?)" "$hand"
  src=$work/petsc-${PETSC_VERSION}+dfsg1
  step petsc-configure "PETSc: configure against MPICH (about half a minute)" \
    petsc_configure "$src" "$1" || die "PETSc's configure failed" "log: $step_log" "$hand"
  step petsc-make "PETSc: build and install into $1 (about 3 minutes on 2 cores)" \
    petsc_make "$src" || die "PETSc's build failed" "log: $step_log" "$hand"
  touch "$1/complete"
  rm -rf "$work"
}

setup_petsc() {
  mkdir -p "$cache"
  prefix=$cache/petsc-$PETSC_VERSION-mpich-$(mpichversion 2>/dev/null | awk '/Version/{print $3; exit}')
  module=$(pkg-config --variable=libdir PETSc 2>/dev/null)
  if [ -n "${PETSC_DIR:-}" ] && petsc_take "$PETSC_DIR/${PETSC_ARCH:-}/lib"; then
    say "PETSc: PETSC_DIR=$PETSC_DIR"
  elif [ -n "$module" ] && petsc_take "$module"; then
    say "PETSc: the one pkg-config knows, in $module"
  elif [ -e "$prefix/complete" ] && petsc_take "$prefix/lib"; then
    say "PETSc: built before, in $prefix"
  else
    [ -z "${PETSC_DIR:-}" ] ||
      say "PETSc: PETSC_DIR=$PETSC_DIR is not a PETSc built with MPICH; not used"
    # shellcheck disable=SC2086 # a list of package names
    setup_packages $PACKAGES_PETSC
    rm -rf "$prefix"
    petsc_build "$prefix"
    petsc_take "$prefix/lib" || die "the PETSc just built is not linked with MPICH" "in $prefix"
  fi
}

# Our own build -----------------------------------------------------------------------------

setup_build() { # setup_build PRESET [CMAKE OPTION...]
  preset=$1
  shift
  cd "$root" || exit 3
  step "configure-$preset" "configure: preset $preset" cmake --preset "$preset" "$@" ||
    die "cmake --preset $preset failed" "log: $step_log"
  step "build-$preset" "build: preset $preset" cmake --build --preset "$preset" ||
    die "the build failed" "log: $step_log"
}
