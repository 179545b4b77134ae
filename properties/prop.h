/* properties/prop.h - the value that a property is: number, error bar, sample count, method, flags
 *
 * Everything this folder hands out is a prop_value in SI, and every prop_value says about itself
 * whether it may be used.  A flag is a result about the data, not a program error: the function
 * that sets it returns 0, the number is stored and exports repeat the flag.
 */
#pragma once

#include <math.h>
#include <petscsys.h>

/* Bits of prop_value.flags; 0 is clean.  Names and meanings are written into the results file
 * (flag_masks, flag_meanings) from prop_flag_name() and prop_flag_text(). */
typedef enum {
  PROP_FLAG_MISSING = 1 << 0,     /* no value: the point failed, was excluded or is not finished */
  PROP_FLAG_FEW_SAMPLES = 1 << 1, /* effective sample count below PROP_NEFF_MIN */
  PROP_FLAG_NOT_STATIONARY = 1 << 2,    /* no equilibrated part, or shorter than half the series */
  PROP_FLAG_REPLICAS_DISAGREE = 1 << 3, /* chi-square over replicas improbable at 1 % */
  PROP_FLAG_NO_PLATEAU = 1 << 4,    /* the error bar still grows with block length: a lower bound */
  PROP_FLAG_NOT_DIFFUSIVE = 1 << 5, /* MSD not linear in the fitted window, or displacement short */
  PROP_FLAG_ONE_REPLICA = 1 << 6,   /* no spread between replicas to check the error bar against */
  PROP_FLAG_DRIFT = 1 << 7,         /* total energy drifted in NVE */
  PROP_FLAG_NO_SIZE_CORRECTION = 1 << 8, /* D(L) as simulated: no finite-size correction applied */
  PROP_FLAG_PARTIAL = 1 << 9,            /* from a run that has not reached its length yet */
  PROP_FLAG_EXTRAPOLATING = 1 << 10,     /* the potential had not learned what it was used for */
  PROP_FLAG_NOT_LINEAR = 1 << 11,        /* the profile that a flux makes is no straight line */
  PROP_FLAG_METHODS_DISAGREE = 1 << 12,  /* another estimator of the same differs: |z| > 3 */
  PROP_FLAG_CLASSICAL = 1 << 13,         /* quantum effects of light atoms are left out */
  PROP_FLAG_NOT_LIQUID = 1 << 14,        /* atoms do not get away: a crystal or a glass */
  PROP_FLAG_MIXED_CONDUCTOR = 1 << 15,   /* electrons carry current, too */
  PROP_FLAG_IONIC_ONLY = 1 << 16,        /* of a metal: without what electrons conduct */
  PROP_FLAG_INTERFACE = 1 << 17,         /* of a cell with several phases: no property of one */
  PROP_FLAG_FINITE_SIZE = 1 << 18,       /* of one cell: no limit of long cells was taken */
  PROP_FLAG_SURVIVORS = 1 << 19          /* other replicas of the point were lost */
} prop_flag;
enum { PROP_NFLAG = 20 };

/* Fewer effective samples than this, over all replicas, set PROP_FLAG_FEW_SAMPLES.  With 20
 * samples an error bar is itself known to 1/sqrt(2 (20 - 1)) = 16 %. */
enum { PROP_NEFF_MIN = 20 };

/* prop_flag_name, prop_flag_text - "few_samples"; one sentence for people
 *
 * Not collective.  In: bit 0..PROP_NFLAG-1 (the flag is 1 << bit).  NULL for any other bit.  The
 * string is static.  Verified by: tests/unit/properties/test_prop.c */
const char *prop_flag_name(PetscInt bit);
const char *prop_flag_text(PetscInt bit);

/* Not a number, for what is not known; infinity, which PETSC_INFINITY is not.  (Without the cast
   clang warns of a float made double.) */
#define PROP_NAN      ((PetscReal)NAN)
#define PROP_INFINITY ((PetscReal)INFINITY)

typedef struct {
  PetscReal value; /* SI; NaN when missing */
  PetscReal error; /* SI, one standard error of the mean; NaN when the data give none */
  PetscReal neff;  /* effective number of independent samples; 0: unknown */
  PetscInt flags;  /* prop_flag bits */
} prop_value;
extern const prop_value prop_value_missing; /* NaN, NaN, 0, PROP_FLAG_MISSING */

