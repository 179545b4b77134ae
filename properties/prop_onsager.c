/* properties/prop_onsager.c - Onsager matrix from cross spectra, transference numbers
 *
 * The cross spectrum of two currents x and y comes from two ordinary ones, bin by bin and exactly:
 *     Re X Y* = (|X + Y|^2 - |X - Y|^2)/4.
 * Then L = sum_k c_k S(f_k), with factors c that give the intercept of a + b f^2 by weighted least
 * squares.  The c are the same for all pairs: a sum of currents that is zero stays zero.
 * For Gaussian currents Re X Y* has, over d degrees of freedom, the variance (S_xx S_yy +
 * S_xy^2)/d; S is taken at zero frequency, which makes error bars a little long where spectra fall.
 */
#include "properties/prop_conductivity_impl.h"

#include <math.h>

typedef struct {
  PetscInt nspecies, nreplica, nbin; /* nbin: those below the cut-off */
  PetscReal *factor;                 /* [nbin] c */
  PetscReal kappa;                   /* sum c^2/dof */
  PetscReal *replica;                /* [nreplica, nspecies, nspecies] L of each */
} matrix;

static const PetscReal fixed = 1e-10; /* of sigma: what u is by rounding alone */

const char *prop_frame_name(prop_frame frame)
{
  return frame == PROP_FRAME_SOLVENT ? "solvent" : "barycentric";
}

PetscBool prop__species_weights(const prop_ions *ions, PetscInt species, prop_frame frame,
                                const PetscBool solvent[], PetscReal weight[])
{
  PetscReal mass = 0.0;

  for (PetscInt s = 0; s < ions->nspecies; s++) {
    weight[s] = frame == PROP_FRAME_BARYCENTRIC || solvent[s] ? ions->mass[s] : 0.0;
    mass += weight[s] * ions->number[s];
  }
  if (!(mass > 0.0)) return PETSC_FALSE;
  for (PetscInt s = 0; s < ions->nspecies; s++) {
    weight[s] = (s == species ? 1.0 : 0.0) - ions->number[species] * weight[s] / mass;
    if (PetscAbsReal(weight[s]) < 1e-14) weight[s] = 0.0;
  }
  return PETSC_TRUE;
}

static PetscErrorCode spectrum_of(const prop_ions *ions, const PetscReal weight[],
                                  PetscInt nreplica, const prop_ion_run run[], PetscReal step,
                                  prop_spectrum *spectrum)
{
  prop__current current;

  PetscFunctionBegin;
  PetscCall(prop__current_create(ions->nspecies, weight, nreplica, run, &current));
  PetscCall(prop_spectrum_create(nreplica, 3, current.sequence, step, PETSC_FALSE, spectrum));
  PetscCall(prop__current_clear(&current));
  PetscFunctionReturn(0);
}

/* Lowers the cut-off to where exp(a + b f^2) no longer describes the spectrum of a current. */
static PetscErrorCode lower_cutoff(const prop_ions *ions, const PetscReal weight[],
                                   PetscInt nreplica, const prop_ion_run run[], PetscReal step,
                                   prop_onsager *out)
{
  prop_spectrum spectrum;
  prop_zero zero;

  PetscFunctionBegin;
  PetscCall(spectrum_of(ions, weight, nreplica, run, step, &spectrum));
  PetscCall(prop_zero_estimate(&spectrum, &prop_zero_poly02, &zero));
  PetscCall(prop_spectrum_clear(&spectrum));
  if (PetscIsNanReal(zero.value) || zero.cutoff >= out->cutoff) PetscFunctionReturn(0);
  out->cutoff = zero.cutoff;
  out->flags = zero.flags & PROP_FLAG_NO_PLATEAU;
  PetscFunctionReturn(0);
}

/* Lowest cut-off of the charge and of all species that move against the centre of mass */
static PetscErrorCode find_cutoff(const prop_ions *ions, PetscInt nreplica,
                                  const prop_ion_run run[], PetscReal step, prop_onsager *out)
{
  PetscReal weight[PROP_CONDUCTIVITY_SPECIES];

  PetscFunctionBegin;
  out->cutoff = PROP_NAN;
  prop__charge_weights(ions, weight);
  PetscCall(lower_cutoff(ions, weight, nreplica, run, step, out));
  for (PetscInt s = 0; s < ions->nspecies; s++) {
    if (ions->number[s] == 0.0) continue;
    (void)prop__species_weights(ions, s, PROP_FRAME_BARYCENTRIC, NULL, weight);
    PetscCall(lower_cutoff(ions, weight, nreplica, run, step, out));
  }
  PetscFunctionReturn(0);
}

