/* properties/prop_thermal.c - from the reduced spectrum to a conductivity and its error bar
 *
 * f*, up to which bins are used, is found by walking up from zero in groups of bins (an eighth of
 * their frequency wide, at least WIDTH of them): it is the upper end of the first group whose mean
 * is below FALL of the largest before it.  The plateau is inside, with what it falls to, so that
 * cosines can follow; what vibrates far above is not.
 */
#include "properties/prop_thermal.h"

#include <math.h>

#include "md/md_units.h"
#include "properties/prop_thermal_impl.h"

enum { WIDTH = 8 };
#define FALL 0.1

static const prop_thermal_options automatic = {0};

static PetscErrorCode check_number(PetscReal x, const char what[])
{
  PetscFunctionBegin;
  PetscCheck(x > 0.0 && !PetscIsInfOrNanReal(x), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The %s is %g, wanted a positive number", what, (double)x);
  PetscFunctionReturn(0);
}

static PetscErrorCode check_samples(PetscInt n, const PetscReal x[], PetscInt r, const char what[])
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(!PetscIsInfOrNanReal(x[i]), PETSC_COMM_SELF, PETSC_ERR_FP,
               "Block %" PetscInt_FMT " of a %s current of replica %" PetscInt_FMT
               " is infinity or NaN",
               i, what, r);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check(PetscInt nreplica, const prop_heat_flux replica[], PetscInt nspecies,
                            PetscReal step, const prop_thermal_options *options)
{
  PetscFunctionBegin;
  PetscCall(check_number(step, "length of a block"));
  PetscCheck(nspecies >= 1 && options->order >= 0 && options->cutoff >= 0.0 &&
                 options->stretch >= 0.0,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Wanted at least one species and options that are not negative");
  for (PetscInt r = 0; r < nreplica; r++) {
    PetscCall(check_number(replica[r].volume, "volume of a replica"));
    PetscCall(check_number(replica[r].temperature, "temperature of a replica"));
    PetscCheck(replica[r].n == replica[0].n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
               "Replica %" PetscInt_FMT " has %" PetscInt_FMT
               " blocks, replica 0 has %" PetscInt_FMT,
               r, replica[r].n, replica[0].n);
    for (int a = 0; a < 3; a++)
      PetscCall(check_samples(replica[r].n, replica[r].heat[a], r, "heat"));
    for (PetscInt j = 0; j < 3 * (nspecies - 1); j++)
      PetscCall(check_samples(replica[r].n, replica[r].sum[j], r, "mass"));
  }
  PetscFunctionReturn(0);
}

static PetscReal mean_of(PetscInt n, const PetscReal x[])
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) sum += x[i];
  return sum / (PetscReal)n;
}

/* Bins up to f* */
static PetscInt bins_below(const prop_reduced *s, PetscReal cutoff)
{
  PetscReal most = 0.0;

  if (cutoff > 0.0) {
    const PetscReal k = cutoff * (PetscReal)s->n * s->step;

    return k < (PetscReal)s->nbin ? PetscMax(3, (PetscInt)k) : s->nbin;
  }
  for (PetscInt k = 0; k < s->nbin;) {
    const PetscInt width = PetscMin(PetscMax((PetscInt)WIDTH, k / 8), s->nbin - k);
    const PetscReal mean = mean_of(width, s->reduced + k);

    k += width;
    if (mean < FALL * most && k >= PROP_THERMAL_BINS) return k;
    most = PetscMax(most, mean);
  }
  return s->nbin;
}

/* Logarithms and their smoothing; false where a bin is zero */
static PetscErrorCode smooth(const prop_reduced *s, PetscInt nbin,
                             const prop_thermal_options *options, prop_cepstrum *fit,
                             PetscBool *good)
{
  const PetscReal shape = (PetscReal)s->dof;
  PetscReal variance, bias, *y;

  PetscFunctionBegin;
  bias = prop_polygamma(shape, &variance) - log(shape);
  *good = PETSC_TRUE;
  PetscCall(PetscMalloc1(nbin, &y));
  for (PetscInt k = 0; k < nbin; k++) {
    if (!(s->reduced[k] > 0.0)) *good = PETSC_FALSE;
    y[k] = *good ? log(s->reduced[k]) - bias : 0.0;
  }
  prop_cepstrum_fit(nbin, y, variance, options, fit);
  PetscCall(PetscFree(y));
  PetscFunctionReturn(0);
}

/* Whether a fit with another cut-off says something else: the data of one contain those of the
   other, so that variances subtract. */
