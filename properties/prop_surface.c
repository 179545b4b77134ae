/* properties/prop_surface.c - Redlich-Kister surfaces by one linear least-squares problem
 *
 * Columns of the design: x_i T^a for the components, then x_i x_j (x_i - x_j)^n T^a for the pairs
 * (1/T instead of T under the logarithm).  The error of a prediction comes from the triangular
 * factor, as in prop_fit.c.
 */
#include "properties/prop_surface.h"

#include "properties/prop_derived.h"
#include "properties/prop_fit_impl.h"
#include "properties/prop_stat.h"

static const PetscReal sum_tolerance = 1e-6;   /* of mole fractions */
static const PetscReal range_tolerance = 1e-9; /* of fractions and, relative, of T */

static PetscErrorCode check(const prop_surface_points *p)
{
  PetscFunctionBegin;
  PetscCheck(p->npoint >= 0 && p->ncomponent >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " points of %" PetscInt_FMT " components: wanted 0, 1 or more",
             p->npoint, p->ncomponent);
  for (PetscInt i = 0; i < p->npoint; i++) {
    PetscReal sum = 0.0;

    for (PetscInt c = 0; c < p->ncomponent; c++) {
      const PetscReal x = p->x[i * p->ncomponent + c];

      PetscCheck(x >= 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
                 "Mole fraction %" PetscInt_FMT " of point %" PetscInt_FMT " is %g", c, i,
                 (double)x);
      sum += x;
    }
    PetscCheck(PetscAbsReal(sum - 1.0) <= sum_tolerance, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Mole fractions of point %" PetscInt_FMT " add up to %.9g, wanted 1", i,
               (double)sum);
    PetscCheck(p->t[i] > 0.0 && !PetscIsInfOrNanReal(p->t[i]), PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Temperature of point %" PetscInt_FMT " is %g, wanted a positive number", i,
               (double)p->t[i]);
  }
  PetscFunctionReturn(0);
}

/* Derivative of f by each coefficient at (x, t) */
static void gradient(const prop_surface *s, const PetscReal x[], PetscReal t, PetscReal g[])
{
  const PetscReal base = s->scale == PROP_SURFACE_LOG ? 1.0 / t : t;
  PetscInt m = 0;

  for (PetscInt c = 0; c < s->ncomponent; c++) {
    PetscReal power = x[c];

    for (PetscInt a = 0; a < s->nideal; a++, power *= base) g[m++] = power;
  }
  for (PetscInt p = 0; p < s->npair; p++) {
    const PetscReal xi = x[s->pair[2 * p]], xj = x[s->pair[2 * p + 1]];
    PetscReal term = xi * xj;

    for (PetscInt n = 0; n <= s->order; n++, term *= xi - xj) {
      PetscReal power = term;

      for (PetscInt a = 0; a < s->nexcess; a++, power *= base) g[m++] = power;
    }
  }
}

