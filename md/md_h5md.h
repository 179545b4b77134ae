/* md/md_h5md.h - trajectories in HDF5, in the layout of H5MD 1.1
 *
 * One of the few files that know HDF5.  What stands in a file (lengths of the first dimension are
 * the number of frames, rows are atoms by their number):
 *
 *   /h5md                     version 1.1; author, creator; modules/units
 *   /particles/trajectory
 *     box                     dimension, boundary (periodic); edges/value [frame,3,3, Angstrom],
 *                             rows are lattice vectors, 8 bytes a number
 *     position/value          [frame,n,3, Angstrom] unwrapped: any periodic image, as H5MD allows
 *     velocity/value          [frame,n,3, Angstrom ps-1] where asked for; not per fs, which
 *                             MDAnalysis 2.4 takes for 10^-6 of it
 *     species                 [n] enumeration, element symbols are its names
 *     mass, id, molecule      [n] u; number of the atom, from 0; number of its molecule where known
 *   /observables              potential_energy/value [frame, eV], temperature/value [frame, K]
 *
 * step and time [fs] belong to all of them: one pair of datasets, hard-linked, as H5MD wants.
 * Positions and velocities are stored in 4 bytes a number, or in 8.  With 4, a position below 128 Å
 * is off by at most 4e-6 Å, one below 1024 Å by 3.1e-5 Å; rounding is to the nearest.  Chunks are
 * shuffled and deflated where the library can.
 *
 * A file is never changed in place: md_h5md_flush() copies it, appends the frames that were added
 * since, brings it to the disk and renames it.  At every moment the file is readable and holds
 * whole frames, whatever is killed.  The price is a copy a flush, which is once a checkpoint.
 *
 * Not collective: one rank has all atoms and writes.  Errors are PETSC_ERR_FILE_OPEN for a file
 * that cannot be read or is of another system, and PETSC_ERR_FILE_WRITE, with the path and the
 * reason.  After an error the object can only be closed; the file is as it was.
 * Source: de Buyl, Colberg, Höfling, Comput. Phys. Commun. 185, 1546 (2014),
 * doi:10.1016/j.cpc.2014.01.018; H5MD 1.1.0 and units module 1.0, nongnu.org/h5md.
 * Verified by: tests/unit/md/test_md_h5md.c, tests/system/h5md.sh (h5py, MDAnalysis)
 */
#pragma once

#include "md/md_atoms.h"

typedef struct {
  const char *const *species; /* [atoms->nspecies] element symbols */
  const PetscInt *molecule;   /* [n] number of the atom's molecule, or NULL */
  const char *version;        /* of the program */
  PetscBool velocities, doubles;
} md_h5md_spec;

typedef struct {
  PetscInt64 step;
  PetscReal time;        /* [fs] */
  PetscReal energy;      /* [eV] potential */
  PetscReal temperature; /* [K] */
} md_h5md_frame;

typedef struct md_h5md md_h5md;

/* md_h5md_open - a file that frames are appended to
 *
 * In:   atoms  all atoms by number: types and masses are taken from it
 *       after  frames of later steps, which the file may have, are cut off at the first flush; a
 *              run that goes on from a checkpoint gives the step of that
 * A file that exists keeps the precision and the velocities that it was begun with.  It must have
 * as many atoms of the same species: PETSC_ERR_FILE_OPEN says what differs.  A file that does not
 * exist is made by the first flush.  `spec` is copied but for the names, which are borrowed. */
PetscErrorCode md_h5md_open(const char *path, const md_h5md_spec *spec, const md_atoms *atoms,
                            PetscInt64 after, md_h5md **h5md);
/* Adds a frame, which is in memory until the next flush; 64 MB of them are flushed at once. */
PetscErrorCode md_h5md_add(md_h5md *h5md, const md_h5md_frame *frame, const md_atoms *atoms);
/* All frames are on the disk.  Without new ones nothing is done but the cut. */
PetscErrorCode md_h5md_flush(md_h5md *h5md);
/* Frames since the last flush are dropped.  NULL-safe. */
PetscErrorCode md_h5md_close(md_h5md **h5md);
