/* properties/prop_thermal_impl.h - what the parts of the conductivity share: the reduced spectrum
 * and its smoothing
 */
#pragma once

#include "properties/prop_thermal.h"

/* Bins k = 1 .. nbin at k/(n h); bin 0 is left out (momentum is conserved, means say nothing), and
   that at half the sampling rate, which has other statistics */
typedef struct {
  PetscInt n, nbin;
  PetscReal step;     /* [fs] */
  PetscInt currents;  /* m, heat included; those that depend on others are dropped */
  PetscInt dof;       /* 3 nreplica - m + 1; < 1: no value */
  PetscReal *reduced; /* [nbin, eV/(fs Å K)] unbiased: mean s(f) */
  PetscReal *single;  /* [nbin, eV/(fs Å K)] of the heat current alone */
} prop_reduced;

/* Transforms, cross-spectra and their reduction; freed by prop_reduced_clear().  Needs checked
   arguments, nreplica >= 1 and nspecies <= 3 nreplica. */
PetscErrorCode prop_reduced_create(PetscInt nreplica, const prop_heat_flux replica[],
                                   PetscInt nspecies, PetscReal step, prop_reduced *out);

/* power [nreplica] of each replica in bins 1 .. nbin, after the regression of all together */
PetscErrorCode prop_reduced_replicas(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step, PetscInt nbin,
                                     PetscReal power[]);
PetscErrorCode prop_reduced_clear(prop_reduced *reduced);

/* A straight mean of cosines through the logarithms of bins 1 .. nbin */
typedef struct {
  PetscInt order;                           /* P* */
  PetscInt largest;                         /* P considered */
  PetscReal log, variance;                  /* of the limit at frequency zero */
  PetscReal cosine[PROP_THERMAL_MAX_ORDER]; /* of the fit with P* */
} prop_cepstrum;

/* y [nbin] logarithms, bias taken away, each of the given variance; nbin >= 3 */
void prop_cepstrum_fit(PetscInt nbin, const PetscReal y[], PetscReal variance,
                       const prop_thermal_options *options, prop_cepstrum *fit);

/* Logarithm of the fit at bin k of nbin */
PetscReal prop_cepstrum_at(const prop_cepstrum *fit, PetscInt nbin, PetscReal k);
