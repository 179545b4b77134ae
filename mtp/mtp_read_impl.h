/* mtp/mtp_read_impl.h - what the parts of the .mtp reader share; included by mtp_read*.c only
 *
 * Reading has two halves.  The first (mtp_read.c, mtp_read_list.c) walks over the text key by key
 * and puts what it finds into growing lists: no count of the file is believed, so no count can ask
 * for memory that the bytes of the file do not pay for.  The second (mtp_read_check.c) compares
 * counts, lists and indices and builds the potential from them.  A wrong value is reported and
 * reading goes on; a broken structure (a missing brace, the end of the file) sets `stop`.
 */
#pragma once

#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_text.h"

/* Keys of the format; MTP_KEY_INNER is `scaling` inside the basis block. */
typedef enum {
  MTP_KEY_VERSION,
  MTP_KEY_NAME,
  MTP_KEY_SCALING,
  MTP_KEY_SPECIES,
  MTP_KEY_TAG,
  MTP_KEY_BASIS,
  MTP_KEY_INNER,
  MTP_KEY_MIN,
  MTP_KEY_MAX,
  MTP_KEY_SIZE,
  MTP_KEY_FUNCS,
  MTP_KEY_RADIAL,
  MTP_KEY_MOMENTS,
  MTP_KEY_NBASIC,
  MTP_KEY_BASIC,
  MTP_KEY_NTIMES,
  MTP_KEY_TIMES,
  MTP_KEY_NSCALAR,
  MTP_KEY_MAPPING,
  MTP_KEY_SPECIES_COEFFS,
  MTP_KEY_MOMENT_COEFFS,
  MTP_KEY_COUNT
} mtp_key;

/* Largest values accepted; real files stay far below.  They bound what untrained files, whose
   counts nothing in the file confirms, can ask for, and the powers of a vector's components. */
enum { MTP_MAX_SPECIES = 1000, MTP_MAX_RADIAL = 10000, MTP_MAX_RANK = 1000 };

typedef struct {
  PetscInt n, capacity;
  PetscInt *v;
} mtp_ints;

typedef struct {
  PetscInt n, capacity;
  PetscReal *v;
} mtp_reals;

typedef struct {
  mtp_text t;
  const char *begin; /* of the text */
  mtp_potential *pot;
  PetscBool stop;                /* the structure is broken: nothing more can be said */
  PetscInt line[MTP_KEY_COUNT];  /* where the key stands; 0: nowhere */
  PetscBool good[MTP_KEY_COUNT]; /* its value was read */
  int rank;                      /* of the last key, for the order */
  PetscReal scaling, inner;      /* `scaling` outside and inside the basis block */
  PetscInt nbasic, ntimes;       /* the counts as the file states them */
  mtp_ints label;                /* [3 pairs] A, B and the line of each A-B of radial_coeffs */
  mtp_reals radial;
  mtp_ints basic, times; /* [4 rows] */
  mtp_ints mapping;
  mtp_reals species_coeff, moment_coeff;
} mtp_reader;

const char *mtp__key_name(mtp_key key);

/* A list in braces; exactly one of `ints`, `reals` is given.  Adds to it and to *n. */
PetscErrorCode mtp__read_list(mtp_reader *r, const char *what, PetscInt row, mtp_ints *ints,
                              mtp_reals *reals, PetscInt *n);
/* { {p,q,m,o}, ... }: rows of four integers */
PetscErrorCode mtp__read_rows(mtp_reader *r, const char *what, mtp_ints *ints);
/* the pairs A-B behind radial_coeffs */
PetscErrorCode mtp__read_radial(mtp_reader *r);
/* Compares and builds; fills r->pot. */
PetscErrorCode mtp__read_check(mtp_reader *r);
/* The selection state at t->at ("#..."), to the end of the text. */
PetscErrorCode mtp__read_selection(mtp_reader *r);
