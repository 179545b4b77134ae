/* fmu_table.c - functions on a grid between nodes; the contract is in the header */
#include "fmu_table.h"

#include <math.h>
#include <string.h>

#define FMU_NAN ((double)NAN)

/* Weights along one axis of the knots `at` and `at` + 1. */
typedef struct {
  int at;
  double w[2], dw[2]; /* of values, and their derivatives */
  double c[2], dc[2]; /* of variances */
  double b[4], db[4]; /* of y0, y1, y0', y1': along temperature */
} place;

/* Places --------------------------------------------------------------------------------------- */

static void limits(const fmu_axis *axis, double *low, double *high)
{
  *low = axis->knot[0] - (axis->n == 1 ? axis->reach : 0.0);
  *high = axis->knot[axis->n - 1] + (axis->n == 1 ? axis->reach : 0.0);
}

FMU_LOCAL int fmu_table_outside(const fmu_table *table, const double x[], double *low, double *high)
{
  for (int a = 0; a < table->naxis; a++) {
    double slack;

    limits(&table->axis[a], low, high);
    slack = 1e-9 * (*high > *low ? *high - *low : fabs(*high));
    if (!(x[a] >= *low - slack && x[a] <= *high + slack)) return a;
  }
  return -1;
}

/* Last knot that is not above x, but never the last of all. */
static int find_cell(const fmu_axis *axis, double x)
{
  int low = 0, high = axis->n - 1;

  while (high - low > 1) {
    const int mid = (low + high) / 2;

    if (axis->knot[mid] <= x)
      low = mid;
    else
      high = mid;
  }
  return low;
}

/* Cubic Hermite basis over a cell of width h at s = 0..1; straight on outside. */
static void hermite(double s, double h, bool moves, place *p)
{
  const double r = 1.0 - s, d = moves ? 1.0 : 0.0;

  memset(p->b, 0, sizeof(p->b));
  memset(p->db, 0, sizeof(p->db));
  if (s < 0.0) {
    p->b[0] = p->db[2] = 1.0;
    p->b[2] = s * h;
  } else if (s > 1.0) {
    p->b[1] = p->db[3] = 1.0;
    p->b[3] = -r * h;
  } else {
    p->b[0] = r * r * (1.0 + 2.0 * s);
    p->b[1] = s * s * (1.0 + 2.0 * r);
    p->b[2] = h * s * r * r;
    p->b[3] = -h * r * s * s;
    p->db[0] = -6.0 * s * r / h * d;
    p->db[1] = 6.0 * s * r / h * d;
    p->db[2] = r * (1.0 - 3.0 * s) * d;
    p->db[3] = s * (3.0 * s - 2.0) * d;
  }
}

static void locate(const fmu_axis *axis, double x, fmu_policy policy, place *p)
{
  double h, s;
  bool moves = true;

  *p = (place){.w = {1.0, 0.0}, .c = {1.0, 0.0}, .b = {1.0, 0.0, 0.0, 0.0}};
  if (axis->n == 1) return;
  p->at = find_cell(axis, x);
  h = axis->knot[p->at + 1] - axis->knot[p->at];
  s = (x - axis->knot[p->at]) / h;
  if (policy != FMU_POLICY_LINEAR && !(s >= 0.0 && s <= 1.0)) {
    s = s > 1.0 ? 1.0 : 0.0;
    moves = false;
  }
  p->w[0] = 1.0 - s;
  p->w[1] = s;
  p->dw[0] = moves ? -1.0 / h : 0.0;
  p->dw[1] = -p->dw[0];
  for (int i = 0; i < 2; i++) {
    const bool inside = p->w[i] >= 0.0 && p->w[i] <= 1.0;

    p->c[i] = inside ? p->w[i] : p->w[i] * p->w[i];
    p->dc[i] = inside ? p->dw[i] : 2.0 * p->w[i] * p->dw[i];
  }
  hermite(s, h, moves, p);
}

/* Sums over corners ---------------------------------------------------------------------------- */

/* Product of the weights of corner m in all axes before `last`, with those of axis `by` replaced by
 * their derivatives (-1: none). */
static double product(const place place_of[], int last, unsigned m, int by, bool variance)
{
  double w = 1.0;

  for (int a = 0; a < last; a++) {
    const int i = (int)(m >> a & 1U);
    const place *p = &place_of[a];

    if (a == by)
      w *= variance ? p->dc[i] : p->dw[i];
    else
      w *= variance ? p->c[i] : p->w[i];
  }
  return w;
}

/* Sum of n products; terms with a factor of zero are not looked at: they may be holes. */
static double sum(int n, const double factor[], const double *const number[])
{
  double s = 0.0;

  for (int i = 0; i < n; i++)
    if (factor[i] != 0.0) s += factor[i] * *number[i];
  return s;
}