static PetscBool differs(const prop_cepstrum *a, const prop_cepstrum *b)
{
  const PetscReal variance = fabs(a->variance - b->variance);
  const PetscReal least = 0.25 * PetscMin(a->variance, b->variance);

  return (PetscBool)(PetscAbsReal(a->log - b->log) >
                     PROP_THERMAL_Z * sqrt(PetscMax(variance, least)));
}

/* The same with another number of bins, where there are such */
static PetscErrorCode compare(const prop_reduced *s, PetscInt nbin, const prop_cepstrum *fit,
                              const prop_thermal_options *options, PetscReal *value,
                              prop_thermal *out)
{
  prop_cepstrum other;
  PetscBool good;

  PetscFunctionBegin;
  if (nbin < PROP_THERMAL_BINS || nbin > s->nbin) PetscFunctionReturn(0);
  PetscCall(smooth(s, nbin, options, &other, &good));
  if (!good) PetscFunctionReturn(0);
  *value = exp(other.log);
  if (!differs(&other, fit)) PetscFunctionReturn(0);
  out->estimate.flags |= PROP_FLAG_NO_PLATEAU;
  out->estimate.error = PetscMax(out->estimate.error, PetscAbsReal(*value - out->estimate.mean));
  PetscFunctionReturn(0);
}

/* Powers of replicas at low frequency, all regressed together, against their common scatter */
static PetscErrorCode judge_replicas(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step, prop_thermal *out)
{
  const PetscInt nbin = PetscMax(1, out->bins / (2 * out->order));
  const PetscReal shape = (PetscReal)(nbin * out->dof) / (PetscReal)nreplica;
  PetscReal *power, mean = 0.0, square = 0.0, variance, q;

  PetscFunctionBegin;
  (void)prop_polygamma(shape, &variance);
  PetscCall(PetscMalloc1(nreplica, &power));
  PetscCall(prop_reduced_replicas(nreplica, replica, nspecies, step, nbin, power));
  for (PetscInt r = 0; r < nreplica; r++) mean += log(power[r]) / (PetscReal)nreplica;
  for (PetscInt r = 0; r < nreplica; r++) square += PetscSqr(log(power[r]) - mean);
  PetscCall(PetscFree(power));
  PetscCall(prop_chi2_survival((PetscReal)(nreplica - 1), square / variance, &q));
  if (q >= 0.01) PetscFunctionReturn(0);
  out->estimate.flags |= PROP_FLAG_REPLICAS_DISAGREE;
  out->estimate.error =
      PetscMax(out->estimate.error,
               out->estimate.mean * sqrt(square / (PetscReal)(nreplica - 1) / (PetscReal)nreplica));
  PetscFunctionReturn(0);
}

static prop_thermal nothing(PetscInt flags)
{
  const prop_estimate none = {PROP_NAN, PROP_NAN, PROP_NAN, 0.0, 0.0, flags};

  return (prop_thermal){.estimate = none,
                        .within = PROP_NAN,
                        .cutoff = PROP_NAN,
                        .time = PROP_NAN,
                        .half = PROP_NAN,
                        .twice = PROP_NAN,
                        .coupled = PROP_NAN};
}

/* What the fit up to bin out->bins says */
static void read_fit(const prop_reduced *s, const prop_cepstrum *fit, prop_thermal *out)
{
  const PetscInt low = PetscMax(1, out->bins / (2 * fit->order));
  const PetscReal single = mean_of(low, s->single);

  out->order = fit->order;
  out->cutoff = (PetscReal)out->bins / ((PetscReal)s->n * s->step);
  out->time = 0.5 * (PetscReal)fit->order / out->cutoff;
  out->coupled = PetscMax(0.0, 1.0 - mean_of(low, s->reduced) / single);
  out->estimate.mean = exp(fit->log);
  out->within = out->estimate.error = out->estimate.mean * sqrt(fit->variance);
  if (fit->order == fit->largest) out->estimate.flags |= PROP_FLAG_NO_PLATEAU;
}

