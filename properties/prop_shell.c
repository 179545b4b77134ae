/* properties/prop_shell.c - the first shell of a radial distribution: where it is, what it holds
 *
 * The curve is walked outwards like a mountain path: the highest point so far becomes the first
 * maximum once the path has fallen clearly below it, the lowest point after that the minimum once
 * the path has risen clearly above it.  "Clearly" is 0.05 and 4 standard errors of counting in the
 * smoothed curve, so that noise makes no shells; what is not clear is reported as not found.
 *
 * In a melt the number hangs on where the shallow minimum is taken to be more than on counting.
 * Error bars therefore let every block of time find its own extrema, near those of all samples.
 */
#include "properties/prop_rdf_impl.h"

enum { MIN_BLOCKS = 4 };

static const PetscReal smooth_width = 0.08; /* [Å] */
static const PetscReal smooth_bins = 0.7;   /* of a bin, at least */
static const PetscReal clear_step = 0.05;   /* in g */
static const PetscReal clear_errors = 4.0;

/* A smoothed g with the standard error of counting; arrays of nbin in one piece of memory */
typedef struct {
  PetscInt n;
  PetscReal dr;
  PetscReal *g, *error;
  PetscReal *raw, *variance; /* before smoothing */
} path;

typedef struct {
  PetscReal r_peak, r_min; /* [Å] */
  PetscBool found;
} extent;

static PetscErrorCode path_create(const prop_rdf *rdf, path *p)
{
  const PetscInt n = rdf->nbin;

  PetscFunctionBegin;
  *p = (path){.n = n, .dr = rdf->rmax / (PetscReal)n};
  PetscCall(PetscCalloc1(4 * (size_t)n, &p->g));
  p->error = p->g + n;
  p->raw = p->error + n;
  p->variance = p->raw + n;
  PetscFunctionReturn(0);
}

/* Gaussian average of raw into g, and the error that independent bins then have */
static void path_smooth(path *p)
{
  const PetscReal width = PetscMax(smooth_width / p->dr, smooth_bins); /* in bins */
  const PetscInt reach = (PetscInt)PetscCeilReal(3.0 * width);

  for (PetscInt i = 0; i < p->n; i++) {
    PetscReal total = 0.0, g = 0.0, variance = 0.0;

    for (PetscInt j = PetscMax(0, i - reach); j <= PetscMin(p->n - 1, i + reach); j++) {
      const PetscReal w = PetscExpReal(-0.5 * PetscSqr((PetscReal)(j - i) / width));

      total += w;
      g += w * p->raw[j];
      variance += w * w * p->variance[j];
    }
    p->g[i] = g / total;
    p->error[i] = PetscSqrtReal(variance) / total;
  }
}

/* Fills a path from counts with ideal[k] = the count that makes g = 1; like pairs come in twos, and
   one more count than seen keeps the error of an empty bin from being zero. */
static void path_fill(const prop_rdf *rdf, const PetscInt64 count[], PetscReal density,
                      PetscReal double_counting, path *p)
{
  for (PetscInt k = 0; k < p->n; k++) {
    const PetscReal ideal = density * prop__rdf_shell(rdf, k);

    p->raw[k] = (PetscReal)count[k] / ideal;
    p->variance[k] = double_counting * ((PetscReal)count[k] + 1.0) / (ideal * ideal);
  }
  path_smooth(p);
}

/* Offset in bins, within +-1, of the extremum of a parabola through the neighbours of i */
static PetscReal parabola(const path *p, PetscInt i)
{
  PetscReal left, right, curvature;

  if (i == 0 || i == p->n - 1) return 0.0;
  left = p->g[i - 1] - p->g[i];
  right = p->g[i + 1] - p->g[i];
  curvature = left + right;
  if (curvature == 0.0) return 0.0;
  return PetscClipInterval(0.5 * (left - right) / curvature, -1.0, 1.0);
}

/* Whether point i lies clearly above point j */
static PetscBool clearly_above(const path *p, PetscInt i, PetscInt j)
{
  const PetscReal noise =
      clear_errors * PetscSqrtReal(PetscSqr(p->error[i]) + PetscSqr(p->error[j]));

  return (PetscBool)(p->g[i] - p->g[j] > PetscMax(clear_step, noise));
}

