/* screening/screen_verdict.c - statistics of differences; formulas stand in the header */
#include "screening/screen_verdict.h"

#include "properties/prop_stat.h"

#include <math.h>

static const char *const names[SCREEN_NVERDICT] = {
    "nothing to compare", "consistent", "biased", "trend", "sources disagree", "inconclusive"};

const char *screen_verdict_name(screen_verdict_kind kind)
{
  return names[kind];
}

/* [SI] */
static PetscReal their_absolute(const screen_pair *p)
{
  return isfinite(p->u_there) ? p->u_there : SCREEN_UNSTATED * fabs(p->there);
}

PetscReal screen_pair_z(const screen_pair *p)
{
  const PetscReal u = hypot(p->u_here, their_absolute(p));

  return u > 0.0 ? (p->here - p->there) / u : PROP_NAN;
}

static PetscBool counts(const screen_pair *p)
{
  return (PetscBool)(isfinite(p->here) && isfinite(p->there) && p->there != 0.0 && p->u_here > 0.0);
}

static PetscReal difference(const screen_pair *p)
{
  return p->here / p->there - 1.0;
}
static PetscReal our_error(const screen_pair *p)
{
  return p->u_here / fabs(p->there);
}
static PetscReal their_error(const screen_pair *p)
{
  return their_absolute(p) / fabs(p->there);
}

/* One source --------------------------------------------------------------------------------- */

typedef struct {
  PetscInt n;
  PetscReal mean, random2, systematic; /* random2: variance from our errors */
  PetscReal chi2;                      /* about the mean, our errors alone */
} source_mean;

static source_mean mean_of(PetscInt n, const screen_pair pair[], PetscInt source)
{
  source_mean m = {0};
  PetscReal weight = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    if (!counts(&pair[i]) || pair[i].source != source) continue;
    const PetscReal w = 1.0 / (our_error(&pair[i]) * our_error(&pair[i]));

    m.n++;
    weight += w;
    m.mean += w * difference(&pair[i]);
    m.systematic += their_error(&pair[i]);
  }
  if (m.n == 0) return m;
  m.mean /= weight;
  m.random2 = 1.0 / weight;
  m.systematic /= (PetscReal)m.n;
  for (PetscInt i = 0; i < n; i++) {
    if (!counts(&pair[i]) || pair[i].source != source) continue;
    m.chi2 += pow((difference(&pair[i]) - m.mean) / our_error(&pair[i]), 2.0);
  }
  return m;
}

/* All of them -------------------------------------------------------------------------------- */

static void simple_means(PetscInt n, const screen_pair pair[], screen_verdict *v)
{
  PetscInt inside = 0;

  for (PetscInt i = 0; i < n; i++) {
    const PetscReal d = difference(&pair[i]), z = screen_pair_z(&pair[i]);

    if (!counts(&pair[i])) continue;
    v->n++;
    v->mape += fabs(d);
    v->rmse += d * d;
    v->chi2 += z * z;
    inside += fabs(z) < 2.0 ? 1 : 0;
    if (!isfinite(pair[i].u_there)) v->unstated = PETSC_TRUE;
  }
  if (v->n == 0) return;
  v->mape /= (PetscReal)v->n;
  v->rmse = sqrt(v->rmse / (PetscReal)v->n);
  v->chi2 /= (PetscReal)v->n;
  v->coverage = (PetscReal)inside / (PetscReal)v->n;
}

/* Bias from the sources' means; also the scatter about them. */
static PetscErrorCode combine(PetscInt n, const screen_pair pair[], PetscInt nsource,
                              screen_verdict *v)
{
  PetscReal weight = 0.0, random = 0.0, systematic = 0.0, chi2 = 0.0, birge = 0.0;
  PetscInt dof = 0;

  PetscFunctionBegin;
  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt s = 0; s < nsource; s++) {
      const source_mean m = mean_of(n, pair, s);
      const PetscReal w = m.n ? 1.0 / (m.random2 + m.systematic * m.systematic) : 0.0;

      if (m.n == 0) continue;
      if (pass == 1) {
        birge += w * (m.mean - v->bias) * (m.mean - v->bias);
        continue;
      }
      v->nsource++;
      weight += w;
      v->bias += w * m.mean;
      random += w * w * m.random2;
      systematic += w * w * m.systematic * m.systematic;
      chi2 += m.chi2;
      dof += m.n - 1;
    }
    if (pass == 0) v->bias /= weight;
  }
  v->random = sqrt(random) / weight;
  v->systematic = sqrt(systematic) / weight;
  birge = v->nsource > 1 ? sqrt(PetscMax(1.0, birge / (PetscReal)(v->nsource - 1))) : 1.0;
  v->bias_u = birge / sqrt(weight);
  if (dof > 0) PetscCall(prop_chi2_survival((PetscReal)dof, chi2, &v->scatter));
  PetscFunctionReturn(0);
}