static PetscReal inner(PetscInt n, const PetscReal a[], const PetscReal b[])
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* Whether a used point holds both components */
static PetscBool meet(const prop_surface_points *p, const PetscBool use[], PetscInt i, PetscInt j)
{
  for (PetscInt k = 0; k < p->npoint; k++) {
    const PetscReal *x = p->x + k * p->ncomponent;

    if (use[k] && x[i] > 0.0 && x[j] > 0.0) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Pairs, ranges, flags, number of coefficients */
static PetscErrorCode survey(const prop_surface_points *p, const PetscBool use[], prop_surface *s)
{
  const PetscInt nc = p->ncomponent;
  PetscBool first = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(nc * (nc - 1) + 1, &s->pair));
  PetscCall(PetscMalloc1(nc, &s->xmin));
  PetscCall(PetscMalloc1(nc, &s->xmax));
  for (PetscInt i = 0; i < nc && s->order >= 0; i++) {
    for (PetscInt j = i + 1; j < nc; j++) {
      if (!meet(p, use, i, j)) continue;
      s->pair[2 * s->npair] = i;
      s->pair[2 * s->npair + 1] = j;
      s->npair++;
    }
  }
  for (PetscInt c = 0; c < nc; c++) s->xmin[c] = s->xmax[c] = PROP_NAN;
  for (PetscInt k = 0; k < p->npoint; k++) {
    if (!use[k]) continue;
    s->flags |= p->y[k].flags;
    s->tmin = first ? p->t[k] : PetscMin(s->tmin, p->t[k]);
    s->tmax = first ? p->t[k] : PetscMax(s->tmax, p->t[k]);
    for (PetscInt c = 0; c < nc; c++) {
      const PetscReal x = p->x[k * nc + c];

      s->xmin[c] = first ? x : PetscMin(s->xmin[c], x);
      s->xmax[c] = first ? x : PetscMax(s->xmax[c], x);
    }
    first = PETSC_FALSE;
  }
  s->nparam = nc * s->nideal + s->npair * (s->order + 1) * s->nexcess;
  PetscFunctionReturn(0);
}

/* [y or ln y] target of a point and its error; 1 without weights.  f: ln y is linearised about ln f
   of a fit; NaN when there is none yet. */
static PetscReal target(const prop_surface *s, const prop_value *y, PetscBool weighted, PetscReal f,
                        PetscReal *error)
{
  const PetscBool logarithm = (PetscBool)(s->scale == PROP_SURFACE_LOG);
  PetscReal t = logarithm ? log(y->value) : y->value;

  *error = !weighted ? 1.0 : logarithm ? y->error / y->value : y->error;
  if (logarithm && weighted && !PetscIsNanReal(f))
    prop__linearise(y->value, y->error, exp(f), &t, error);
  return t;
}

/* Chi-square, its probability, AICc; without error bars from the residuals alone */
static PetscErrorCode judge(prop_surface *s, PetscBool weighted)
{
  const PetscReal n = (PetscReal)s->npoint;

  PetscFunctionBegin;
  s->dof = s->npoint - s->nparam;
  if (weighted) {
    s->aicc = prop__aicc(s->chi2, s->npoint, s->nparam);
    if (s->dof > 0) PetscCall(prop_chi2_survival((PetscReal)s->dof, s->chi2, &s->probability));
    if (s->probability < PROP__REJECT) s->widening = PetscSqrtReal(s->chi2 / (PetscReal)s->dof);
  } else {
    const PetscReal s2 = s->dof > 0 ? s->chi2 / (PetscReal)s->dof : 0.0;
    const PetscReal scale = s2 > 0.0 ? 1.0 / PetscSqrtReal(s2) : PROP_NAN;

    s->reason = PROP_FIT_UNWEIGHTED;
    s->aicc =
        prop__aicc(n * log(PetscMax(s->chi2, PETSC_SMALL * PETSC_SMALL) / n), s->npoint, s->nparam);
    for (PetscInt i = 0; i < s->nparam * s->nparam; i++) s->factor[i] *= scale;
  }
  prop__lsq_covariance(s->nparam, s->factor, s->covariance);
  PetscFunctionReturn(0);
}

/* Scratch of a fit */
typedef struct {
  PetscReal *a, *b, *g; /* design [npoint,nparam], right side [npoint], gradient [nparam] */
  PetscReal *f;         /* [points] fitted values, NaN before the first pass */
} bench;

/* The design and its solution with ln y linearised about f */
static PetscErrorCode solve_once(const prop_surface_points *p, const PetscBool use[],
                                 PetscBool weighted, bench *w, prop_surface *s)
{
  const PetscInt k = s->nparam;
  PetscBool degenerate;
  PetscInt m = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < p->npoint; i++) {
    PetscReal u;

    if (!use[i]) continue;
    w->b[m] = target(s, &p->y[i], weighted, w->f[i], &u);
    w->b[m] /= u;
    gradient(s, p->x + i * p->ncomponent, p->t[i], w->g);
    for (PetscInt j = 0; j < k; j++) w->a[m * k + j] = w->g[j] / u;
    m++;
  }
  PetscCall(prop__lsq(s->npoint, k, w->a, w->b, s->coefficient, s->factor, &s->chi2, &degenerate));
  s->reason = degenerate ? PROP_FIT_DEGENERATE : PROP_FIT_OK;
  PetscFunctionReturn(0);
}

