/* properties/prop_vacf.c - multiple-tau velocity correlation and its integral
 *
 * Entry m of level l is the mean of the samples m 2^l .. (m+1) 2^l - 1, complete with the last of
 * them; it lies in slot m % 16.  It correlates with the entries m .. m-15 of its level; the older
 * is the origin and decides to which part of the run the product belongs.  Sums are over origins of
 * the mean over the atoms of a species, built in the order of the samples: a run continued from a
 * saved state gives the same bits.   Numbers of origins follow from the number of samples.  Parts
 * merge as in prop_msd.c.
 *
 * The curve has the lags 0..15 of level 0 and 8..15 of the others.  Point i + 8 has twice the time
 * of point i (i >= 8), exactly.
 *
 * Why products of different groups may be taken for uncorrelated: a product belongs to the pair of
 * times (a, b), and pairs differ.  For a velocity that forgets at once the covariance of two
 * different products is zero, however much their times overlap.
 */
#include "properties/prop_vacf.h"

#include "properties/prop_by_species.h"

static const char vacf_tag[8] = "PRPVACF";
enum { VACF_VERSION = 1, HALF = PROP_VACF_LAGS / 2 };

static const PetscReal straight = 0.1; /* how far t I/G may be from 1 */

typedef struct {
  PetscReal *ring; /* [LAGS, 3 n, Å/fs] atoms by species */
  PetscReal *sum;  /* [PARTS, LAGS, nspecies, Å^2/fs^2] over origins, of atom means */
} level;

struct prop_vacf {
  PetscInt n, nspecies;
  PetscInt *type; /* [n] */
  prop__by_species order;
  PetscReal sample_time; /* [fs] */
  PetscInt64 nsample, chunk;
  PetscInt nlevel;
  level level[PROP_VACF_LEVELS]; /* [nlevel] owned */
};