/* One corner's share of the value and of its derivatives. */
static void add_value(const fmu_table *t, const fmu_function *f, const place p[], unsigned m,
                      size_t node, fmu_result *r)
{
  const int last = t->naxis - 1;
  const size_t next = t->axis[last].n > 1 ? 1 : 0;
  const double *number[4] = {&f->value[node], &f->value[node + next], &f->slope[node],
                             &f->slope[node + next]};
  const double w = product(p, last, m, -1, false);

  if (w != 0.0) {
    r->value += w * sum(4, p[last].b, number);
    r->dvalue[last] += w * sum(4, p[last].db, number);
  }
  for (int a = 0; a < last; a++) {
    const double dw = product(p, last, m, a, false);

    if (dw != 0.0) r->dvalue[a] += dw * sum(4, p[last].b, number);
  }
}

/* One corner's share of the variance; error and derror hold variances for now. */
static void add_variance(const fmu_table *t, const fmu_function *f, const place p[], unsigned m,
                         size_t node, fmu_result *r)
{
  const int last = t->naxis - 1;
  const size_t next = t->axis[last].n > 1 ? 1 : 0;
  const double *number[2] = {&f->variance[node], &f->variance[node + next]};
  const double w = product(p, last, m, -1, true);

  if (w != 0.0) {
    r->error += w * sum(2, p[last].c, number);
    r->derror[last] += w * sum(2, p[last].dc, number);
  }
  for (int a = 0; a < last; a++) {
    const double dw = product(p, last, m, a, true);

    if (dw != 0.0) r->derror[a] += dw * sum(2, p[last].c, number);
  }
}

/* Node of corner m; false: there is none, an axis has one value. */
static bool corner(const fmu_table *t, const place p[], unsigned m, size_t *node)
{
  const int last = t->naxis - 1;

  *node = (size_t)p[last].at;
  for (int a = 0; a < last; a++) {
    const unsigned i = m >> a & 1U;

    if (i == 1 && t->axis[a].n == 1) return false;
    *node += ((size_t)p[a].at + i) * t->axis[a].stride;
  }
  return true;
}

/* Says what is there, and turns variances into errors. */
static void finish(int naxis, fmu_result *r)
{
  bool dvalue = true, derror = true;
  const double variance = r->error;

  r->error = sqrt(variance);
  for (int a = 0; a < naxis; a++) {
    r->derror[a] = variance > 0.0 ? r->derror[a] / (2.0 * r->error) : 0.0 * r->derror[a];
    if (!isfinite(r->dvalue[a])) dvalue = false;
    if (!isfinite(r->derror[a])) derror = false;
  }
  r->has = (isfinite(r->value) ? FMU_HAS_VALUE : 0) | (isfinite(r->error) ? FMU_HAS_ERROR : 0) |
           (dvalue ? FMU_HAS_DVALUE : 0) | (derror ? FMU_HAS_DERROR : 0);
}

static void interpolate(const fmu_table *t, const fmu_function *f, const place p[], fmu_result *r)
{
  *r = (fmu_result){0};
  for (unsigned m = 0; m < 1U << (t->naxis - 1); m++) {
    size_t node;

    if (!corner(t, p, m, &node)) continue;
    add_value(t, f, p, m, node, r);
    if (f->uncertain) add_variance(t, f, p, m, node, r);
  }
  if (!f->uncertain) r->error = FMU_NAN;
  finish(t->naxis, r);
}

/* Pressure ------------------------------------------------------------------------------------- */

/* f (1 + kappa dp) in the place of f; moves: whether dp goes with p, or was clamped. */
static void compress(const fmu_table *t, const fmu_result *k, double dp, bool moves, fmu_result *r)
{
  const double g = 1.0 + k->value * dp, f = r->value, e = r->error, u = k->error;
  const bool known = (k->has & FMU_HAS_ERROR) != 0;
  const double spread = known ? f * dp * u : 0.0;
  double variance = e * e * g * g + spread * spread;

  r->value = f * g;
  for (int a = 0; a < t->naxis; a++) {
    const bool by_p = a == t->naxis - 2;
    const double ddp = by_p && moves ? 1.0 : 0.0, df = r->dvalue[a];
    const double dg = k->dvalue[a] * dp + k->value * ddp;
    double dvariance = 2.0 * e * r->derror[a] * g * g + 2.0 * e * e * g * dg;

    if (known) dvariance += 2.0 * spread * (df * dp * u + f * ddp * u + f * dp * k->derror[a]);
    r->dvalue[a] = df * g + f * dg;
    r->derror[a] = dvariance;
  }
  r->error = variance;
  finish(t->naxis, r);
}

FMU_LOCAL void fmu_table_at(const fmu_table *table, int f, const double x[], fmu_policy policy,
                            fmu_result *result)
{
  const fmu_function *function = &table->function[f];
  const fmu_axis *pressure = &table->axis[table->naxis - 2];
  place p[FMU_MAX_AXES] = {{0}};
  fmu_result kappa;
  double low, high, at = x[table->naxis - 2];

  for (int a = 0; a < table->naxis; a++) locate(&table->axis[a], x[a], policy, &p[a]);
  interpolate(table, function, p, result);
  if (function->compressibility < 0) return;
  interpolate(table, &table->function[function->compressibility], p, &kappa);
  limits(pressure, &low, &high);
  if (policy != FMU_POLICY_LINEAR && at < low) at = low;
  if (policy != FMU_POLICY_LINEAR && at > high) at = high;
  compress(table, &kappa, at - pressure->knot[0], at == x[table->naxis - 2], result);
}