/* Trend -------------------------------------------------------------------------------------- */

/* Weighted sums about the means; a: over t, b: over x. */
typedef struct {
  PetscReal w, t, x, d, tt, tx, xx, td, xd, dd;
} moments;

static moments moments_of(PetscInt n, const screen_pair pair[])
{
  moments m = {0};

  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt i = 0; i < n; i++) {
      if (!counts(&pair[i])) continue;
      const PetscReal w = 1.0 / (our_error(&pair[i]) * our_error(&pair[i]));
      const PetscReal t = pair[i].t - m.t, x = pair[i].x - m.x, d = difference(&pair[i]) - m.d;

      if (pass == 0) {
        m.w += w;
        continue;
      }
      m.tt += w * t * t;
      m.tx += w * t * x;
      m.xx += w * x * x;
      m.td += w * t * d;
      m.xd += w * x * d;
      m.dd += w * d * d;
    }
    for (PetscInt i = 0; pass == 0 && i < n; i++) {
      if (!counts(&pair[i])) continue;
      const PetscReal w = 1.0 / (our_error(&pair[i]) * our_error(&pair[i])) / m.w;

      m.t += w * pair[i].t;
      m.x += w * pair[i].x;
      m.d += w * difference(&pair[i]);
    }
  }
  return m;
}

static void trend_of(PetscInt n, const screen_pair pair[], screen_verdict *v)
{
  const moments m = moments_of(n, pair);
  const PetscBool over_t = (PetscBool)(m.tt > 1e-9 * m.w), over_x = (PetscBool)(m.xx > 1e-9 * m.w);
  const PetscReal det = m.tt * m.xx - m.tx * m.tx;
  const PetscBool both = (PetscBool)(over_t && over_x && det > 1e-9 * m.tt * m.xx);
  const PetscInt dof = v->n - 1 - (over_t ? 1 : 0) - (over_x ? 1 : 0);
  PetscReal a = PROP_NAN, b = PROP_NAN, va = PROP_NAN, vb = PROP_NAN, left = m.dd, wide;

  if (both) {
    a = (m.td * m.xx - m.xd * m.tx) / det;
    b = (m.xd * m.tt - m.td * m.tx) / det;
    va = m.xx / det;
    vb = m.tt / det;
    left -= a * m.td + b * m.xd;
  } else if (over_t && !over_x) {
    a = m.td / m.tt;
    va = 1.0 / m.tt;
    left -= a * m.td;
  } else if (over_x && !over_t) {
    b = m.xd / m.xx;
    vb = 1.0 / m.xx;
    left -= b * m.xd;
  }
  wide = dof > 0 ? sqrt(PetscMax(1.0, left / (PetscReal)dof)) : 1.0;
  v->trend_t = 100.0 * a;
  v->trend_t_u = 100.0 * wide * sqrt(va);
  v->trend_x = b;
  v->trend_x_u = wide * sqrt(vb);
}

PetscErrorCode screen_verdict_make(PetscInt n, const screen_pair pair[], screen_verdict *v)
{
  PetscInt nsource = 0;

  PetscFunctionBegin;
  *v = (screen_verdict){.scatter = PROP_NAN,
                        .more = PROP_NAN,
                        .trend_t = PROP_NAN,
                        .trend_t_u = PROP_NAN,
                        .trend_x = PROP_NAN,
                        .trend_x_u = PROP_NAN};
  simple_means(n, pair, v);
  if (v->n == 0) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < n; i++) nsource = PetscMax(nsource, pair[i].source + 1);
  PetscCall(combine(n, pair, nsource, v));
  trend_of(n, pair, v);
  v->goal = PetscMax(0.005, v->systematic);
  v->kind = SCREEN_VERDICT_CONSISTENT;
  if (fabs(v->bias) > 2.0 * v->bias_u) {
    v->kind = SCREEN_VERDICT_BIASED;
  } else if (v->bias_u > 2.0 * hypot(v->random, v->systematic)) {
    v->kind = SCREEN_VERDICT_SOURCES;
  } else if (v->scatter < 0.01) {
    v->kind = SCREEN_VERDICT_TREND;
  } else if (2.0 * v->random > v->goal) {
    v->kind = SCREEN_VERDICT_INCONCLUSIVE;
    v->more = pow(2.0 * v->random / v->goal, 2.0);
  }
  PetscFunctionReturn(0);
}
