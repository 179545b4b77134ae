/* properties/prop_zero_slow.c - whether a narrow peak at frequency zero hides under a fit
 *
 * A slow memory that is a small part of the integral is a peak at zero, narrower than what the
 * model follows, and less than the scatter of any few bins.  So what the fit leaves of the bins is
 * summed with the shape of such a peak as weights, which is the most powerful test of it: the score
 * test of S(f) (1 + a/(1 + (f/w)^2)) against a = 0, with the fitted parameters free (Rao, Math.
 * Proc. Camb. Phil. Soc. 44, 50 (1948), doi:10.1017/S0305004100023987).  Widths w are tried an
 * octave apart, from NARROWEST bins to a quarter of the cut-off: what narrower ones would add is
 * too uncertain to be of use.
 */
#include "properties/prop_zero_impl.h"

#include <math.h>

#define NARROWEST 5.0 /* bins: half width of a peak */

/* Sums over bins with the peak as weights */
typedef struct {
  PetscReal residual, variance, information, a[PROP__ZERO_P], square[PROP__ZERO_P];
} peak_sums;

static void add_bin(const prop__zero_data *data, const prop__zero_fit *fit, PetscReal weight,
                    PetscInt k, PetscReal peak, peak_sums *o)
{
  const PetscReal a = weight * data->alpha[k] * peak;
  PetscReal d[PROP__ZERO_P] = {0.0};
  const PetscReal log = prop__zero_log(fit, fit->b, data->frequency[k], d);

  o->residual += a * (data->value[k] * exp(-log) - 1.0);
  o->variance += weight * a * peak;
  o->information += a * peak;
  for (PetscInt i = 0; i < fit->p; i++) {
    o->a[i] += a * d[i];
    o->square[i] += weight * a * d[i];
  }
}

/* z of the sums, and what the peak would add to ln S(0) once all parameters follow */
static PetscReal score(const prop__zero_fit *fit, const peak_sums *o, PetscReal *change)
{
  PetscReal variance = o->variance, information = o->information, shift = 0.0;

  for (PetscInt i = 0; i < fit->p; i++) {
    shift += fit->response[0][i] * o->a[i];
    for (PetscInt j = 0; j < fit->p; j++) {
      information -= o->a[i] * fit->response[i][j] * o->a[j];
      variance += o->a[i] * (fit->cov[i][j] * o->a[j] - 2.0 * fit->response[i][j] * o->square[j]);
    }
  }
  *change = 0.0;
  if (variance < 0.02 * o->variance || information < 0.02 * o->information) return 0.0;
  *change = o->residual / information * (1.0 - shift);
  return o->residual / sqrt(variance);
}

PetscReal prop__zero_slow(const prop__zero_data *data, const PetscReal weight[], PetscReal cutoff,
                          const prop__zero_fit *fit, PetscReal *change)
{
  PetscReal largest = 0.0, w = 0.25 * cutoff;

  *change = 0.0;
  while (w >= NARROWEST * data->frequency[0]) {
    peak_sums o = {.residual = 0.0};
    PetscReal z, by;

    for (PetscInt k = 0; k < data->n && weight[k] > 0.0; k++) {
      add_bin(data, fit, weight[k], k, 1.0 / (1.0 + PetscSqr(data->frequency[k] / w)), &o);
    }
    z = score(fit, &o, &by);
    if (z > largest) {
      largest = z;
      *change = by;
    }
    w *= 0.5;
  }
  return largest;
}
