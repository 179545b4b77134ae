/* properties/prop_rnemd.h - from an imposed flux and the profile it makes to a thermal conductivity
 * or a shear viscosity
 *
 * md/md_rnemd.h imposes the flux, md/md_profile.h samples what comes of it.
 */
#pragma once

#include "md/md_profile.h"
#include "properties/prop_series.h"

typedef struct {
  prop_estimate transport; /* heat: [eV/(fs Å K)], MD_CONDUCTIVITY_SI of them are 1 W/(m K);
                              shear: [eV fs/Å^3], MD_VISCOSITY_SI of them are 1 Pa s */
  PetscReal flux;          /* heat: [eV/(fs Å^2)], shear: [eV/Å^3] */
  PetscReal gradient;      /* heat: [K/Å], shear: [1/fs]; > 0 when the liquid lets the flux back */
  PetscReal linearity;     /* R^2 of the straight line, 0..1 */
  PetscReal temperature;   /* [K] mean over the slabs of the fit */
  PetscReal span; /* heat: difference of temperature over the cell's half, gradient L/2, over the
                     mean; shear: the same of velocity over the thermal sqrt(k_B T/m), m the mean
                     mass.  A linear response is to be shown by a second run at half the span. */
} prop_rnemd;

/* Fewer than so much of the profile explained by a straight line sets PROP_FLAG_NOT_LINEAR. */
#define PROP_RNEMD_LINEARITY 0.98

/* Values of different fluxes further apart than so many joint errors: NOT_LINEAR. */
#define PROP_RNEMD_Z 3.0

/* prop_rnemd_rates - values from fluxes of different strength into one
 *
 * Not collective.
 * In:   n     >= 0
 *       rate  [n, SI] of all replicas together, from the strongest flux to the weakest; those
 *             without a value are left out
 * Out:  out   mean with weights 1/error^2; error by theirs, times sqrt(chi^2/(n - 1)) where that is
 *             larger than 1; neff adds up and sets FEW_SAMPLES, the other flags of all are kept.
 *             Where two differ by more than PROP_RNEMD_Z joint errors the response is not linear:
 *             the value of the weakest flux, and NOT_LINEAR.  A value without an error is used only
 *             where there is no other.  Missing without values.
 * Returns PETSC_ERR_ARG_OUTOFRANGE for n < 0.
 * Verified by: tests/unit/properties/test_prop_rnemd.c */
PetscErrorCode prop_rnemd_rates(PetscInt n, const prop_value rate[], prop_value *out);

/* prop_rnemd_estimate - transport coefficient of one run
 *
 * Not collective.
 * In:   profile  of all atoms of a run with an imposed flux (md_profile_total): its slabs are those
 *                of the exchange
 *       kind     MD_RNEMD_HEAT or MD_RNEMD_SHEAR
 *       skip     slabs left out on either side of the two slabs of the exchange, >= 0; at least two
 *                must remain between them
 * Out:  out      every field set; NaN and FEW_SAMPLES with fewer than PROP_SERIES_MIN blocks
 * Returns PETSC_ERR_ARG_OUTOFRANGE for another kind, a negative skip, an odd number of slabs or too
 * few of them.  Whatever the data say, the function returns 0: read out->transport.flags.
 *
 * Method: slabs k and slabs-k are averaged, which are mirror images; a straight line through slabs
 * 1+skip .. slabs/2-1-skip gives the gradient g.  lambda = J/g and eta = j/g with J, j =
 * exchanged/(2 A t), of the stationary part of the run: where that begins is found in the series of
 * the gradients of single blocks (prop_series_estimate).  The error is that of the mean of the
 * residuals (J_b - lambda g_b)/g of blocks, which allows for the fluctuation of the flux, for its
 * correlation with the gradient and for correlation in time.  neff, NOT_STATIONARY, NO_PLATEAU and
 * FEW_SAMPLES are those of the two series.  NOT_LINEAR: linearity below PROP_RNEMD_LINEARITY.
 * The result is that of the cell: no correction for its length is made.
 * Source: Müller-Plathe, J. Chem. Phys. 106, 6082 (1997), doi:10.1063/1.473271, and Phys. Rev. E
 * 59, 4894 (1999), doi:10.1103/PhysRevE.59.4894.
 * Verified by: tests/unit/properties/test_prop_rnemd.c (profiles made by hand),
 * tests/verify/test_lj_transport.c (Lennard-Jones near its triple point) */
PetscErrorCode prop_rnemd_estimate(const md_profile *profile, md_rnemd_kind kind, PetscInt skip,
                                   prop_rnemd *out);