static PetscErrorCode check_time(PetscReal t, const char what[])
{
  PetscFunctionBegin;
  PetscCheck(t > 0.0 && !PetscIsInfOrNanReal(t), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The %s is %g fs, wanted a positive number", what, (double)t);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_vacf_create(const md_atoms *atoms, PetscReal sample_time, PetscReal longest,
                                prop_vacf **vacf)
{
  prop_vacf *c;

  PetscFunctionBegin;
  *vacf = NULL;
  PetscCall(check_time(sample_time, "time between samples"));
  PetscCall(check_time(longest, "longest time of a correlation"));
  PetscCall(PetscNew(&c));
  *vacf = c;
  c->n = atoms->n;
  c->nspecies = atoms->nspecies;
  c->sample_time = sample_time;
  c->chunk = 1;
  for (c->nlevel = 1; c->nlevel < PROP_VACF_LEVELS; c->nlevel++) {
    if ((PetscReal)((PROP_VACF_LAGS - 1) << (c->nlevel - 1)) * sample_time >= longest) break;
  }
  PetscCall(PetscMalloc1(c->n, &c->type));
  PetscCall(PetscArraycpy(c->type, atoms->type, atoms->n));
  PetscCall(prop__by_species_create(c->n, c->nspecies, c->type, &c->order));
  for (PetscInt l = 0; l < c->nlevel; l++) {
    PetscCall(PetscCalloc1(PROP_VACF_LAGS * 3 * (size_t)c->n, &c->level[l].ring));
    PetscCall(PetscCalloc1((size_t)PROP_VACF_PARTS * PROP_VACF_LAGS * (size_t)c->nspecies,
                           &c->level[l].sum));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_atoms(const prop_vacf *c, const md_atoms *atoms)
{
  PetscBool same;
  size_t bad;

  PetscFunctionBegin;
  PetscCheck(atoms->n == c->n, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "Sample has %" PetscInt_FMT " atoms, the estimator was made for %" PetscInt_FMT,
             atoms->n, c->n);
  PetscCall(PetscArraycmp(atoms->type, c->type, c->n, &same));
  PetscCheck(same, PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP,
             "The types of the atoms are not those that the estimator was made for");
  bad = prop__first_not_finite(3 * (size_t)c->n, atoms->v);
  PetscCheck(bad == 3 * (size_t)c->n, PETSC_COMM_SELF, PETSC_ERR_FP,
             "Velocity %zu of atom %zu is infinity or NaN in sample %" PetscInt64_FMT, bad % 3,
             bad / 3, c->nsample);
  PetscFunctionReturn(0);
}

/* Doubles the length of a part. */
static void merge_parts(prop_vacf *c)
{
  const size_t width = (size_t)PROP_VACF_LAGS * (size_t)c->nspecies;

  for (PetscInt l = 0; l < c->nlevel; l++) {
    PetscReal *sum = c->level[l].sum;

    for (size_t p = 0; p < PROP_VACF_PARTS; p++) {
      for (size_t i = 0; i < width; i++) {
        sum[p * width + i] =
            p < PROP_VACF_PARTS / 2 ? sum[2 * p * width + i] + sum[(2 * p + 1) * width + i] : 0.0;
      }
    }
  }
  c->chunk *= 2;
}

static PetscReal *slot(const prop_vacf *c, PetscInt l, PetscInt64 m)
{
  return c->level[l].ring + (size_t)(m % PROP_VACF_LAGS) * 3 * (size_t)c->n;
}

/* Entry m of a level, which is in its slot: its products with itself and with those before it */
static void correlate(prop_vacf *c, PetscInt l, PetscInt64 m)
{
  for (PetscInt k = 0; k < PROP_VACF_LAGS && k <= m; k++) {
    const PetscInt64 part = ((m - k) << l) / c->chunk;
    const size_t at = (size_t)part * PROP_VACF_LAGS + (size_t)k;

    prop__by_species_products(&c->order, slot(c, l, m - k), slot(c, l, m),
                              c->level[l].sum + at * (size_t)c->nspecies);
  }
}

/* Entry m of level l > 0, of the last two of the level below */
static void average(prop_vacf *c, PetscInt l, PetscInt64 m)
{
  const PetscReal *a = slot(c, l - 1, 2 * m), *b = slot(c, l - 1, 2 * m + 1);
  PetscReal *mean = slot(c, l, m);

  for (size_t i = 0; i < 3 * (size_t)c->n; i++) mean[i] = 0.5 * (a[i] + b[i]);
}

PetscErrorCode prop_vacf_add(prop_vacf *vacf, const md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(check_atoms(vacf, atoms));
  if (vacf->nsample == PROP_VACF_PARTS * vacf->chunk) merge_parts(vacf);
  prop__by_species_take(&vacf->order, atoms->v, slot(vacf, 0, vacf->nsample));
  correlate(vacf, 0, vacf->nsample);
  for (PetscInt l = 1; l < vacf->nlevel && (vacf->nsample + 1) % ((PetscInt64)1 << l) == 0; l++) {
    const PetscInt64 m = vacf->nsample >> l;

    average(vacf, l, m);
    correlate(vacf, l, m);
  }
  vacf->nsample++;
  PetscFunctionReturn(0);
}

/* Slots of a ring that have been written: they fill from the first. */
static PetscInt ring_used(const prop_vacf *c, PetscInt l)
{
  return (PetscInt)PetscMin(c->nsample >> l, PROP_VACF_LAGS);
}

static PetscInt parts_used(const prop_vacf *c)
{
  return (PetscInt)((c->nsample + c->chunk - 1) / c->chunk);
}

static size_t sums_used(const prop_vacf *c)
{
  return (size_t)parts_used(c) * PROP_VACF_LAGS * (size_t)c->nspecies;
}

PetscErrorCode prop_vacf_save(const prop_vacf *vacf, md_blob *blob)
{
  const PetscInt64 head[4] = {vacf->n, vacf->nspecies, vacf->nlevel, vacf->nsample};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, vacf_tag, VACF_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, &vacf->sample_time, sizeof(vacf->sample_time)));
  PetscCall(md_blob_put(blob, vacf->type, (size_t)vacf->n * sizeof(PetscInt)));
  for (PetscInt l = 0; l < vacf->nlevel; l++) {
    PetscCall(prop__by_species_put(&vacf->order, ring_used(vacf, l), vacf->level[l].ring, blob));
    PetscCall(md_blob_put(blob, vacf->level[l].sum, sums_used(vacf) * sizeof(PetscReal)));
  }
  PetscFunctionReturn(0);
}

/* Reads the head and refuses what was saved for something else. */
static PetscErrorCode load_head(prop_vacf *c, md_blob *blob)
{
  PetscInt64 head[4];
  PetscReal sample_time;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(blob, vacf_tag, VACF_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCall(md_blob_get(blob, &sample_time, sizeof(sample_time)));
  PetscCheck(head[0] == c->n && head[1] == c->nspecies && head[2] == c->nlevel &&
                 sample_time == c->sample_time,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved velocity correlations are of %" PetscInt64_FMT " atoms, %" PetscInt64_FMT
             " species, %" PetscInt64_FMT " levels, every %g fs; wanted %" PetscInt_FMT
             ", %" PetscInt_FMT ", %" PetscInt_FMT ", %g fs",
             head[0], head[1], head[2], (double)sample_time, c->n, c->nspecies, c->nlevel,
             (double)c->sample_time);
  PetscCheck(head[3] >= 0 && head[3] < (PetscInt64)1 << 48, PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved velocity correlations claim %" PetscInt64_FMT " samples", head[3]);
  c->nsample = head[3];
  while (c->nsample > PROP_VACF_PARTS * c->chunk) c->chunk *= 2;
  PetscFunctionReturn(0);
}

static PetscErrorCode load_types(const prop_vacf *c, md_blob *blob)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->n; i++) {
    PetscInt type;

    PetscCall(md_blob_get(blob, &type, sizeof(type)));
    PetscCheck(type == c->type[i], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "Saved velocity correlations have type %" PetscInt_FMT " for atom %" PetscInt_FMT
               ", wanted %" PetscInt_FMT,
               type, i, c->type[i]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_vacf_load(prop_vacf *vacf, md_blob *blob)
{
  PetscFunctionBegin;
  PetscCheck(vacf->nsample == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Saved velocity correlations go into an estimator without samples, this one has "
             "%" PetscInt64_FMT,
             vacf->nsample);
  PetscCall(load_head(vacf, blob));
  PetscCall(load_types(vacf, blob));
  for (PetscInt l = 0; l < vacf->nlevel; l++) {
    PetscCall(prop__by_species_get(&vacf->order, ring_used(vacf, l), blob, vacf->level[l].ring));
    PetscCall(md_blob_get(blob, vacf->level[l].sum, sums_used(vacf) * sizeof(PetscReal)));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_vacf_destroy(prop_vacf **vacf)
{
  PetscFunctionBegin;
  if (*vacf == NULL) PetscFunctionReturn(0);
  PetscCall(PetscFree((*vacf)->type));
  PetscCall(prop__by_species_clear(&(*vacf)->order));
  for (PetscInt l = 0; l < PROP_VACF_LEVELS; l++) {
    PetscCall(PetscFree((*vacf)->level[l].ring));
    PetscCall(PetscFree((*vacf)->level[l].sum));
  }
  PetscCall(PetscFree(*vacf));
  PetscFunctionReturn(0);
}

PetscInt64 prop_vacf_samples(const prop_vacf *vacf)
{
  return vacf->nsample;
}

/* Level and lag of a point of the curve */
static PetscInt level_of(PetscInt i)
{
  return i < PROP_VACF_LAGS ? 0 : PetscMin(PROP_VACF_LEVELS - 1, 1 + (i - PROP_VACF_LAGS) / HALF);
}

static PetscInt lag_of(PetscInt i)
{
  return i < PROP_VACF_LAGS ? i : HALF + i % HALF;
}

/* Samples from an origin to the end of the later entry */
static PetscInt64 span_of(PetscInt i)
{
  return (PetscInt64)(lag_of(i) + 1) << level_of(i);
}

static PetscReal upper_of(const prop_vacf *c, PetscInt i)
{
  return ((PetscReal)lag_of(i) + 0.5) * (PetscReal)((PetscInt64)1 << level_of(i)) * c->sample_time;
}

static PetscInt points(const prop_vacf *c)
{
  PetscInt n = 0;
  const PetscInt most = PROP_VACF_LAGS + (PetscMin(c->nlevel, PROP_VACF_LEVELS) - 1) * HALF;

  while (n < most && span_of(n) <= c->nsample) n++;
  return n;
}

static PetscInt64 first_entry(PetscInt64 sample, PetscInt l)
{
  return (sample + ((PetscInt64)1 << l) - 1) >> l;
}

/* C of lag k of a level, origins in parts first..end-1; *count: origins */
static PetscReal correlation(const prop_vacf *c, PetscInt species, PetscInt l, PetscInt k,
                             PetscInt first, PetscInt end, PetscInt64 *count)
{
  const PetscInt64 from = first_entry(first * c->chunk, l);
  const PetscInt64 to = PetscMin(first_entry(end * c->chunk, l), (c->nsample >> l) - k);
  PetscReal sum = 0.0;

  *count = PetscMax(0, to - from);
  for (PetscInt p = first; p < end; p++) {
    const size_t at = (size_t)p * PROP_VACF_LAGS + (size_t)k;

    sum += c->level[l].sum[at * (size_t)c->nspecies + (size_t)species];
  }
  return sum / (3.0 * (PetscReal)*count);
}

/* I at point i from the parts first..end-1; *length: origins at its lag, in samples */
static PetscReal integral(const prop_vacf *c, PetscInt species, PetscInt i, PetscInt first,
                          PetscInt end, PetscReal *length)
{
  const PetscInt l = level_of(i);
  PetscReal sum = 0.0;
  PetscInt64 count = 0;

  for (PetscInt k = 0; k <= lag_of(i); k++) {
    sum += (k == 0 ? 0.5 : 1.0) * correlation(c, species, l, k, first, end, &count);
  }
  *length = (PetscReal)(count << l);
  return sum * (PetscReal)((PetscInt64)1 << l) * c->sample_time;
}

/* Mean of I over the points first..last, by trapezoids, for some parts; first = last: I there */
static PetscReal mean_integral(const prop_vacf *c, PetscInt species, const PetscInt window[2],
                               PetscInt first, PetscInt end, PetscReal *length)
{
  PetscReal sum = 0.0, before = integral(c, species, window[0], first, end, length);

  if (window[0] == window[1]) return before;
  for (PetscInt i = window[0] + 1; i <= window[1]; i++) {
    const PetscReal here = integral(c, species, i, first, end, length);

    sum += 0.5 * (here + before) * (upper_of(c, i) - upper_of(c, i - 1));
    before = here;
  }
  return sum / (upper_of(c, window[1]) - upper_of(c, window[0]));
}

/* Groups of parts, each at least as long as the window's last time; the last takes what is left.
   0 where there are fewer than two. */
static PetscInt groups(const prop_vacf *c, PetscInt last, PetscInt *join)
{
  const PetscInt64 span = span_of(last), origins = c->nsample - span;
  PetscInt n;

  *join = (PetscInt)((span + c->chunk - 1) / c->chunk);
  n = origins > 0 ? (PetscInt)(origins / (*join * c->chunk)) : 0;
  return n < 2 ? 0 : n;
}

/* Standard error of mean(a) - mean(b) over two windows (b NULL: of a alone), with the groups of the
   later one; *variance: of the groups about their mean.  NaN: none. */
static PetscReal scatter(const prop_vacf *c, PetscInt species, const PetscInt a[2],
                         const PetscInt b[2], PetscReal *variance, PetscInt *n)
{
  PetscReal value[PROP_VACF_PARTS], length[PROP_VACF_PARTS], total = 0.0, mean = 0.0, sum = 0.0;
  PetscInt join;

  *variance = 0.0;
  *n = groups(c, b ? b[1] : a[1], &join);
  if (*n == 0) return PROP_NAN;
  for (PetscInt g = 0; g < *n; g++) {
    const PetscInt end = g == *n - 1 ? parts_used(c) : (g + 1) * join;

    value[g] = mean_integral(c, species, a, g * join, end, &length[g]);
    if (b) value[g] -= mean_integral(c, species, b, g * join, end, &length[g]);
    total += length[g];
  }
  for (PetscInt g = 0; g < *n; g++) mean += length[g] / total * value[g];
  for (PetscInt g = 0; g < *n; g++) sum += length[g] / total * PetscSqr(value[g] - mean);
  *variance = sum * (PetscReal)*n / (PetscReal)(*n - 1);
  return sum > 0.0 ? PetscSqrtReal(sum / (PetscReal)(*n - 1)) : PROP_NAN;
}

static PetscErrorCode check_species(const prop_vacf *c, PetscInt species)
{
  PetscFunctionBegin;
  PetscCheck(species >= 0 && species < c->nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Species %" PetscInt_FMT " of %" PetscInt_FMT " does not exist", species, c->nspecies);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_vacf_curve(const prop_vacf *vacf, PetscInt species, PetscInt *n,
                               prop_vacf_point point[])
{
  PetscFunctionBegin;
  PetscCall(check_species(vacf, species));
  *n = vacf->order.natom[species] > 0 ? points(vacf) : 0;
  for (PetscInt i = 0; i < *n; i++) {
    const PetscInt l = level_of(i), window[2] = {i, i};
    PetscReal length, variance;
    PetscInt64 count;
    PetscInt ngroup;

    point[i].time = (PetscReal)((PetscInt64)lag_of(i) << l) * vacf->sample_time;
    point[i].upper = upper_of(vacf, i);
    point[i].correlation = correlation(vacf, species, l, lag_of(i), 0, parts_used(vacf), &count);
    point[i].integral = integral(vacf, species, i, 0, parts_used(vacf), &length);
    point[i].error = scatter(vacf, species, window, NULL, &variance, &ngroup);
  }
  PetscFunctionReturn(0);
}

/* First point t1 of a plateau [t1, 2 t1]; -1: there is none */
static PetscInt plateau(const prop_vacf *c, PetscInt species, PetscInt n)
{
  const PetscReal most = (PetscReal)c->nsample * c->sample_time / 16.0;
  PetscReal area = 0.0, before = 0.0, time = 0.0, length;
  PetscInt first = HALF;

  for (PetscInt i = 0; i < n; i++) {
    const PetscReal here = integral(c, species, i, 0, parts_used(c), &length);
    const PetscReal t = upper_of(c, i);

    area += 0.5 * (here + before) * (t - time);
    before = here;
    time = t;
    if (i < HALF) continue;
    if (!(PetscAbsReal(t * here / area - 1.0) <= straight)) first = i + 1;
    if (i == first + HALF) break;
  }
  return first + 2 * HALF < n && upper_of(c, first) <= most ? first : -1;
}

PetscErrorCode prop_vacf_diffusion(const prop_vacf *vacf, PetscInt species, prop_estimate *est,
                                   PetscReal *from, PetscReal *to)
{
  PetscInt window[2], next[2], ngroup;
  PetscReal length, variance, later, error;

  PetscFunctionBegin;
  PetscCall(check_species(vacf, species));
  *est = (prop_estimate){.mean = PROP_NAN, .error = PROP_NAN};
  est->flags = PROP_FLAG_NO_SIZE_CORRECTION | PROP_FLAG_FEW_SAMPLES | PROP_FLAG_NO_PLATEAU;
  if (from) *from = PROP_NAN;
  if (to) *to = PROP_NAN;
  window[0] = vacf->order.natom[species] > 0 ? plateau(vacf, species, points(vacf)) : -1;
  if (window[0] < 0) PetscFunctionReturn(0);

  window[1] = next[0] = window[0] + HALF;
  next[1] = next[0] + HALF;
  if (from) *from = upper_of(vacf, window[0]);
  if (to) *to = upper_of(vacf, window[1]);
  est->mean = mean_integral(vacf, species, window, 0, parts_used(vacf), &length);
  later = mean_integral(vacf, species, next, 0, parts_used(vacf), &length);
  error = scatter(vacf, species, window, next, &variance, &ngroup);
  if (PetscAbsReal(later - est->mean) <= 3.0 * error) est->flags &= ~PROP_FLAG_NO_PLATEAU;
  est->error = scatter(vacf, species, window, NULL, &est->variance, &ngroup);
  est->neff = (PetscReal)ngroup;
  if (est->neff >= PROP_NEFF_MIN) est->flags &= ~PROP_FLAG_FEW_SAMPLES;
  PetscFunctionReturn(0);
}
