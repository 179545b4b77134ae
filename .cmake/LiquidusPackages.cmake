# The libraries of Liquidus, all of one MPI.
#
# Why by hand: on Debian `mpicc`, `mpiexec` and `hdf5-mpi.pc` are alternatives that Open MPI takes over when any
# package pulls it in, and CMake's FindMPI and FindHDF5 follow them.  A program linked with two MPIs starts as N
# unrelated processes without an error, so the full names are used and the mixture is refused below.
#
# Imported targets: Liquidus::mpi, Liquidus::petsc (with MPI), Liquidus::hdf5, Liquidus::yaml, Liquidus::nettle,
# Liquidus::zlib, Liquidus::jansson, Liquidus::fftw, Liquidus::xml, Liquidus::zip.  All headers are system headers.
find_package(PkgConfig REQUIRED)

# package(<target> <pkg-config module>...): first module that exists; MISSING is the advice
function(liquidus_package target advice)
  pkg_search_module(LQ_${target} IMPORTED_TARGET QUIET ${ARGN})
  if(NOT LQ_${target}_FOUND)
    message(FATAL_ERROR "${target} was not found (looked for pkg-config modules: ${ARGN}).\n  ${advice}")
  endif()
  add_library(Liquidus::${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(Liquidus::${target} SYSTEM INTERFACE ${LQ_${target}_INCLUDE_DIRS})
  target_link_libraries(Liquidus::${target} INTERFACE ${LQ_${target}_LINK_LIBRARIES})
  set(LQ_${target}_VERSION ${LQ_${target}_VERSION} PARENT_SCOPE)
  set(LQ_${target}_LINK_LIBRARIES ${LQ_${target}_LINK_LIBRARIES} PARENT_SCOPE)
endfunction()

# MPI: -DLIQUIDUS_MPICC and -DLIQUIDUS_MPIEXEC, or MPICH by its full name, or what is on the path ---------------
find_program(LIQUIDUS_MPICC NAMES mpicc.mpich mpicc REQUIRED DOC "MPI compiler wrapper; its flags are used")
find_program(LIQUIDUS_MPIEXEC NAMES mpiexec.mpich mpiexec REQUIRED DOC "launcher of the same MPI")
if(NOT LIQUIDUS_MPICC MATCHES "mpich$")
  message(STATUS "MPICH's mpicc.mpich was not found; using ${LIQUIDUS_MPICC}")
endif()
set(MPI_C_COMPILER ${LIQUIDUS_MPICC})
set(MPIEXEC_EXECUTABLE ${LIQUIDUS_MPIEXEC})
find_package(MPI REQUIRED COMPONENTS C)
add_library(Liquidus::mpi INTERFACE IMPORTED GLOBAL)
target_include_directories(Liquidus::mpi SYSTEM INTERFACE ${MPI_C_INCLUDE_DIRS})
target_link_libraries(Liquidus::mpi INTERFACE MPI::MPI_C)

# PETSc: the one the set-up script found (PETSC_PC_DIR), PETSC_DIR/PETSC_ARCH, or pkg-config ---------------------
set(LIQUIDUS_CACHE "$ENV{XDG_CACHE_HOME}")
if(NOT LIQUIDUS_CACHE)
  set(LIQUIDUS_CACHE "$ENV{HOME}/.cache")
endif()
if(LIQUIDUS_MPICC MATCHES "mpich$") # what the scripts built is for MPICH
  file(GLOB LIQUIDUS_PETSC_BUILT "${LIQUIDUS_CACHE}/liquidus/petsc-*/lib/pkgconfig")
endif()
foreach(dir IN ITEMS $ENV{PETSC_PC_DIR} "$ENV{PETSC_DIR}/$ENV{PETSC_ARCH}/lib/pkgconfig" ${LIQUIDUS_PETSC_BUILT})
  if(EXISTS "${dir}/PETSc.pc" OR EXISTS "${dir}/petsc.pc")
    set(ENV{PKG_CONFIG_PATH} "${dir}:$ENV{PKG_CONFIG_PATH}")
    break()
  endif()
endforeach()
liquidus_package(petsc "Run ./quickstart or ./check, which build it, or set PETSC_DIR (and PETSC_ARCH); README.md says how on a cluster."
  PETSc>=3.18 petsc>=3.18)
set(LIQUIDUS_PETSC_VERSION ${LQ_petsc_VERSION})
target_link_libraries(Liquidus::petsc INTERFACE Liquidus::mpi)

# HDF5, parallel, with the high-level library (dimension scales) --------------------------------------------------
set(modules hdf5-mpich)
if(LIQUIDUS_MPICC MATCHES "openmpi$")
  set(modules hdf5-openmpi)
endif()
liquidus_package(hdf5 "Debian: apt-get install libhdf5-mpich-dev" ${modules} hdf5-parallel hdf5-mpi hdf5)
set(LIQUIDUS_HDF5_VERSION ${LQ_hdf5_VERSION})
list(GET LQ_hdf5_LINK_LIBRARIES 0 LIQUIDUS_HDF5_LIBRARY)
get_filename_component(LIQUIDUS_HDF5_DIR ${LIQUIDUS_HDF5_LIBRARY} DIRECTORY)
get_filename_component(hl ${LIQUIDUS_HDF5_LIBRARY} NAME_WE) # libhdf5_mpich -> hdf5_mpich_hl
string(REGEX REPLACE "^lib" "" hl ${hl})
find_library(LIQUIDUS_HDF5_HL NAMES ${hl}_hl hdf5_hl HINTS ${LIQUIDUS_HDF5_DIR} NO_DEFAULT_PATH)
if(NOT LIQUIDUS_HDF5_HL)
  find_library(LIQUIDUS_HDF5_HL NAMES ${hl}_hl ${modules}_hl hdf5_mpich_hl hdf5_openmpi_hl hdf5_hl REQUIRED)
endif()
target_link_libraries(Liquidus::hdf5 INTERFACE ${LIQUIDUS_HDF5_HL} Liquidus::mpi)

liquidus_package(yaml "Debian: apt-get install libyaml-dev" yaml-0.1)
liquidus_package(nettle "Debian: apt-get install nettle-dev" nettle)
liquidus_package(zlib "Debian: apt-get install zlib1g-dev" zlib)
liquidus_package(jansson "Debian: apt-get install libjansson-dev" jansson)
liquidus_package(fftw "Debian: apt-get install libfftw3-dev" fftw3)
liquidus_package(xml "Debian: apt-get install libxml2-dev" libxml-2.0)
liquidus_package(zip "Debian: apt-get install libzip-dev" libzip)
find_path(LIQUIDUS_RANDOM123_INCLUDE Random123/philox.h)
if(NOT LIQUIDUS_RANDOM123_INCLUDE)
  message(FATAL_ERROR "Random123 was not found.\n  Debian: apt-get install librandom123-dev")
endif()
add_library(Liquidus::random123 INTERFACE IMPORTED GLOBAL)
target_include_directories(Liquidus::random123 SYSTEM INTERFACE ${LIQUIDUS_RANDOM123_INCLUDE})

# One MPI?  A program that uses all three is linked and asked which MPI libraries it would load. ------------------
set(probe ${CMAKE_BINARY_DIR}/CMakeFiles/one_mpi)
file(WRITE ${probe}.c "
#include <petscsys.h>
#include <hdf5.h>
#if !defined(H5_HAVE_PARALLEL)
#error HDF5_IS_NOT_PARALLEL
#endif
#if defined(PETSC_USE_COMPLEX) || !defined(PETSC_USE_REAL_DOUBLE)
#error PETSC_IS_NOT_REAL_DOUBLE
#endif
int main(void)
{
  hid_t p = H5Pcreate(H5P_FILE_ACCESS);
  PetscBool on;
  return MPI_Comm_free == 0 || PetscInitialized(&on) != 0 || H5Pset_fapl_mpio(p, MPI_COMM_SELF, MPI_INFO_NULL) < 0;
}
")
try_compile(LIQUIDUS_ONE_MPI_LINKS ${CMAKE_BINARY_DIR}/CMakeFiles/one_mpi_build SOURCES ${probe}.c
  LINK_LIBRARIES Liquidus::petsc Liquidus::hdf5 COPY_FILE ${probe} OUTPUT_VARIABLE log)
if(log MATCHES "HDF5_IS_NOT_PARALLEL")
  message(FATAL_ERROR "${LIQUIDUS_HDF5_LIBRARY} is HDF5 without MPI.\n  Debian: apt-get install libhdf5-mpich-dev")
elseif(log MATCHES "PETSC_IS_NOT_REAL_DOUBLE")
  message(FATAL_ERROR "PETSc ${LIQUIDUS_PETSC_VERSION} is not built for real double precision numbers.")
elseif(NOT LIQUIDUS_ONE_MPI_LINKS)
  message(FATAL_ERROR "A program of MPI (${LIQUIDUS_MPICC}), PETSc and HDF5 does not build; most often they are of "
                      "different MPIs.\n${log}")
endif()
execute_process(COMMAND ldd ${probe} OUTPUT_VARIABLE log ERROR_QUIET)
string(REGEX MATCHALL "libmpi(ch)?\\.so[^ ]*" LIQUIDUS_MPI_LIBRARIES "${log}")
list(REMOVE_DUPLICATES LIQUIDUS_MPI_LIBRARIES)
list(LENGTH LIQUIDUS_MPI_LIBRARIES n)
if(n GREATER 1)
  message(FATAL_ERROR "Two MPIs would be mixed in one program: ${LIQUIDUS_MPI_LIBRARIES}.\n"
    "  MPI is ${LIQUIDUS_MPICC}, PETSc is in ${LQ_petsc_LINK_LIBRARIES}, HDF5 is ${LIQUIDUS_HDF5_LIBRARY}.\n"
    "  All must be built with the same MPI; on Debian use MPICH: libmpich-dev, libhdf5-mpich-dev and ./check's PETSc.")
endif()
file(READ ${MPI_C_HEADER_DIR}/mpi.h log LIMIT 20000)
if(LIQUIDUS_MPICC MATCHES "mpich" OR log MATCHES "MPICH_VERSION")
  set(LIQUIDUS_MPI_NAME MPICH)
else()
  set(LIQUIDUS_MPI_NAME "${LIQUIDUS_MPICC}")
endif()