static PetscErrorCode estimate(const prop_reduced *s, const prop_thermal_options *options,
                               prop_thermal *out)
{
  prop_cepstrum fit;
  PetscBool good;

  PetscFunctionBegin;
  *out = nothing(0);
  out->currents = s->currents;
  out->dof = s->dof;
  out->bins = bins_below(s, options->cutoff);
  PetscCall(smooth(s, out->bins, options, &fit, &good));
  if (!good) {
    out->estimate.flags = PROP_FLAG_MISSING | PROP_FLAG_FEW_SAMPLES;
    PetscFunctionReturn(0);
  }
  read_fit(s, &fit, out);
  if (out->bins < PROP_THERMAL_BINS) out->estimate.flags |= PROP_FLAG_FEW_SAMPLES;
  PetscCall(compare(s, out->bins / 2, &fit, options, &out->half, out));
  PetscCall(compare(s, 2 * out->bins, &fit, options, &out->twice, out));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_thermal_estimate(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step,
                                     const prop_thermal_options *options, prop_thermal *out)
{
  prop_reduced s;

  PetscFunctionBegin;
  *out = nothing(nreplica < 1 ? PROP_FLAG_MISSING : PROP_FLAG_FEW_SAMPLES);
  if (!options) options = &automatic;
  PetscCall(check(nreplica, replica, nspecies, step, options));
  if (nreplica < 1 || replica[0].n < PROP_THERMAL_MIN || nspecies > 3 * nreplica)
    PetscFunctionReturn(0);
  PetscCall(prop_reduced_create(nreplica, replica, nspecies, step, &s));
  PetscCall(estimate(&s, options, out));
  PetscCall(prop_reduced_clear(&s));
  if (nreplica == 1) out->estimate.flags |= PROP_FLAG_ONE_REPLICA;
  if (!(out->estimate.error > 0.0)) PetscFunctionReturn(0);
  if (nreplica > 1) PetscCall(judge_replicas(nreplica, replica, nspecies, step, out));
  out->estimate.neff = PetscSqr(out->estimate.mean / out->estimate.error);
  if (out->estimate.neff < PROP_NEFF_MIN) out->estimate.flags |= PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}

/* Curve -------------------------------------------------------------------------------------- */

enum { SINGLE = 48 };

static PetscInt after(PetscInt k, PetscInt nbin)
{
  return PetscMin(nbin, k + PetscMax(1, (k + 1) / SINGLE));
}

static PetscErrorCode fill(const prop_reduced *s, PetscInt bins, const prop_cepstrum *fit,
                           prop_thermal_curve *curve)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < s->nbin; k = after(k, s->nbin)) curve->n++;
  PetscCall(PetscMalloc5(curve->n, &curve->frequency, curve->n, &curve->reduced, curve->n,
                         &curve->error, curve->n, &curve->single, curve->n, &curve->smooth));
  for (PetscInt k = 0, i = 0; k < s->nbin; k = after(k, s->nbin), i++) {
    const PetscInt width = after(k, s->nbin) - k;
    const PetscReal middle = (PetscReal)k + 0.5 * (PetscReal)(width + 1);

    curve->frequency[i] = middle / ((PetscReal)s->n * s->step);
    curve->reduced[i] = mean_of(width, s->reduced + k);
    curve->single[i] = mean_of(width, s->single + k);
    curve->error[i] = curve->reduced[i] / sqrt((PetscReal)(width * s->dof));
    curve->smooth[i] = k + width <= bins ? exp(prop_cepstrum_at(fit, bins, middle)) : PROP_NAN;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_thermal_spectrum(PetscInt nreplica, const prop_heat_flux replica[],
                                     PetscInt nspecies, PetscReal step,
                                     const prop_thermal_options *options, prop_thermal_curve *curve)
{
  prop_reduced s;
  prop_cepstrum fit;
  PetscInt bins;
  PetscBool good;

  PetscFunctionBegin;
  *curve = (prop_thermal_curve){0};
  if (!options) options = &automatic;
  PetscCall(check(nreplica, replica, nspecies, step, options));
  PetscCheck(nreplica >= 1 && replica[0].n >= PROP_THERMAL_MIN && nspecies <= 3 * nreplica,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A spectrum needs a replica, %d blocks and no more species than components",
             PROP_THERMAL_MIN);
  PetscCall(prop_reduced_create(nreplica, replica, nspecies, step, &s));
  bins = bins_below(&s, options->cutoff);
  PetscCall(smooth(&s, bins, options, &fit, &good));
  PetscCall(fill(&s, good ? bins : 0, &fit, curve));
  PetscCall(prop_reduced_clear(&s));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_thermal_curve_clear(prop_thermal_curve *curve)
{
  PetscFunctionBegin;
  PetscCall(
      PetscFree5(curve->frequency, curve->reduced, curve->error, curve->single, curve->smooth));
  *curve = (prop_thermal_curve){0};
  PetscFunctionReturn(0);
}
