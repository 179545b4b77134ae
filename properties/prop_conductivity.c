/* properties/prop_conductivity.c - currents of species into one conductivity
 *
 * Why the limit is a straight line in f^2 and not one of the models of prop_zero.h: a Pade form
 * follows spectra of two memories that differ little so far up that it misses their limit by one
 * error bar, and exp(b0 + b1 f + b2 f^2), often used for conductivity, has a cusp at zero, which
 * spectra of decaying memories do not have; README.md has the numbers.  Both are computed, too.
 * Bin 0 is left out: a current is the time derivative of a dipole, and where total momentum or
 * charge hold the mean of a current near zero, that bin knows nothing of the spectrum beside it.
 */
#include "properties/prop_conductivity_impl.h"

#include <math.h>

#include "md/md_units.h"
#include "properties/prop_derived.h"
#include "properties/prop_fit_impl.h"

static const PetscReal neutral = 1e-6; /* of the sum of absolute charges */

static PetscErrorCode check_number(PetscReal x, const char what[])
{
  PetscFunctionBegin;
  PetscCheck(x > 0.0 && !PetscIsInfOrNanReal(x), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The %s is %g, wanted a positive number", what, (double)x);
  PetscFunctionReturn(0);
}

static PetscErrorCode check_ions(const prop_ions *ions)
{
  PetscFunctionBegin;
  PetscCheck(ions->nspecies >= 1 && ions->nspecies <= PROP_CONDUCTIVITY_SPECIES, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "There are %" PetscInt_FMT " species, wanted 1 to %d",
             ions->nspecies, PROP_CONDUCTIVITY_SPECIES);
  for (PetscInt s = 0; s < ions->nspecies; s++) {
    PetscCall(check_number(ions->mass[s], "mass of a species"));
    PetscCheck(ions->number[s] >= 0.0 && !PetscIsInfOrNanReal(ions->number[s]), PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "Species %" PetscInt_FMT " has %g atoms, wanted 0 or more",
               s, (double)ions->number[s]);
    PetscCheck(!PetscIsInfOrNanReal(ions->charge[s]), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "The charge of species %" PetscInt_FMT " is infinity or NaN", s);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_samples(PetscInt nspecies, PetscInt r, const prop_ion_run *run)
{
  PetscFunctionBegin;
  for (PetscInt c = 0; c < 3 * nspecies; c++) {
    for (PetscInt i = 0; i < run->n; i++) {
      PetscCheck(!PetscIsInfOrNanReal(run->velocity[c][i]), PETSC_COMM_SELF, PETSC_ERR_FP,
                 "Block %" PetscInt_FMT " of component %" PetscInt_FMT
                 " of the velocities of species %" PetscInt_FMT " in replica %" PetscInt_FMT
                 " is infinity or NaN",
                 i, c % 3, c / 3, r);
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop__ions_check(const prop_ions *ions, PetscInt nreplica, const prop_ion_run run[],
                                PetscReal step)
{
  PetscFunctionBegin;
  PetscCall(check_ions(ions));
  PetscCall(check_number(step, "length of a block"));
  for (PetscInt r = 0; r < nreplica; r++) {
    PetscCall(check_number(run[r].volume, "volume of a replica"));
    PetscCall(check_number(run[r].temperature, "temperature of a replica"));
    PetscCheck(run[r].n == run[0].n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Replica %" PetscInt_FMT " has %" PetscInt_FMT
               " blocks, replica 0 has %" PetscInt_FMT,
               r, run[r].n, run[0].n);
    PetscCall(check_samples(ions->nspecies, r, &run[r]));
  }
  PetscFunctionReturn(0);
}

PetscBool prop__ions_conduct(const prop_ions *ions)
{
  PetscReal net = 0.0, all = 0.0;

  for (PetscInt s = 0; s < ions->nspecies; s++) {
    net += ions->charge[s] * ions->number[s];
    all += PetscAbsReal(ions->charge[s]) * ions->number[s];
  }
  return (PetscBool)(ions->kind != PROP_IONIC_METAL && all > 0.0 &&
                     PetscAbsReal(net) <= neutral * all);
}

void prop__charge_weights(const prop_ions *ions, PetscReal weight[])
{
  PetscReal net = 0.0, mass = 0.0;

  for (PetscInt s = 0; s < ions->nspecies; s++) {
    net += ions->charge[s] * ions->number[s];
    mass += ions->mass[s] * ions->number[s];
  }
  for (PetscInt s = 0; s < ions->nspecies; s++) {
    weight[s] = ions->charge[s] - net * ions->mass[s] / mass;
  }
}

PetscErrorCode prop__current_create(PetscInt nspecies, const PetscReal weight[], PetscInt nreplica,
                                    const prop_ion_run run[], prop__current *current)
{
  const PetscInt n = run[0].n;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(nreplica * 3 * n, &current->x, nreplica * 3, &current->sequence));
  PetscCall(PetscArrayzero(current->x, nreplica * 3 * n));
  for (PetscInt q = 0; q < nreplica * 3; q++) {
    const prop_ion_run *r = &run[q / 3];
    const PetscReal scale = 1.0 / sqrt(r->volume * MD_BOLTZMANN * r->temperature);
    PetscReal *x = current->x + q * n;

    for (PetscInt s = 0; s < nspecies; s++) {
      const PetscReal *c = r->velocity[3 * s + q % 3];

      for (PetscInt i = 0; weight[s] != 0.0 && i < n; i++) x[i] += weight[s] * c[i];
    }
    current->sequence[q] = (prop_sequence){.n = n, .x = x, .scale = scale};
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop__current_clear(prop__current *current)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(current->x, current->sequence));
  PetscFunctionReturn(0);
}

static prop_conductivity without_value(void)
{
  const prop_estimate none = {
      .mean = PROP_NAN, .error = PROP_NAN, .variance = PROP_NAN, .flags = PROP_FLAG_MISSING};
  const prop_running_value value = {.estimate = none, .from = PROP_NAN, .to = PROP_NAN};
  prop_conductivity out = {.primary = none, .einstein = value, .truncated = value};

  out.pade = (prop_zero){.value = PROP_NAN,
                         .error = PROP_NAN,
                         .within = PROP_NAN,
                         .between = PROP_NAN,
                         .tau = PROP_NAN,
                         .tau_error = PROP_NAN,
                         .model = prop_zero_pade,
                         .flags = PROP_FLAG_MISSING};
  out.polynomial = out.pade;
  out.polynomial.model = prop_zero_poly012;
  out.z_einstein = out.cutoff = PROP_NAN;
  return out;
}

/* z, and the flags that all three have in common */
static void compare(const prop_ions *ions, prop_conductivity *out)
{
  const prop_estimate *a = &out->einstein.estimate, *b = &out->primary;
  const PetscInt mixed = ions->kind == PROP_IONIC_MIXED ? PROP_FLAG_MIXED_CONDUCTOR : 0;

  out->z_einstein = (a->mean - b->mean) / sqrt(PetscSqr(a->error) + PetscSqr(b->error));
  if (PetscAbsReal(out->z_einstein) > PROP_CONDUCTIVITY_Z) {
    out->primary.flags |= PROP_FLAG_METHODS_DISAGREE;
  }
  out->primary.flags |= mixed;
  out->einstein.estimate.flags |= mixed;
  out->truncated.estimate.flags |= mixed;
}

static PetscErrorCode charge_current(const prop_ions *ions, PetscInt nreplica,
                                     const prop_ion_run run[], prop__current *current)
{
  PetscReal weight[PROP_CONDUCTIVITY_SPECIES];

  PetscFunctionBegin;
  prop__charge_weights(ions, weight);
  PetscCall(prop__current_create(ions->nspecies, weight, nreplica, run, current));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_conductivity_estimate(const prop_ions *ions, PetscInt nreplica,
                                          const prop_ion_run run[], PetscReal step,
                                          PetscReal cutoff, prop_conductivity *out)
{
  prop__current j;
  prop_running curve;

  PetscFunctionBegin;
  *out = without_value();
  PetscCall(prop__ions_check(ions, nreplica, run, step));
  PetscCall(check_number(cutoff, "time of truncation"));
  if (nreplica < 1 || run[0].n < 1 || !prop__ions_conduct(ions)) PetscFunctionReturn(0);
  PetscCall(charge_current(ions, nreplica, run, &j));
  PetscCall(prop__charge_limit(ions, nreplica, run, step, &out->primary, &out->cutoff));
  PetscCall(prop_zero_sequences(nreplica, 3, j.sequence, step, &prop_zero_pade, &out->pade));
  PetscCall(
      prop_zero_sequences(nreplica, 3, j.sequence, step, &prop_zero_poly012, &out->polynomial));
  PetscCall(prop_running_create(3 * nreplica, j.sequence, step, &curve));
  PetscCall(prop_running_einstein(&curve, &out->einstein));
  PetscCall(prop_running_truncated(&curve, cutoff, &out->truncated));
  PetscCall(prop_running_clear(&curve));
  PetscCall(prop__current_clear(&j));
  compare(ions, out);
  PetscFunctionReturn(0);
}

static PetscErrorCode check_curve(const prop_ions *ions, PetscInt nreplica,
                                  const prop_ion_run run[], PetscReal step)
{
  PetscFunctionBegin;
  PetscCheck(nreplica >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A curve needs at least one replica, got %" PetscInt_FMT, nreplica);
  PetscCall(prop__ions_check(ions, nreplica, run, step));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_conductivity_running(const prop_ions *ions, PetscInt nreplica,
                                         const prop_ion_run run[], PetscReal step,
                                         prop_running *curve)
{
  prop__current j;

  PetscFunctionBegin;
  PetscCall(check_curve(ions, nreplica, run, step));
  PetscCall(charge_current(ions, nreplica, run, &j));
  PetscCall(prop_running_create(3 * nreplica, j.sequence, step, curve));
  PetscCall(prop__current_clear(&j));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_conductivity_spectrum(const prop_ions *ions, PetscInt nreplica,
                                          const prop_ion_run run[], PetscReal step,
                                          prop_spectrum *spectrum)
{
  prop__current j;

  PetscFunctionBegin;
  PetscCall(check_curve(ions, nreplica, run, step));
  PetscCall(charge_current(ions, nreplica, run, &j));
  PetscCall(prop_spectrum_create(nreplica, 3, j.sequence, step, PETSC_FALSE, spectrum));
  PetscCall(prop__current_clear(&j));
  PetscFunctionReturn(0);
}

/* [S/m for D in m^2/s] what D_s is multiplied by */
static PetscReal share_of(const prop_ions *ions, PetscInt s, PetscReal kt_volume)
{
  return PROP_CONDUCTIVITY_SI / MD_DIFFUSION_SI * ions->number[s] * PetscSqr(ions->charge[s]) /
         kt_volume;
}

static void add_species(const prop_ions *ions, PetscReal kt_volume, const prop_value diffusion[],
                        const PetscReal correlation[], prop_value *sigma)
{
  PetscReal term[PROP_CONDUCTIVITY_SPECIES] = {0.0}, share[PROP_CONDUCTIVITY_SPECIES] = {0.0};
  PetscReal neff[PROP_CONDUCTIVITY_SPECIES] = {0.0}, variance = 0.0;
  const PetscInt n = ions->nspecies;

  *sigma = (prop_value){.value = 0.0};
  for (PetscInt s = 0; s < n; s++) {
    const PetscReal factor = share_of(ions, s, kt_volume);

    if (factor == 0.0) continue;
    sigma->value += factor * diffusion[s].value;
    sigma->flags |= diffusion[s].flags & ~PROP_FLAG_NO_SIZE_CORRECTION;
    term[s] = diffusion[s].error > 0.0 ? factor * diffusion[s].error : PROP_NAN;
    share[s] = term[s] * term[s];
    neff[s] = diffusion[s].neff;
  }
  for (PetscInt s = 0; s < n; s++) {
    for (PetscInt t = 0; t < n; t++) {
      variance += (correlation ? correlation[s * n + t] : (PetscReal)(s == t)) * term[s] * term[t];
    }
  }
  sigma->error = variance > 0.0 ? sqrt(variance) : PROP_NAN;
  sigma->neff = prop__effective(n, share, neff);
  if (!(variance > 0.0)) sigma->flags |= PROP_FLAG_FEW_SAMPLES;
}

PetscErrorCode prop_conductivity_nernst_einstein(const prop_ions *ions, PetscReal volume,
                                                 PetscReal temperature,
                                                 const prop_value diffusion[],
                                                 const PetscReal correlation[], prop_value *sigma)
{
  PetscFunctionBegin;
  PetscCall(check_ions(ions));
  PetscCall(check_number(volume, "volume"));
  PetscCall(check_number(temperature, "temperature"));
  for (PetscInt i = 0; correlation && i < ions->nspecies * ions->nspecies; i++) {
    PetscCheck(correlation[i] >= -1.0 && correlation[i] <= 1.0, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "A correlation is %g, wanted -1 to 1",
               (double)correlation[i]);
  }
  *sigma = prop_value_missing;
  if (!prop__ions_conduct(ions)) PetscFunctionReturn(0);
  add_species(ions, volume * MD_BOLTZMANN * temperature, diffusion, correlation, sigma);
  if (ions->kind == PROP_IONIC_MIXED) sigma->flags |= PROP_FLAG_MIXED_CONDUCTOR;
  if (PetscIsInfOrNanReal(sigma->value) || sigma->flags & PROP_FLAG_MISSING) {
    *sigma = prop_value_missing;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_conductivity_haven(const prop_value *nernst_einstein, const prop_value *sigma,
                                       PetscReal correlation, prop_value *haven)
{
  const prop_value x[] = {*nernst_einstein, *sigma};
  const PetscReal power[] = {1.0, -1.0}, joint[] = {1.0, correlation, correlation, 1.0};

  PetscFunctionBegin;
  PetscCall(prop_derived_product(2, x, power, joint, haven));
  PetscFunctionReturn(0);
}