/* Whether a value has one number a point, or one for each species or ordered pair of species. */
typedef enum { PROP_PER_POINT, PROP_PER_SPECIES, PROP_PER_PAIR } prop_shape;

/* Numbers of the registry, in the order in which tables are printed. */
typedef enum {
  PROP_ID_DENSITY,
  PROP_ID_NUMBER_DENSITY,
  PROP_ID_THERMAL_EXPANSION,
  PROP_ID_THERMAL_EXPANSION_FLUCTUATION,
  PROP_ID_ISOTHERMAL_COMPRESSIBILITY,
  PROP_ID_POTENTIAL_ENERGY,
  PROP_ID_ENTHALPY,
  PROP_ID_HEAT_CAPACITY,
  PROP_ID_HEAT_CAPACITY_ATOMS,
  PROP_ID_HEAT_CAPACITY_FORMULA,
  PROP_ID_HEAT_CAPACITY_FLUCTUATION,
  PROP_ID_HEAT_CAPACITY_CV,
  PROP_ID_SPEED_OF_SOUND,
  PROP_ID_ADIABATIC_COMPRESSIBILITY,
  PROP_ID_VISCOSITY,
  PROP_ID_VISCOSITY_DECOMPOSITION,
  PROP_ID_VISCOSITY_EINSTEIN,
  PROP_ID_VISCOSITY_TRUNCATED,
  PROP_ID_VISCOSITY_RNEMD,
  PROP_ID_VISCOSITY_Z,
  PROP_ID_KINEMATIC_VISCOSITY,
  PROP_ID_KINETIC_TEMPERATURE,
  PROP_ID_DIFFUSION,
  PROP_ID_DIFFUSION_CELL,
  PROP_ID_DIFFUSION_VACF,
  PROP_ID_DIFFUSION_ACTIVATION,
  PROP_ID_SCHMIDT,
  PROP_ID_STOKES_EINSTEIN,
  PROP_ID_IONIC_CONDUCTIVITY,
  PROP_ID_CONDUCTIVITY_EINSTEIN,
  PROP_ID_CONDUCTIVITY_NERNST_EINSTEIN,
  PROP_ID_CONDUCTIVITY_TRUNCATED,
  PROP_ID_HAVEN_RATIO,
  PROP_ID_TRANSFERENCE,
  PROP_ID_TRANSFERENCE_SOLVENT,
  PROP_ID_ONSAGER,
  PROP_ID_THERMAL_CONDUCTIVITY,
  PROP_ID_THERMAL_CONDUCTIVITY_RNEMD,
  PROP_ID_THERMAL_CONDUCTIVITY_Z,
  PROP_ID_THERMAL_DIFFUSIVITY,
  PROP_ID_PRANDTL,
  PROP_ID_COORDINATION,
  PROP_ID_RDF_PEAK,
  PROP_ID_PAIR_APART,
  PROP_ID_PAIR_CONTACT,
  PROP_ID_PAIR_AGGREGATE,
  PROP_ID_SHELL_LIFETIME,
  PROP_NID
} prop_id;

/* What the registry knows of a property.  All strings are static. */
typedef struct {
  const char *name;          /* dataset name: "density" */
  const char *long_name;     /* CF attribute: a few words */
  const char *units;         /* CF attribute, readable by udunits: "kg m-3" */
  const char *standard_name; /* CF attribute; NULL when the CF table has none */
  prop_shape shape;
  const char *group;      /* keys of a campaign's properties that must all be there: "density" */
  const char *truncation; /* what its _truncation [s] is: a few words; NULL: it has none */
  const char *method;     /* one sentence with the estimator */
} prop_definition;

/* prop_count, prop_get, prop_find - the registry, by number (prop_id) and by name
 *
 * Not collective.  prop_get: NULL outside 0..prop_count()-1; prop_find: NULL for an unknown name.
 * Verified by: tests/unit/properties/test_prop.c */
PetscInt prop_count(void);
const prop_definition *prop_get(PetscInt i);
const prop_definition *prop_find(const char *name);

/* prop_width - numbers of a property at one point: 1, nspecies or nspecies^2 by its shape
 * Verified by: tests/unit/properties/test_prop.c */
PetscInt prop_width(const prop_definition *definition, PetscInt nspecies);