/* Factors of the intercept of a + b f^2 with weights dof, up to the cut-off */
static PetscErrorCode fit_factors(const prop_spectrum *spectrum, PetscReal cutoff, matrix *m)
{
  PetscReal sw = 0.0, sx = 0.0, sxx = 0.0;

  PetscFunctionBegin;
  for (m->nbin = 0; m->nbin < spectrum->nbin && spectrum->frequency[m->nbin] <= cutoff; m->nbin++) {
    const PetscReal w = spectrum->dof[m->nbin], x = PetscSqr(spectrum->frequency[m->nbin] / cutoff);

    sw += w;
    sx += w * x;
    sxx += w * x * x;
  }
  PetscCall(PetscMalloc1(m->nbin, &m->factor));
  m->kappa = 0.0;
  for (PetscInt k = 0; k < m->nbin; k++) {
    const PetscReal w = spectrum->dof[k], x = PetscSqr(spectrum->frequency[k] / cutoff);

    m->factor[k] = w * (sxx - x * sx) / (sw * sxx - sx * sx);
    m->kappa += PetscSqr(m->factor[k]) / w;
  }
  PetscFunctionReturn(0);
}

/* Adds sign times the limit of the spectrum of one current to element s t, whole and by replicas */
static PetscErrorCode add_limit(const prop_ions *ions, const PetscReal weight[],
                                const prop_ion_run run[], PetscReal step, PetscReal sign,
                                PetscInt st, matrix *m, prop_onsager *out)
{
  const PetscInt n2 = m->nspecies * m->nspecies;
  prop_spectrum spectrum;

  PetscFunctionBegin;
  PetscCall(spectrum_of(ions, weight, m->nreplica, run, step, &spectrum));
  if (!m->factor) PetscCall(fit_factors(&spectrum, out->cutoff, m));
  for (PetscInt k = 0; k < m->nbin; k++) {
    out->l[st] += sign * m->factor[k] * spectrum.value[k];
    for (PetscInt r = 0; r < m->nreplica; r++) {
      m->replica[r * n2 + st] += sign * m->factor[k] * spectrum.replica[r * spectrum.nbin + k];
    }
  }
  PetscCall(prop_spectrum_clear(&spectrum));
  PetscFunctionReturn(0);
}

/* [nspecies, nspecies] weights of all J_s */
typedef PetscReal weights[PROP_CONDUCTIVITY_SPECIES][PROP_CONDUCTIVITY_SPECIES];

