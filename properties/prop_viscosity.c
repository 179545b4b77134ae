/* properties/prop_viscosity.c - five components of the pressure into one viscosity */
#include "properties/prop_viscosity.h"

#include <math.h>

#include "md/md_units.h"

enum { NC = PROP_VISCOSITY_COMPONENTS };

/* The sequences of all replicas and the memory behind them */
typedef struct {
  PetscInt nreplica;
  PetscReal *x;            /* [nreplica, NC, n] */
  prop_sequence *sequence; /* [nreplica, NC] */
} stress;

static PetscErrorCode check_number(PetscReal x, const char what[])
{
  PetscFunctionBegin;
  PetscCheck(x > 0.0 && !PetscIsInfOrNanReal(x), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The %s is %g, wanted a positive number", what, (double)x);
  PetscFunctionReturn(0);
}

static PetscErrorCode check_samples(PetscInt r, const prop_pressure *replica)
{
  PetscFunctionBegin;
  for (PetscInt c = 0; c < PROP_PRESSURE; c++) {
    for (PetscInt i = 0; i < replica->n; i++) {
      PetscCheck(!PetscIsInfOrNanReal(replica->pressure[c][i]), PETSC_COMM_SELF, PETSC_ERR_FP,
                 "Block %" PetscInt_FMT " of pressure %" PetscInt_FMT " of replica %" PetscInt_FMT
                 " is infinity or NaN",
                 i, c, r);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check(PetscInt nreplica, const prop_pressure replica[], PetscReal step)
{
  PetscFunctionBegin;
  PetscCall(check_number(step, "length of a block"));
  for (PetscInt r = 0; r < nreplica; r++) {
    PetscCall(check_number(replica[r].volume, "volume of a replica"));
    PetscCall(check_number(replica[r].temperature, "temperature of a replica"));
    PetscCheck(replica[r].n == replica[0].n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Replica %" PetscInt_FMT " has %" PetscInt_FMT
               " blocks, replica 0 has %" PetscInt_FMT,
               r, replica[r].n, replica[0].n);
    PetscCall(check_samples(r, &replica[r]));
  }
  PetscFunctionReturn(0);
}

/* [eV/Å^3] component c of block i */
static PetscReal component(const prop_pressure *r, PetscInt c, PetscInt i)
{
  if (c == 0) {
    return (r->pressure[0][i] - 0.5 * (r->pressure[1][i] + r->pressure[2][i])) / sqrt(3.0);
  }
  return c == 1 ? 0.5 * (r->pressure[1][i] - r->pressure[2][i]) : r->pressure[c + 1][i];
}

static PetscErrorCode stress_create(PetscInt nreplica, const prop_pressure replica[], stress *s)
{
  const PetscInt n = replica[0].n;

  PetscFunctionBegin;
  s->nreplica = nreplica;
  PetscCall(PetscMalloc2(nreplica * NC * n, &s->x, nreplica * NC, &s->sequence));
  for (PetscInt q = 0; q < nreplica * NC; q++) {
    const prop_pressure *r = &replica[q / NC];
    const PetscReal scale = sqrt(r->volume / (MD_BOLTZMANN * r->temperature));

    for (PetscInt i = 0; i < n; i++) s->x[q * n + i] = component(r, q % NC, i);
    s->sequence[q] = (prop_sequence){.n = n, .x = s->x + q * n, .scale = scale};
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode stress_clear(stress *s)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(s->x, s->sequence));
  PetscFunctionReturn(0);
}

/* (other - primary)/joint error; NaN where one of them is not known */
static PetscReal disagreement(const prop_estimate *other, const prop_estimate *primary)
{
  return (other->mean - primary->mean) / sqrt(PetscSqr(other->error) + PetscSqr(primary->error));
}

static void compare(prop_viscosity *out)
{
  out->z_decomposition = disagreement(&out->decomposition.value.estimate, &out->primary);
  out->z_einstein = disagreement(&out->einstein.estimate, &out->primary);
  if (PetscAbsReal(out->z_decomposition) > PROP_VISCOSITY_Z ||
      PetscAbsReal(out->z_einstein) > PROP_VISCOSITY_Z) {
    out->primary.flags |= PROP_FLAG_METHODS_DISAGREE;
  }
}

static PetscErrorCode estimate_all(const stress *s, PetscReal step, PetscReal cutoff,
                                   prop_viscosity *out)
{
  prop_running run;

  PetscFunctionBegin;
  PetscCall(
      prop_zero_sequences(s->nreplica, NC, s->sequence, step, &prop_zero_lorentz, &out->zero));
  out->primary = prop_zero_to_estimate(&out->zero);
  PetscCall(prop_running_create(s->nreplica * NC, s->sequence, step, &run));
  PetscCall(prop_running_decompose(&run, NC, &out->decomposition));
  PetscCall(prop_running_einstein(&run, &out->einstein));
  PetscCall(prop_running_truncated(&run, cutoff, &out->truncated));
  PetscCall(prop_running_clear(&run));
  compare(out);
  PetscFunctionReturn(0);
}

static prop_viscosity without_replicas(void)
{
  const prop_estimate none = {
      .mean = PROP_NAN, .error = PROP_NAN, .variance = PROP_NAN, .flags = PROP_FLAG_MISSING};
  const prop_running_value value = {.estimate = none, .from = PROP_NAN, .to = PROP_NAN};
  prop_viscosity out = {.primary = none, .einstein = value, .truncated = value};

  out.decomposition = (prop_running_fit){.value = value,
                                         .tau = {PROP_NAN, PROP_NAN},
                                         .weight = {PROP_NAN, PROP_NAN},
                                         .exponent = PROP_NAN};
  out.zero = (prop_zero){.value = PROP_NAN,
                         .error = PROP_NAN,
                         .within = PROP_NAN,
                         .between = PROP_NAN,
                         .tau = PROP_NAN,
                         .tau_error = PROP_NAN,
                         .model = prop_zero_lorentz,
                         .flags = PROP_FLAG_MISSING};
  out.z_decomposition = out.z_einstein = PROP_NAN;
  return out;
}

PetscErrorCode prop_viscosity_estimate(PetscInt nreplica, const prop_pressure replica[],
                                       PetscReal step, PetscReal cutoff, prop_viscosity *out)
{
  stress s;

  PetscFunctionBegin;
  *out = without_replicas();
  PetscCall(check(nreplica, replica, step));
  PetscCall(check_number(cutoff, "time of truncation"));
  if (nreplica < 1 || replica[0].n < 1) PetscFunctionReturn(0);
  PetscCall(stress_create(nreplica, replica, &s));
  PetscCall(estimate_all(&s, step, cutoff, out));
  PetscCall(stress_clear(&s));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_viscosity_deviations(PetscInt nreplica, const prop_pressure replica[],
                                         PetscReal step, PetscReal deviation[])
{
  stress s;

  PetscFunctionBegin;
  PetscCall(check(nreplica, replica, step));
  for (PetscInt r = 0; r < nreplica; r++) deviation[r] = PROP_NAN;
  if (nreplica < 1 || replica[0].n < 1) PetscFunctionReturn(0);
  PetscCall(stress_create(nreplica, replica, &s));
  PetscCall(prop_zero_deviations(nreplica, NC, s.sequence, step, &prop_zero_lorentz, deviation));
  PetscCall(stress_clear(&s));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_viscosity_running(PetscInt nreplica, const prop_pressure replica[],
                                      PetscReal step, prop_running *run)
{
  stress s;

  PetscFunctionBegin;
  PetscCheck(nreplica >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A running integral needs at least one replica, got %" PetscInt_FMT, nreplica);
  PetscCall(check(nreplica, replica, step));
  PetscCall(stress_create(nreplica, replica, &s));
  PetscCall(prop_running_create(nreplica * NC, s.sequence, step, run));
  PetscCall(stress_clear(&s));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_viscosity_spectrum(PetscInt nreplica, const prop_pressure replica[],
                                       PetscReal step, prop_spectrum *spectrum)
{
  stress s;

  PetscFunctionBegin;
  PetscCheck(nreplica >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A spectrum needs at least one replica, got %" PetscInt_FMT, nreplica);
  PetscCall(check(nreplica, replica, step));
  PetscCall(stress_create(nreplica, replica, &s));
  PetscCall(prop_spectrum_create(nreplica, NC, s.sequence, step, PETSC_FALSE, spectrum));
  PetscCall(stress_clear(&s));
  PetscFunctionReturn(0);
}
