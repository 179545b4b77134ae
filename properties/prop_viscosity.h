/* properties/prop_viscosity.h - shear viscosity from the fluctuations of the pressure
 *
 *     eta = V/(k_B T) integral_0^infinity <P_c(0) P_c(t)> dt
 *
 * for each of five independent components c of the traceless pressure,
 *     (P_xx - P_yy/2 - P_zz/2)/sqrt(3),  (P_yy - P_zz)/2,  P_yz,  P_xz,  P_xy,
 * which an isotropic liquid gives the same mean integral.  Their mean is the formula of Daivis &
 * Evans, J. Chem. Phys. 100, 541 (1994), doi:10.1063/1.466970.
 *
 * The cell must not change, and temperature must be that of each replica: constant energy.
 */
#pragma once

#include "properties/prop_running.h"
#include "properties/prop_zero.h"

enum { PROP_PRESSURE = 6, PROP_VISCOSITY_COMPONENTS = 5 };

/* One replica.  All replicas have the same n. */
typedef struct {
  PetscInt n;                               /* blocks */
  const PetscReal *pressure[PROP_PRESSURE]; /* [n, eV/Å^3] xx yy zz yz xz xy; borrowed */
  PetscReal volume;                         /* [Å^3] > 0 */
  PetscReal temperature;                    /* [K] > 0, mean of this replica */
} prop_pressure;

/* [eV fs/Å^3], MD_VISCOSITY_SI of them are 1 Pa s */
typedef struct {
  prop_estimate primary;          /* zero-frequency limit; flags include METHODS_DISAGREE */
  prop_zero zero;                 /* how it came about */
  prop_running_fit decomposition; /* running integral, two exponentials */
  prop_running_value einstein;    /* Einstein and Helfand */
  prop_running_value truncated;   /* running integral at the time asked for */
  PetscReal z_decomposition;      /* (decomposition - primary)/joint error; NaN: not known */
  PetscReal z_einstein;           /* (einstein - primary)/joint error */
} prop_viscosity;

/* |z| above this sets METHODS_DISAGREE */
#define PROP_VISCOSITY_Z 3.0

/* prop_viscosity_estimate - viscosity of all replicas by all methods
 *
 * Not collective.
 * In:   nreplica >= 0, replicas  [nreplica]
 *       step     [fs] > 0, length of a block
 *       cutoff   [fs] > 0, where the running integral is truncated for comparison
 * Out:  out      every field set; NaN and MISSING without replicas
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a volume, temperature, step or cutoff that is not positive
 * and finite, PETSC_ERR_ARG_INCOMP for replicas of unequal length, PETSC_ERR_FP for a sample that
 * is infinity or NaN.  Whatever the data say, the function returns 0.
 * Verified by: tests/verify/test_prop_viscosity.c */
PetscErrorCode prop_viscosity_estimate(PetscInt nreplica, const prop_pressure replica[],
                                       PetscReal step, PetscReal cutoff, prop_viscosity *out);

/* prop_viscosity_deviations - by how much each replica by itself would change the primary value
 *
 * Arguments and errors as above.
 * Out:  deviation  [nreplica] of the value, over it (prop_zero_deviations()); NaN without one */
PetscErrorCode prop_viscosity_deviations(PetscInt nreplica, const prop_pressure replica[],
                                         PetscReal step, PetscReal deviation[]);

/* prop_viscosity_running, prop_viscosity_spectrum - curves for people: running integral and
 * spectrum [eV fs/Å^3], with errors; the caller frees them.  Arguments and errors as above, but
 * nreplica >= 1 (and n >= PROP_SPECTRUM_MIN for the spectrum). */
PetscErrorCode prop_viscosity_running(PetscInt nreplica, const prop_pressure replica[],
                                      PetscReal step, prop_running *run);
PetscErrorCode prop_viscosity_spectrum(PetscInt nreplica, const prop_pressure replica[],
                                       PetscReal step, prop_spectrum *spectrum);