/* [bins] the minimum at i, or the middle of the plateau of equal values that begins there */
static PetscReal minimum_at(const path *p, PetscInt i)
{
  PetscInt end = i;

  while (end + 1 < p->n && p->g[end + 1] == p->g[i]) end++;
  return end > i ? 0.5 * (PetscReal)(i + end) : (PetscReal)i + parabola(p, i);
}

static extent find_shell(const path *p)
{
  extent s = {.r_peak = PROP_NAN, .r_min = PROP_NAN, .found = PETSC_FALSE};
  PetscInt peak = 0, low, i;

  for (i = 1; i < p->n; i++) {
    if (p->g[i] > p->g[peak])
      peak = i;
    else if (p->g[peak] > 1.0 && clearly_above(p, peak, i))
      break;
  }
  for (low = i; i < p->n; i++) {
    if (p->g[i] < p->g[low])
      low = i;
    else if (clearly_above(p, i, low))
      break;
  }
  if (i >= p->n) return s;
  s.r_peak = ((PetscReal)peak + 0.5 + parabola(p, peak)) * p->dr;
  s.r_min = (minimum_at(p, low) + 0.5) * p->dr;
  s.found = PETSC_TRUE;
  return s;
}

/* [Å] maximum (sign 1) or minimum (sign -1) of a path within `range` of r */
static PetscReal extremum_near(const path *p, PetscReal r, PetscReal range, PetscReal sign)
{
  const PetscInt from = PetscMax(0, (PetscInt)((r - range) / p->dr));
  const PetscInt to = PetscMin(p->n - 1, (PetscInt)((r + range) / p->dr));
  PetscInt best = from;

  for (PetscInt i = from; i <= to; i++) {
    if (sign * (p->g[i] - p->g[best]) > 0.0) best = i;
  }
  return ((PetscReal)best + 0.5 + parabola(p, best)) * p->dr;
}

/* Pairs closer than r; the bin that r lies in counts by its share. */
static PetscReal pairs_within(const prop_rdf *rdf, const PetscInt64 count[], PetscReal r)
{
  const PetscReal bins = r / rdf->rmax * (PetscReal)rdf->nbin;
  const PetscInt whole = PetscMin((PetscInt)bins, rdf->nbin - 1);
  PetscInt64 sum = 0;

  for (PetscInt k = 0; k < whole; k++) sum += count[k];
  return (PetscReal)sum + (bins - (PetscReal)whole) * (PetscReal)count[whole];
}

/* Whether the pair exists and was sampled */
static PetscBool has_pair(const prop_rdf *rdf, PetscInt a, PetscInt b)
{
  return (PetscBool)(rdf->nsample > 0 && prop__rdf_pairs(rdf, a, b) > 0.0);
}

/* [1/Å^3] count in a bin of volume v that makes g = 1, over v, for `samples` samples.  The mean of
   1/V is taken from the totals, where sum of V n over sum of n is the mean volume. */
static PetscReal ideal_density(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscInt64 samples)
{
  const size_t at = prop__rdf_pair(rdf, a, b);
  PetscReal weighted = 0.0, count = 0.0;

  for (size_t k = at; k < at + (size_t)rdf->nbin; k++) {
    weighted += rdf->weighted[k];
    count += (PetscReal)rdf->count[k];
  }
  return count > 0.0 ? prop__rdf_pairs(rdf, a, b) * (PetscReal)samples * count / weighted : 1.0;
}

static PetscErrorCode check_pair(const prop_rdf *rdf, PetscInt a, PetscInt b)
{
  PetscFunctionBegin;
  PetscCheck(a >= 0 && b >= 0 && a < rdf->nspecies && b < rdf->nspecies, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Pair of species %" PetscInt_FMT " and %" PetscInt_FMT " of %" PetscInt_FMT, a, b,
             rdf->nspecies);
  PetscFunctionReturn(0);
}