/* Whether a species does not move in this frame at all */
static PetscBool at_rest(PetscInt n, const PetscReal weight[])
{
  for (PetscInt s = 0; s < n; s++) {
    if (weight[s] != 0.0) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscErrorCode fill_matrix(const prop_ions *ions, weights w, const prop_ion_run run[],
                                  PetscReal step, matrix *m, prop_onsager *out)
{
  const PetscInt n = m->nspecies;
  PetscReal sum[PROP_CONDUCTIVITY_SPECIES], difference[PROP_CONDUCTIVITY_SPECIES];

  PetscFunctionBegin;
  for (PetscInt s = 0; s < n; s++) {
    PetscCall(add_limit(ions, w[s], run, step, 1.0, s * n + s, m, out));
    for (PetscInt t = s + 1; t < n; t++) {
      if (at_rest(n, w[s]) || at_rest(n, w[t])) continue;
      for (PetscInt i = 0; i < n; i++) {
        sum[i] = w[s][i] + w[t][i];
        difference[i] = w[s][i] - w[t][i];
      }
      PetscCall(add_limit(ions, sum, run, step, 0.25, s * n + t, m, out));
      PetscCall(add_limit(ions, difference, run, step, -0.25, s * n + t, m, out));
      out->l[t * n + s] = out->l[s * n + t];
      for (PetscInt r = 0; r < m->nreplica; r++) {
        m->replica[(r * n + t) * n + s] = m->replica[(r * n + s) * n + t];
      }
    }
  }
  PetscFunctionReturn(0);
}

/* sum over both indices of a_s b_t L_st, of one replica (0..) or of all (-1) */
static PetscReal contract(const matrix *m, const prop_onsager *out, PetscInt replica,
                          const PetscReal a[], const PetscReal b[])
{
  const PetscInt n = m->nspecies;
  const PetscReal *l = replica < 0 ? out->l : m->replica + replica * n * n;
  PetscReal sum = 0.0;

  for (PetscInt s = 0; s < n; s++) {
    for (PetscInt t = 0; t < n; t++) sum += a[s] * b[t] * l[s * n + t];
  }
  return sum;
}

/* Standard error of sum a_s b_t L_st: of the bins, or of the replicas where they scatter by more
   than can be chance.  NaN where there is none. */
static PetscReal error_of(const matrix *m, const prop_onsager *out, const PetscReal a[],
                          const PetscReal b[])
{
  const PetscReal n = (PetscReal)m->nreplica;
  const PetscReal margin = 1.0 + 1.0 / sqrt(2.0 * PetscMax(1.0, n - 1.0));
  const PetscReal mean = contract(m, out, -1, a, b);
  const PetscReal variance =
      m->kappa * (contract(m, out, -1, a, a) * contract(m, out, -1, b, b) + mean * mean);
  PetscReal within, between = 0.0;

  if (!(variance > 0.0)) return PROP_NAN;
  within = sqrt(variance);
  for (PetscInt r = 0; r < m->nreplica; r++) between += PetscSqr(contract(m, out, r, a, b) - mean);
  between = n > 1.0 ? sqrt(between / (n * (n - 1.0))) : 0.0;
  return between > within * margin ? between : within;
}

/* neff and what the numbers do not pass */
static void judge(const matrix *m, PetscReal sigma, prop_onsager *out)
{
  out->neff = 1.0 / m->kappa;
  if (out->neff < PROP_NEFF_MIN || !(sigma > 0.0)) out->flags |= PROP_FLAG_FEW_SAMPLES;
  if (m->nreplica == 1) out->flags |= PROP_FLAG_ONE_REPLICA;
}

static void fill_errors(const matrix *m, prop_onsager *out)
{
  const PetscInt n = m->nspecies;

  for (PetscInt s = 0; s < n; s++) {
    for (PetscInt t = 0; t < n; t++) {
      PetscReal a[PROP_CONDUCTIVITY_SPECIES] = {0.0}, b[PROP_CONDUCTIVITY_SPECIES] = {0.0};

      a[s] = b[t] = 1.0;
      out->error[s * n + t] = error_of(m, out, a, b);
    }
  }
}

/* t_s and sigma; t is the regression of q_s J_s on j, and u = q_s J_s - t j what it leaves */
static void fill_transference(const prop_ions *ions, const matrix *m, prop_onsager *out)
{
  const PetscReal *q = ions->charge;

  out->sigma = contract(m, out, -1, q, q);
  out->sigma_error = error_of(m, out, q, q);
  for (PetscInt s = 0; s < m->nspecies; s++) {
    PetscReal u[PROP_CONDUCTIVITY_SPECIES] = {0.0}, t;

    if (q[s] == 0.0 || ions->number[s] == 0.0) {
      out->transference[s] = 0.0;
      out->transference_error[s] = PROP_NAN;
      continue;
    }
    u[s] = q[s];
    t = contract(m, out, -1, u, q) / out->sigma;
    for (PetscInt i = 0; i < m->nspecies; i++) u[i] -= t * q[i];
    out->transference[s] = t;
    out->transference_error[s] = error_of(m, out, u, q) / out->sigma;
    if (!(contract(m, out, -1, u, u) > fixed * out->sigma)) out->transference_error[s] = PROP_NAN;
  }
}

static PetscErrorCode allocate(PetscInt n, prop_onsager *out)
{
  PetscFunctionBegin;
  PetscCall(PetscMalloc4(n * n, &out->l, n * n, &out->error, n, &out->transference, n,
                         &out->transference_error));
  for (PetscInt i = 0; i < n * n; i++) out->l[i] = out->error[i] = PROP_NAN;
  for (PetscInt i = 0; i < n; i++) out->transference[i] = out->transference_error[i] = PROP_NAN;
  PetscFunctionReturn(0);
}

static PetscErrorCode estimate(const prop_ions *ions, PetscInt nreplica, const prop_ion_run run[],
                               PetscReal step, weights w, prop_onsager *out)
{
  const PetscInt n = ions->nspecies;
  matrix m = {.nspecies = n, .nreplica = nreplica};

  PetscFunctionBegin;
  PetscCall(find_cutoff(ions, nreplica, run, step, out));
  if (PetscIsNanReal(out->cutoff)) PetscFunctionReturn(0);
  PetscCall(PetscArrayzero(out->l, n * n));
  PetscCall(PetscCalloc1(nreplica * n * n, &m.replica));
  PetscCall(fill_matrix(ions, w, run, step, &m, out));
  fill_errors(&m, out);
  fill_transference(ions, &m, out);
  judge(&m, out->sigma, out);
  if (ions->kind == PROP_IONIC_MIXED) out->flags |= PROP_FLAG_MIXED_CONDUCTOR;
  PetscCall(PetscFree(m.factor));
  PetscCall(PetscFree(m.replica));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_onsager_create(const prop_ions *ions, PetscInt nreplica,
                                   const prop_ion_run run[], PetscReal step, prop_frame frame,
                                   const PetscBool solvent[], prop_onsager *out)
{
  weights w;

  PetscFunctionBegin;
  *out = (prop_onsager){.frame = frame, .flags = PROP_FLAG_MISSING};
  out->sigma = out->sigma_error = out->cutoff = PROP_NAN;
  PetscCall(prop__ions_check(ions, nreplica, run, step));
  out->nspecies = ions->nspecies;
  PetscCall(allocate(ions->nspecies, out));
  if (nreplica < 1 || !prop__ions_conduct(ions)) PetscFunctionReturn(0);
  for (PetscInt s = 0; s < ions->nspecies; s++) {
    if (!prop__species_weights(ions, s, frame, solvent, w[s])) PetscFunctionReturn(0);
  }
  out->flags |= PROP_FLAG_FEW_SAMPLES;
  if (run[0].n < PROP_SPECTRUM_MIN) PetscFunctionReturn(0);
  PetscCall(estimate(ions, nreplica, run, step, w, out));
  PetscFunctionReturn(0);
}

PetscErrorCode prop__charge_limit(const prop_ions *ions, PetscInt nreplica,
                                  const prop_ion_run run[], PetscReal step, prop_estimate *est,
                                  PetscReal *cutoff)
{
  const PetscReal one[PROP_CONDUCTIVITY_SPECIES] = {1.0};
  PetscReal weight[PROP_CONDUCTIVITY_SPECIES], l = 0.0;
  prop_onsager out = {.nspecies = 1, .l = &l, .cutoff = PROP_NAN};
  matrix m = {.nspecies = 1, .nreplica = nreplica};

  PetscFunctionBegin;
  *est = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};
  prop__charge_weights(ions, weight);
  if (run[0].n >= PROP_SPECTRUM_MIN) {
    PetscCall(lower_cutoff(ions, weight, nreplica, run, step, &out));
  }
  *cutoff = out.cutoff;
  if (PetscIsNanReal(out.cutoff)) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(nreplica, &m.replica));
  PetscCall(add_limit(ions, weight, run, step, 1.0, 0, &m, &out));
  judge(&m, l, &out);
  est->mean = l;
  est->error = error_of(&m, &out, one, one);
  est->variance = PetscSqr(est->error) * out.neff;
  est->neff = out.neff;
  est->flags = out.flags;
  PetscCall(PetscFree(m.factor));
  PetscCall(PetscFree(m.replica));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_onsager_clear(prop_onsager *onsager)
{
  PetscFunctionBegin;
  if (onsager->l) {
    PetscCall(
        PetscFree4(onsager->l, onsager->error, onsager->transference, onsager->transference_error));
  }
  *onsager = (prop_onsager){.nspecies = 0};
  PetscFunctionReturn(0);
}
