/* properties/prop.h - the value that a property is: number, error bar, sample count, method, flags */
#pragma once

#include <petscsys.h>

/* Flags: bits of prop_value.flags; 0 is clean.  Names and meanings are written into the results file (flag_masks,
 * flag_meanings) from prop_flag_name()/prop_flag_text(). */
typedef enum {
  PROP_FLAG_MISSING = 1 << 0,      /* no value: the point failed, was excluded or is not finished */
  PROP_FLAG_FEW_SAMPLES = 1 << 1,  /* effective sample count below the gate */
  PROP_FLAG_NOT_STATIONARY = 1 << 2, /* no equilibrated part was found, or it is shorter than half the series */
  PROP_FLAG_REPLICAS_DISAGREE = 1 << 3, /* chi-square over replicas improbable at 1 % */
  PROP_FLAG_NO_PLATEAU = 1 << 4,   /* the error bar still grows with block length: a lower bound */
  PROP_FLAG_NOT_DIFFUSIVE = 1 << 5, /* MSD not linear in time in the fitted window, or too short a displacement */
  PROP_FLAG_ONE_REPLICA = 1 << 6,  /* no spread between replicas to check the error bar against */
  PROP_FLAG_DRIFT = 1 << 7,        /* total energy drifted in NVE */
  PROP_FLAG_NO_SIZE_CORRECTION = 1 << 8, /* D(L) as simulated: no hydrodynamic finite-size correction applied */
  PROP_FLAG_PARTIAL = 1 << 9       /* from a run that has not reached its length yet */
} prop_flag;
enum { PROP_NFLAG = 10 };
const char *prop_flag_name(PetscInt bit);  /* "few_samples" */
const char *prop_flag_text(PetscInt bit);  /* one sentence for people */

typedef struct {
  PetscReal value;  /* SI */
  PetscReal error;  /* SI, one standard error of the mean */
  PetscReal neff;   /* effective number of independent samples */
  PetscInt flags;   /* prop_flag bits */
} prop_value;
extern const prop_value prop_value_missing;

/* What the registry knows of a property. */
typedef struct {
  const char *name;      /* dataset name: "density" */
  const char *long_name, *units, *standard_name; /* CF; standard_name NULL when the CF table has none */
  const char *method;    /* one sentence with the estimator */
  enum { PROP_PER_POINT, PROP_PER_SPECIES, PROP_PER_PAIR } shape;
} prop_definition;
PetscInt prop_count(void);
const prop_definition *prop_get(PetscInt i);
const prop_definition *prop_find(const char *name); /* NULL if unknown */
