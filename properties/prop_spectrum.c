/* properties/prop_spectrum.c - periodograms by FFTW, pooled and merged, scaled as in the header */
#include "properties/prop_spectrum.h"

#include <fftw3.h>
#include <math.h>

static PetscErrorCode check_shape(PetscInt nreplica, PetscInt ncomponent,
                                  const prop_sequence sequence[], PetscReal step)
{
  PetscFunctionBegin;
  PetscCheck(nreplica >= 1 && ncomponent >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A spectrum needs at least one sequence, got %" PetscInt_FMT
             " replicas of %" PetscInt_FMT " components",
             nreplica, ncomponent);
  PetscCheck(step > 0.0 && !PetscIsInfOrNanReal(step), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The length of a block is %g fs, wanted a positive number", (double)step);
  PetscCheck(sequence[0].n >= PROP_SPECTRUM_MIN, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A spectrum needs at least %d blocks, got %" PetscInt_FMT, PROP_SPECTRUM_MIN,
             sequence[0].n);
  PetscFunctionReturn(0);
}

/* The member after the last one of the bin that starts at k.  The bin at half the sampling rate
   (k = last of an even n) has other statistics and stays alone. */
static PetscInt bin_end(PetscInt k, PetscInt n)
{
  const PetscInt last = n / 2, end = k + PetscMax(1, k / PROP_SPECTRUM_SINGLE);

  if (k == last) return last + 1;
  return PetscMin(end, n % 2 == 0 ? last : last + 1);
}

static PetscInt count_bins(PetscInt n, PetscInt first)
{
  PetscInt nbin = 0;

  for (PetscInt k = first; k <= n / 2; k = bin_end(k, n)) nbin++;
  return nbin;
}

static PetscErrorCode allocate(PetscInt nreplica, PetscInt nbin, prop_spectrum *s)
{
  PetscFunctionBegin;
  s->nreplica = nreplica;
  s->nbin = nbin;
  PetscCall(PetscCalloc4(nbin, &s->frequency, nbin, &s->points, nbin, &s->dof, nbin, &s->value));
  PetscCall(PetscCalloc1(nreplica * nbin, &s->replica));
  PetscFunctionReturn(0);
}

/* Frequencies, members and degrees of freedom of the bins, for `nsequence` sequences in all */
static void lay_out(PetscInt nsequence, PetscInt first, prop_spectrum *s)
{
  const PetscInt n = s->nblock;

  for (PetscInt k = first, b = 0; k <= n / 2; k = bin_end(k, n), b++) {
    const PetscInt end = bin_end(k, n);
    const PetscBool half = (PetscBool)(k == 0 || 2 * k == n);

    s->points[b] = (PetscReal)(end - k);
    s->frequency[b] = 0.5 * (PetscReal)(k + end - 1) / ((PetscReal)n * s->step);
    s->dof[b] = (half ? 1.0 : 2.0) * s->points[b] * (PetscReal)nsequence;
  }
}

/* Adds a times the squared moduli of a transform, real and imaginary parts in turn, to the bins of
   one replica. */
static void add_power(PetscInt n, PetscInt first, const double x[], PetscReal a, PetscReal bin[])
{
  for (PetscInt k = first, b = 0; k <= n / 2; k = bin_end(k, n), b++) {
    const PetscInt end = bin_end(k, n);
    PetscReal sum = 0.0;

    for (PetscInt m = k; m < end; m++) sum += PetscSqr(x[2 * m]) + PetscSqr(x[2 * m + 1]);
    bin[b] += a * sum / (PetscReal)(end - k);
  }
}

/* Periodograms of all sequences into the bins of their replicas.  No call that can fail may stand
   between the allocations and their release. */
static PetscErrorCode transform(PetscInt ncomponent, const prop_sequence sequence[], PetscInt first,
                                prop_spectrum *s)
{
  const PetscInt n = s->nblock;
  double *in = fftw_alloc_real((size_t)n);
  fftw_complex *out = fftw_alloc_complex((size_t)n / 2 + 1);
  fftw_plan plan = in && out ? fftw_plan_dft_r2c_1d((int)n, in, out, FFTW_ESTIMATE) : NULL;
  const PetscBool ready = (PetscBool)(plan != NULL);

  PetscFunctionBegin;
  for (PetscInt q = 0; ready && q < s->nreplica * ncomponent; q++) {
    const PetscReal a = sequence[q].scale * sequence[q].scale * s->step /
                        (2.0 * (PetscReal)n * (PetscReal)ncomponent);

    for (PetscInt i = 0; i < n; i++) in[i] = sequence[q].x[i];
    fftw_execute(plan);
    add_power(n, first, (const double *)out, a, s->replica + (q / ncomponent) * s->nbin);
  }
  if (plan) fftw_destroy_plan(plan);
  fftw_free(in);
  fftw_free(out);
  PetscCheck(ready, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "No memory for a transform of %" PetscInt_FMT " blocks", n);
  PetscFunctionReturn(0);
}

/* The mean over replicas */
static void pool(prop_spectrum *s)
{
  for (PetscInt b = 0; b < s->nbin; b++) {
    s->value[b] = 0.0;
    for (PetscInt r = 0; r < s->nreplica; r++) s->value[b] += s->replica[r * s->nbin + b];
    s->value[b] /= (PetscReal)s->nreplica;
  }
}

PetscErrorCode prop_spectrum_create(PetscInt nreplica, PetscInt ncomponent,
                                    const prop_sequence sequence[], PetscReal step, PetscBool zero,
                                    prop_spectrum *spectrum)
{
  const PetscInt first = zero ? 0 : 1;

  PetscFunctionBegin;
  *spectrum = (prop_spectrum){0};
  PetscCall(check_shape(nreplica, ncomponent, sequence, step));
  PetscCall(prop_sequence_check(nreplica * ncomponent, sequence));
  PetscCall(allocate(nreplica, count_bins(sequence[0].n, first), spectrum));
  spectrum->nblock = sequence[0].n;
  spectrum->step = step;
  lay_out(nreplica * ncomponent, first, spectrum);
  PetscCall(transform(ncomponent, sequence, first, spectrum));
  pool(spectrum);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_spectrum_resample(const prop_spectrum *from, PetscInt n, const PetscInt drawn[],
                                      prop_spectrum *to)
{
  const PetscInt nbin = from->nbin;

  PetscFunctionBegin;
  *to = (prop_spectrum){0};
  PetscCheck(n >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "At least one replica must be drawn, got %" PetscInt_FMT, n);
  for (PetscInt r = 0; r < n; r++) {
    PetscCheck(drawn[r] >= 0 && drawn[r] < from->nreplica, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "Replica %" PetscInt_FMT " of %" PetscInt_FMT, drawn[r],
               from->nreplica);
  }
  PetscCall(allocate(n, nbin, to));
  to->nblock = from->nblock;
  to->step = from->step;
  PetscCall(PetscArraycpy(to->frequency, from->frequency, nbin));
  PetscCall(PetscArraycpy(to->points, from->points, nbin));
  for (PetscInt b = 0; b < nbin; b++) {
    to->dof[b] = from->dof[b] * (PetscReal)n / (PetscReal)from->nreplica;
  }
  for (PetscInt r = 0; r < n; r++) {
    PetscCall(PetscArraycpy(to->replica + r * nbin, from->replica + drawn[r] * nbin, nbin));
  }
  pool(to);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_spectrum_clear(prop_spectrum *spectrum)
{
  PetscFunctionBegin;
  PetscCall(PetscFree4(spectrum->frequency, spectrum->points, spectrum->dof, spectrum->value));
  PetscCall(PetscFree(spectrum->replica));
  *spectrum = (prop_spectrum){0};
  PetscFunctionReturn(0);
}