/* Fitted values, and the largest residual; returns the largest change of a fitted value. */
static PetscReal refresh(const prop_surface_points *p, const PetscBool use[], PetscBool weighted,
                         bench *w, prop_surface *s)
{
  PetscReal change = 0.0;

  s->residual_max = 0.0;
  for (PetscInt i = 0; i < p->npoint; i++) {
    PetscReal f, u, y;

    if (!use[i]) continue;
    gradient(s, p->x + i * p->ncomponent, p->t[i], w->g);
    f = inner(s->nparam, w->g, s->coefficient);
    change = PetscIsNanReal(w->f[i]) ? 1.0 : PetscMax(change, PetscAbsReal(f - w->f[i]));
    w->f[i] = f;
    y = target(s, &p->y[i], weighted, f, &u);
    s->residual_max = PetscMax(s->residual_max, PetscAbsReal(y - f) / u);
  }
  return change;
}

static PetscErrorCode solve(const prop_surface_points *p, const PetscBool use[], PetscBool weighted,
                            prop_surface *s)
{
  const PetscBool again = (PetscBool)(weighted && s->scale == PROP_SURFACE_LOG);
  PetscInt pass = 0;
  bench w;

  PetscFunctionBegin;
  PetscCall(
      PetscMalloc4(s->npoint * s->nparam, &w.a, s->npoint, &w.b, s->nparam, &w.g, p->npoint, &w.f));
  for (PetscInt i = 0; i < p->npoint; i++) w.f[i] = PROP_NAN;
  for (; pass < PROP__PASSES; pass++) {
    PetscCall(solve_once(p, use, weighted, &w, s));
    if (s->reason < 0) break;
    if (refresh(p, use, weighted, &w, s) < PROP__PASS_TOLERANCE || !again) break;
  }
  if (pass == PROP__PASSES) s->reason = PROP_FIT_NOT_CONVERGED;
  PetscCall(PetscFree4(w.a, w.b, w.g, w.f));
  PetscFunctionReturn(0);
}

static PetscErrorCode drop_coefficients(prop_surface *s)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(s->coefficient));
  PetscCall(PetscFree(s->covariance));
  PetscCall(PetscFree(s->factor));
  s->chi2 = s->residual_max = PROP_NAN;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_fit(const prop_surface_points *p, prop_surface_scale scale,
                                PetscInt order, PetscInt nideal, PetscInt nexcess,
                                prop_surface *surface)
{
  prop_surface *s = surface;
  PetscBool *use, weighted;

  PetscFunctionBegin;
  PetscCall(check(p));
  PetscCheck(order >= -1 && order <= PROP_SURFACE_MAX_ORDER && nexcess >= 1 && nexcess <= nideal &&
                 nideal <= PROP_SURFACE_MAX_BASIS,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Orders %" PetscInt_FMT ", %" PetscInt_FMT ", %" PetscInt_FMT " outside their range",
             order, nideal, nexcess);
  *s = (prop_surface){.scale = scale,
                      .reason = PROP_FIT_TOO_FEW,
                      .ncomponent = p->ncomponent,
                      .order = order,
                      .nideal = nideal,
                      .nexcess = nexcess,
                      .chi2 = PROP_NAN,
                      .probability = PROP_NAN,
                      .aicc = PROP_NAN,
                      .widening = 1.0,
                      .residual_max = PROP_NAN,
                      .tmin = PROP_NAN,
                      .tmax = PROP_NAN};
  PetscCall(PetscMalloc1(p->npoint + 1, &use));
  s->npoint = prop__usable(p->npoint, p->y, (PetscBool)(scale == PROP_SURFACE_LOG), use, &weighted);
  s->nleft = p->npoint - s->npoint;
  PetscCall(survey(p, use, s));
  if (s->npoint >= s->nparam && s->nparam <= PROP__LSQ_MAX) {
    PetscCall(PetscMalloc1(s->nparam, &s->coefficient));
    PetscCall(PetscMalloc1(s->nparam * s->nparam, &s->covariance));
    PetscCall(PetscMalloc1(s->nparam * s->nparam, &s->factor));
    PetscCall(solve(p, use, weighted, s));
    if (s->reason > 0)
      PetscCall(judge(s, weighted));
    else
      PetscCall(drop_coefficients(s));
  }
  PetscCall(PetscFree(use));
  PetscFunctionReturn(0);
}