/* The first shell of all samples of rdf */
static PetscErrorCode first_shell(const prop_rdf *rdf, PetscInt a, PetscInt b, extent *s)
{
  path p;

  PetscFunctionBegin;
  *s = (extent){.r_peak = PROP_NAN, .r_min = PROP_NAN, .found = PETSC_FALSE};
  if (!has_pair(rdf, a, b)) PetscFunctionReturn(0);
  PetscCall(path_create(rdf, &p));
  path_fill(rdf, rdf->count + prop__rdf_pair(rdf, a, b), ideal_density(rdf, a, b, rdf->nsample),
            a == b ? 2.0 : 1.0, &p);
  *s = find_shell(&p);
  PetscCall(PetscFree(p.g));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rdf_coordination(const prop_rdf *rdf, PetscInt a, PetscInt b, PetscReal *r_peak,
                                     PetscReal *r_min, PetscReal *number, PetscBool *found)
{
  extent s;

  PetscFunctionBegin;
  PetscCall(check_pair(rdf, a, b));
  PetscCall(first_shell(rdf, a, b, &s));
  *r_peak = s.r_peak;
  *r_min = s.r_min;
  *found = s.found;
  *number = PROP_NAN;
  if (s.found) {
    *number = pairs_within(rdf, rdf->count + prop__rdf_pair(rdf, a, b), s.r_min) /
              ((PetscReal)rdf->natom[a] * (PetscReal)rdf->nsample);
  }
  PetscFunctionReturn(0);
}

/* Mean square deviation of n numbers over n (n - 1): the variance of their mean if independent */
static PetscReal variance_of_mean(PetscInt n, const PetscReal x[])
{
  PetscReal mean = 0.0, sum = 0.0;

  for (PetscInt i = 0; i < n; i++) mean += x[i] / (PetscReal)n;
  for (PetscInt i = 0; i < n; i++) sum += PetscSqr(x[i] - mean);
  return sum / (PetscReal)(n * (n - 1));
}

/* Error bar of the mean of n blocks; est->mean stands already. */
static void scatter(PetscInt n, const PetscReal x[], prop_estimate *est)
{
  PetscReal pair[PROP_RDF_BLOCKS / 2], single_error, pair_error, most;

  if (n < MIN_BLOCKS) return;
  for (PetscInt i = 0; i < n / 2; i++) pair[i] = 0.5 * (x[2 * i] + x[2 * i + 1]);
  single_error = variance_of_mean(n, x);
  pair_error = variance_of_mean(n / 2, pair);
  most = PetscMax(single_error, pair_error);
  est->variance = single_error * (PetscReal)n;
  est->neff = 1.0;
  if (!(most > 0.0)) return; /* no scatter at all: its size is unknown */
  est->error = PetscSqrtReal(most);
  est->neff = est->variance / most;
}

PetscErrorCode prop_rdf_estimate(const prop_rdf *rdf, const prop_rdf *shell, PetscInt a, PetscInt b,
                                 prop_estimate *peak, prop_estimate *number, PetscBool *found)
{
  const prop_estimate none = {.mean = PROP_NAN, .error = PROP_NAN, .flags = PROP_FLAG_FEW_SAMPLES};
  const size_t at = prop__rdf_pair(rdf, a, b);
  PetscReal r[PROP_RDF_BLOCKS], n[PROP_RDF_BLOCKS], atoms, density, range;
  extent first;
  path p;

  PetscFunctionBegin;
  PetscCall(check_pair(rdf, a, b));
  PetscCheck(shell->nspecies == rdf->nspecies && shell->nbin == rdf->nbin &&
                 shell->rmax == rdf->rmax,
             PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "The radial distributions of the replica and of the shell have different bins");
  *peak = *number = none;
  PetscCall(first_shell(shell, a, b, &first));
  *found = first.found;
  if (!first.found || !has_pair(rdf, a, b)) PetscFunctionReturn(0);

  atoms = (PetscReal)rdf->natom[a];
  range = 0.5 * (first.r_min - first.r_peak);
  number->mean =
      pairs_within(rdf, rdf->count + at, first.r_min) / (atoms * (PetscReal)rdf->nsample);
  PetscCall(path_create(rdf, &p));
  path_fill(rdf, rdf->count + at, ideal_density(rdf, a, b, rdf->nsample), 1.0, &p);
  peak->mean = extremum_near(&p, first.r_peak, range, 1.0);
  density = ideal_density(rdf, a, b, rdf->length);
  for (PetscInt k = 0; !rdf->merged && k < rdf->nblock; k++) {
    const PetscInt64 *count = rdf->block + (size_t)k * prop__rdf_size(rdf) + at;

    path_fill(rdf, count, density, 1.0, &p);
    r[k] = extremum_near(&p, first.r_peak, range, 1.0);
    n[k] = pairs_within(rdf, count, extremum_near(&p, first.r_min, range, -1.0)) /
           (atoms * (PetscReal)rdf->length);
  }
  PetscCall(PetscFree(p.g));
  scatter(rdf->merged ? 0 : rdf->nblock, r, peak);
  scatter(rdf->merged ? 0 : rdf->nblock, n, number);
  PetscFunctionReturn(0);
}
