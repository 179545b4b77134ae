/* properties/prop_cepstrum.c - the limit of a logarithm of a spectrum at frequency zero
 *
 * The logarithm of a bin is that of the true spectrum plus noise of a known variance v, the same
 * for all.  It is even and periodic in frequency once cut at f*, and smooth: few cosines do.  With
 * bins k = -K .. K, N = 2 K + 1 of them, but 0,
 *
 *     y_k = c_0 + 2 sum_n<P c_n cos(2 pi n k/N)
 *
 * by least squares.  Were bin 0 there, the c_n were sums of y_k cos, and the fit at 0 would depend
 * on y_0 with the leverage H = (2 P - 1)/N.  Without it the fit at 0 is that sum with y_0 = 0 over
 * 1 - H, its variance 2 v H/(1 - H): for many bins v (4 P - 2)/N, as published.  P minimises
 * chi^2 + 2 P (Akaike), or all P are averaged by the weights exp(-(chi^2 + 2 P)/2): the mean has no
 * jumps, and the variance is that of the mixture (Burnham & Anderson, Model Selection and
 * Multimodel Inference, 2002, doi:10.1007/b97636).
 */
#include "properties/prop_thermal_impl.h"

enum { MOST = PROP_THERMAL_MAX_ORDER };

typedef struct {
  PetscReal log, variance, aic;
} candidate;

/* c[n] = (2/N) sum_k>0 y_k cos(2 pi n k/N) */
static void transform(PetscInt nbin, const PetscReal y[], PetscInt most, PetscReal c[])
{
  const PetscReal n = (PetscReal)(2 * nbin + 1);

  for (PetscInt p = 0; p < most; p++) c[p] = 0.0;
  for (PetscInt k = 1; k <= nbin; k++) {
    const PetscReal twice = 2.0 * cos(2.0 * PETSC_PI * (PetscReal)k / n);
    PetscReal last = 0.5 * twice, now = 1.0;

    for (PetscInt p = 0; p < most; p++) {
      const PetscReal next = twice * now - last;

      c[p] += 2.0 / n * y[k - 1] * now;
      last = now;
      now = next;
    }
  }
}

/* Fits with 1 .. most cosines */
static void fit_all(PetscInt nbin, const PetscReal y[], PetscReal v, PetscInt most,
                    const PetscReal c[], candidate fit[])
{
  const PetscReal n = (PetscReal)(2 * nbin + 1);
  PetscReal square = 0.0, a = 0.0, b = 0.0;

  for (PetscInt k = 0; k < nbin; k++) square += 2.0 * y[k] * y[k];
  for (PetscInt p = 1; p <= most; p++) {
    const PetscReal h = (PetscReal)(2 * p - 1) / n, w = p == 1 ? 1.0 : 2.0;
    PetscReal zero;

    a += w * c[p - 1] * c[p - 1];
    b += w * c[p - 1];
    zero = b / (1.0 - h);
    fit[p - 1] =
        (candidate){.log = zero,
                    .variance = 2.0 * v * h / (1.0 - h),
                    .aic = 0.5 * (square + zero * zero * (1.0 - h) - n * a - 2.0 * zero * b) / v +
                           2.0 * (PetscReal)p};
  }
}

static PetscInt best_of(PetscInt most, const candidate fit[])
{
  PetscInt best = 1;

  for (PetscInt p = 2; p <= most; p++) {
    if (fit[p - 1].aic < fit[best - 1].aic) best = p;
  }
  return best;
}

static void average(PetscInt most, const candidate fit[], prop_cepstrum *out)
{
  PetscReal sum = 0.0, mean = 0.0, square = 0.0;

  for (PetscInt p = 0; p < most; p++) {
    const PetscReal w = exp(-0.5 * (fit[p].aic - fit[out->order - 1].aic));
    const PetscReal d = fit[p].log - fit[out->order - 1].log;

    sum += w;
    mean += w * d;
    square += w * (fit[p].variance + d * d);
  }
  out->log = fit[out->order - 1].log + mean / sum;
  out->variance = square / sum - PetscSqr(mean / sum);
}

void prop_cepstrum_fit(PetscInt nbin, const PetscReal y[], PetscReal variance,
                       const prop_thermal_options *options, prop_cepstrum *fit)
{
  const PetscInt most = PetscMax(1, PetscMin((PetscInt)MOST, nbin / 3));
  PetscInt chosen;
  candidate all[MOST];

  *fit = (prop_cepstrum){.largest = most};
  transform(nbin, y, most, fit->cosine);
  fit_all(nbin, y, variance, most, fit->cosine, all);
  fit->order = best_of(most, all);
  if (options->stretch > 0.0) fit->order = (PetscInt)ceil(options->stretch * (PetscReal)fit->order);
  if (options->order > 0) fit->order = options->order;
  fit->order = PetscMin(fit->order, most);
  chosen = fit->order - 1;
  fit->log = all[chosen].log;
  fit->variance = all[chosen].variance;
  for (PetscInt p = 0; p < most; p++) /* the value left out is that of the fit */
    fit->cosine[p] = p <= chosen ? fit->cosine[p] + fit->log / (PetscReal)(2 * nbin + 1) : 0.0;
  if (options->order == 0 && options->stretch == 0.0) average(most, all, fit);
}

PetscReal prop_cepstrum_at(const prop_cepstrum *fit, PetscInt nbin, PetscReal k)
{
  PetscReal sum = fit->cosine[0];

  for (PetscInt p = 1; p < fit->order; p++) {
    sum +=
        2.0 * fit->cosine[p] * cos(2.0 * PETSC_PI * (PetscReal)p * k / (PetscReal)(2 * nbin + 1));
  }
  return sum;
}