/* Orders that are tried */
typedef struct {
  PetscInt order, nideal, nexcess;
  prop__rival rival;
} candidate;
enum { NCANDIDATE = PROP_SURFACE_MAX_BASIS + (PROP_SURFACE_MAX_ORDER + 1) * 5 };

/* nexcess at most 2: with nideal 1, 2, 3 that is five kinds for each order */
static PetscInt list(candidate c[NCANDIDATE])
{
  PetscInt n = 0;

  for (PetscInt order = -1; order <= PROP_SURFACE_MAX_ORDER; order++) {
    for (PetscInt ideal = 1; ideal <= PROP_SURFACE_MAX_BASIS; ideal++) {
      const PetscInt most = order < 0 ? 1 : PetscMin(2, ideal);

      for (PetscInt excess = 1; excess <= most; excess++) {
        c[n++] = (candidate){.order = order, .nideal = ideal, .nexcess = excess};
      }
    }
  }
  return n;
}

/* Fewest coefficients first */
static void sort(PetscInt n, candidate c[])
{
  for (PetscInt i = 1; i < n; i++) {
    for (PetscInt j = i; j > 0 && c[j].rival.nparam < c[j - 1].rival.nparam; j--) {
      const candidate other = c[j];

      c[j] = c[j - 1];
      c[j - 1] = other;
    }
  }
}

PetscErrorCode prop_surface_best(const prop_surface_points *p, prop_surface_scale scale,
                                 prop_surface *surface)
{
  candidate c[NCANDIDATE];
  prop__rival rival[NCANDIDATE];
  const PetscInt n = list(c);
  PetscInt best;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    prop_surface s;

    PetscCall(prop_surface_fit(p, scale, c[i].order, c[i].nideal, c[i].nexcess, &s));
    c[i].rival = (prop__rival){.usable = (PetscBool)(s.reason > 0),
                               .nparam = s.nparam,
                               .aicc = s.aicc,
                               .probability = s.probability};
    PetscCall(prop_surface_clear(&s));
  }
  sort(n, c);
  for (PetscInt i = 0; i < n; i++) rival[i] = c[i].rival;
  best = PetscMax(0, prop__choose(n, rival));
  PetscCall(prop_surface_fit(p, scale, c[best].order, c[best].nideal, c[best].nexcess, surface));
  PetscFunctionReturn(0);
}

/* f and its error, widened */
static PetscReal evaluate(const prop_surface *s, const PetscReal x[], PetscReal t, PetscReal *error)
{
  PetscReal g[PROP__LSQ_MAX];

  gradient(s, x, t, g);
  *error = s->widening * PetscSqrtReal(prop__lsq_variance(s->nparam, s->factor, g));
  return inner(s->nparam, g, s->coefficient);
}

static PetscBool is_outside(const prop_surface *s, const PetscReal x[], PetscReal t)
{
  const PetscReal slack = range_tolerance * s->tmax;
  PetscBool inside = (PetscBool)(t >= s->tmin - slack && t <= s->tmax + slack);

  for (PetscInt c = 0; c < s->ncomponent; c++) {
    if (!(x[c] >= s->xmin[c] - range_tolerance && x[c] <= s->xmax[c] + range_tolerance))
      inside = PETSC_FALSE;
  }
  return (PetscBool)!inside;
}

PetscErrorCode prop_surface_predict(const prop_surface *surface, const PetscReal x[], PetscReal t,
                                    prop_value *value, PetscBool *outside)
{
  PetscReal f, error;

  PetscFunctionBegin;
  *value = prop_value_missing;
  if (outside) *outside = PETSC_TRUE;
  if (surface->reason <= 0 || !(t > 0.0)) PetscFunctionReturn(0);
  if (outside) *outside = is_outside(surface, x, t);
  f = evaluate(surface, x, t, &error);
  if (surface->scale == PROP_SURFACE_LOG) {
    f = exp(f);
    error *= f;
  }
  *value = (prop_value){.value = f, .error = error, .flags = surface->flags};
  if (!(error > 0.0)) {
    value->error = PROP_NAN;
    value->flags |= PROP_FLAG_FEW_SAMPLES;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_terms(const prop_surface *s, PetscInt term[])
{
  const PetscInt sign = s->scale == PROP_SURFACE_LOG ? -1 : 1;
  const PetscInt nideal = s->ncomponent * s->nideal;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < s->nparam; k++) {
    const PetscInt e = k - nideal, pair = e < 0 ? 0 : e / (s->nexcess * (s->order + 1));
    PetscInt *to = term + k * PROP_SURFACE_TERM;

    to[0] = e < 0 ? k / s->nideal : s->pair[2 * pair];
    to[1] = e < 0 ? -1 : s->pair[2 * pair + 1];
    to[2] = e < 0 ? 0 : e / s->nexcess % (s->order + 1);
    to[3] = sign * (e < 0 ? k % s->nideal : e % s->nexcess);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_next(const prop_surface *surface, PetscInt n, const PetscReal x[],
                                 const PetscReal t[], PetscInt *best, PetscReal *error)
{
  PetscFunctionBegin;
  *best = -1;
  *error = PROP_NAN;
  if (surface->reason <= 0) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < n; i++) {
    PetscReal u, f;

    if (!(t[i] > 0.0)) continue;
    f = evaluate(surface, x + i * surface->ncomponent, t[i], &u);
    if (surface->scale == PROP_SURFACE_VALUE) u /= PetscAbsReal(f);
    if (PetscIsNanReal(u) || (*best >= 0 && u <= *error)) continue;
    *best = i;
    *error = u;
  }
  PetscFunctionReturn(0);
}

/* Molar mass of the mixture over a value: both ways the same */
static PetscErrorCode mass_over(PetscInt ncomponent, const PetscReal x[],
                                const PetscReal molar_mass[], const prop_value *value,
                                prop_value *out)
{
  const PetscReal power = -1.0, mass = inner(ncomponent, x, molar_mass);

  PetscFunctionBegin;
  *out = prop_value_missing;
  if (value->flags & PROP_FLAG_MISSING || !(value->value > 0.0)) PetscFunctionReturn(0);
  PetscCall(prop_derived_product(1, value, &power, NULL, out));
  out->value *= mass;
  out->error *= mass;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_molar_volume(PetscInt ncomponent, const PetscReal x[],
                                         const PetscReal molar_mass[], const prop_value *density,
                                         prop_value *volume)
{
  PetscFunctionBegin;
  PetscCall(mass_over(ncomponent, x, molar_mass, density, volume));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_density(PetscInt ncomponent, const PetscReal x[],
                                    const PetscReal molar_mass[], const prop_value *volume,
                                    prop_value *density)
{
  PetscFunctionBegin;
  PetscCall(mass_over(ncomponent, x, molar_mass, volume, density));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_clear(prop_surface *surface)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(surface->pair));
  PetscCall(PetscFree(surface->coefficient));
  PetscCall(PetscFree(surface->covariance));
  PetscCall(PetscFree(surface->factor));
  PetscCall(PetscFree(surface->xmin));
  PetscCall(PetscFree(surface->xmax));
  *surface = (prop_surface){.reason = PROP_FIT_TOO_FEW};
  PetscFunctionReturn(0);
}
