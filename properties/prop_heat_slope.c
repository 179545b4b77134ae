/* properties/prop_heat_slope.c - slopes against temperature, and what follows from them
 *
 * A polynomial about the temperature in question has its slope there as a coefficient, with its
 * error from the same fit.  All points help where a parabola describes them; where it does not, the
 * window shrinks from its far end until it does, so that the slope stays a local one.
 */
#include "properties/prop_fit_impl.h"
#include "properties/prop_heat.h"
#include "properties/prop_stat.h"

enum { NEAREST = 3, DEGREES = 2 };

/* Points about one temperature, nearest first */
typedef struct {
  PetscInt n;
  PetscReal *t, *y, *u, *neff; /* [n] T - t_i, value, error */
  PetscInt *flags;
} window;

typedef struct {
  PetscReal c[3], r[9], probability;
} polynomial;

/* Moves point `from` to where it belongs in the order of distances. */
static void sink(window *w, PetscInt from)
{
  for (PetscInt i = from; i > 0 && PetscAbsReal(w->t[i]) < PetscAbsReal(w->t[i - 1]); i--) {
    PetscReal *column[4];
    const PetscInt flags = w->flags[i];

    column[0] = w->t;
    column[1] = w->y;
    column[2] = w->u;
    column[3] = w->neff;
    for (PetscInt k = 0; k < 4; k++) {
      const PetscReal x = column[k][i];

      column[k][i] = column[k][i - 1];
      column[k][i - 1] = x;
    }
    w->flags[i] = w->flags[i - 1];
    w->flags[i - 1] = flags;
  }
}

static PetscInt distinct(const window *w, PetscInt n)
{
  PetscInt count = 0;

  for (PetscInt i = 0; i < n; i++) {
    PetscBool known = PETSC_FALSE;

    for (PetscInt j = 0; j < i; j++) known = (PetscBool)(known || w->t[i] == w->t[j]);
    count += !known;
  }
  return count;
}

/* Polynomial of k coefficients through the first n points; scratch [4 n] */
static PetscErrorCode fit(const window *w, PetscInt n, PetscInt k, PetscReal scratch[],
                          polynomial *p, prop__rival *rival)
{
  PetscReal chi2, *a = scratch, *b = scratch + 3 * n;
  PetscBool degenerate;

  PetscFunctionBegin;
  *rival = (prop__rival){.nparam = k};
  p->probability = PROP_NAN;
  if (distinct(w, n) < k) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < n; i++) {
    PetscReal power = 1.0 / w->u[i];

    for (PetscInt j = 0; j < k; j++, power *= w->t[i]) a[i * k + j] = power;
    b[i] = w->y[i] / w->u[i];
  }
  PetscCall(prop__lsq(n, k, a, b, p->c, p->r, &chi2, &degenerate));
  if (degenerate) PetscFunctionReturn(0);
  if (n > k) PetscCall(prop_chi2_survival((PetscReal)(n - k), chi2, &p->probability));
  rival->usable = PETSC_TRUE;
  rival->aicc = prop__aicc(chi2, n, k);
  rival->probability = p->probability;
  PetscFunctionReturn(0);
}

/* Share of each point in the slope's variance: the slope is linear in the points.  e_i the unit
   vectors: d slope/d y_i follows from solving with each; scratch [4 n]. */
static PetscErrorCode share(const window *w, PetscInt n, PetscInt k, PetscReal scratch[],
                            prop_value *slope)
{
  PetscReal sum = 0.0, squares = 0.0, c[3], r[9], chi2;
  PetscBool known = PETSC_TRUE, degenerate;

  PetscFunctionBegin;
  for (PetscInt m = 0; m < n; m++) {
    PetscReal *a = scratch, *b = scratch + 3 * n, part;

    for (PetscInt i = 0; i < n; i++) {
      PetscReal power = 1.0 / w->u[i];

      for (PetscInt j = 0; j < k; j++, power *= w->t[i]) a[i * k + j] = power;
      b[i] = (PetscReal)(i == m);
    }
    PetscCall(prop__lsq(n, k, a, b, c, r, &chi2, &degenerate));
    part = c[1] * c[1];
    sum += part;
    if (w->neff[m] > 0.0)
      squares += part * part / w->neff[m];
    else if (part > 0.0)
      known = PETSC_FALSE;
  }
  slope->neff = known && squares > 0.0 ? sum * sum / squares : 0.0;
  PetscFunctionReturn(0);
}

/* The slope at t = 0 of a window */
static PetscErrorCode slope_of(const window *w, PetscReal scratch[], prop_heat_slope *out)
{
  const PetscReal unit[3] = {0.0, 1.0, 0.0};
  PetscInt best = -1, n = w->n;
  polynomial p[DEGREES];
  prop__rival rival[DEGREES];

  PetscFunctionBegin;
  for (;; n--) {
    for (PetscInt d = 0; d < DEGREES; d++) {
      PetscCall(fit(w, n, d + 2, scratch, &p[d], &rival[d]));
    }
    best = prop__choose(DEGREES, rival);
    if (best < 0 || n <= NEAREST || !(rival[best].probability < PROP__REJECT)) break;
  }
  if (best < 0) PetscFunctionReturn(0);
  out->degree = best + 1;
  out->npoint = n;
  out->probability = p[best].probability;
  out->slope = (prop_value){
      .value = p[best].c[1],
      .error = PetscSqrtReal(prop__lsq_variance(best + 2, p[best].r, unit)),
  };
  for (PetscInt i = 0; i < n; i++) out->slope.flags |= w->flags[i];
  PetscCall(share(w, n, best + 2, scratch, &out->slope));
  PetscFunctionReturn(0);
}

static void gather(PetscInt n, const PetscReal t[], const prop_value y[], PetscInt at, window *w)
{
  w->n = 0;
  for (PetscInt i = 0; i < n; i++) {
    if (y[i].flags & PROP_FLAG_MISSING || PetscIsInfOrNanReal(y[i].value)) continue;
    if (!(y[i].error > 0.0) || PetscIsInfOrNanReal(y[i].error)) continue;
    w->t[w->n] = t[i] - t[at];
    w->y[w->n] = y[i].value;
    w->u[w->n] = y[i].error;
    w->neff[w->n] = y[i].neff;
    w->flags[w->n] = y[i].flags;
    sink(w, w->n++);
  }
}

PetscErrorCode prop_heat_slopes(PetscInt n, const PetscReal t[], const prop_value y[],
                                prop_heat_slope slope[])
{
  window w = {0};
  PetscReal *store;

  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The number of points is %" PetscInt_FMT ", wanted 0 or more", n);
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(!PetscIsInfOrNanReal(t[i]), PETSC_COMM_SELF, PETSC_ERR_FP,
               "Temperature %" PetscInt_FMT " is infinity or NaN", i);
    slope[i] = (prop_heat_slope){.slope = prop_value_missing, .probability = PROP_NAN};
  }
  PetscCall(PetscMalloc1(8 * n + 1, &store));
  PetscCall(PetscMalloc1(n + 1, &w.flags));
  w.t = store + 4 * n;
  w.y = store + 5 * n;
  w.u = store + 6 * n;
  w.neff = store + 7 * n;
  for (PetscInt i = 0; i < n; i++) {
    if (y[i].flags & PROP_FLAG_MISSING) continue;
    gather(n, t, y, i, &w);
    PetscCall(slope_of(&w, store, &slope[i]));
  }
  PetscCall(PetscFree(w.flags));
  PetscCall(PetscFree(store));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_heat_expansion(PetscInt n, const PetscReal t[], const prop_value density[],
                                   prop_heat_slope alpha[])
{
  prop_value *logarithm;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The number of points is %" PetscInt_FMT ", wanted 0 or more", n);
  PetscCall(PetscMalloc1(n + 1, &logarithm));
  for (PetscInt i = 0; i < n; i++) {
    logarithm[i] = density[i];
    logarithm[i].value = -log(density[i].value); /* NaN, and so left out, where negative */
    logarithm[i].error = density[i].error / density[i].value;
    if (!(density[i].value > 0.0)) logarithm[i] = prop_value_missing;
  }
  ierr = prop_heat_slopes(n, t, logarithm, alpha);
  PetscCall(PetscFree(logarithm));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* C_v, kappa_S, speed of sound as functions of C_p, alpha, kappa_T, rho */
static PetscReal derived(prop_heat_quantity q, PetscReal t, const PetscReal x[4])
{
  const PetscReal cv = x[0] - t * x[1] * x[1] / (x[3] * x[2]);

  if (q == PROP_HEAT_CV) return cv;
  if (q == PROP_HEAT_KAPPA_S) return x[2] * cv / x[0];
  return PetscSqrtReal(x[0] / (x[3] * x[2] * cv));
}

/* Gradient times error of each input; by central differences of a thousandth of an error */
static void changes(prop_heat_quantity q, PetscReal t, const prop_value x[4], PetscReal d[4])
{
  for (PetscInt i = 0; i < 4; i++) {
    PetscReal low[4], high[4];
    const PetscReal step =
        PetscMin(1e-3 * x[i].error, 1e-4 * PetscAbsReal(x[i].value) + 1e-9 * x[i].error);

    for (PetscInt j = 0; j < 4; j++) low[j] = high[j] = x[j].value;
    low[i] -= step;
    high[i] += step;
    d[i] = (derived(q, t, high) - derived(q, t, low)) / (2.0 * step) * x[i].error;
  }
}

static void propagate(prop_heat_quantity q, PetscReal t, const prop_value x[4],
                      const PetscReal correlation[16], prop_value *out)
{
  PetscReal d[4], share_of[4], neff[4], variance = 0.0;

  changes(q, t, x, d);
  for (PetscInt i = 0; i < 4; i++) {
    share_of[i] = d[i] * d[i];
    neff[i] = x[i].neff;
    for (PetscInt j = 0; j < 4; j++) {
      variance += d[i] * d[j] * (correlation ? correlation[4 * i + j] : (PetscReal)(i == j));
    }
  }
  out->error = variance > 0.0 ? PetscSqrtReal(variance) : PROP_NAN;
  if (variance > 0.0)
    out->neff = prop__effective(4, share_of, neff);
  else
    out->flags |= PROP_FLAG_FEW_SAMPLES;
}

PetscErrorCode prop_heat_derive(PetscReal temperature, const prop_value x[4],
                                const PetscReal correlation[16],
                                prop_value out[PROP_HEAT_NQUANTITY])
{
  PetscReal value[4];
  PetscInt flags = 0;

  PetscFunctionBegin;
  PetscCheck(temperature > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Temperature %g must be positive", (double)temperature);
  for (PetscInt i = 0; i < 4; i++) {
    if (i < 3) out[i] = x[i];
    value[i] = x[i].value;
    flags |= x[i].flags;
  }
  for (PetscInt q = PROP_HEAT_CV; q < PROP_HEAT_NQUANTITY; q++) {
    out[q] = prop_value_missing;
    if (flags & PROP_FLAG_MISSING || !(value[2] > 0.0 && value[3] > 0.0)) continue;
    if (!(derived(PROP_HEAT_CV, temperature, value) > 0.0)) continue;
    out[q] = (prop_value){.value = derived((prop_heat_quantity)q, temperature, value)};
    out[q].flags = flags;
    propagate((prop_heat_quantity)q, temperature, x, correlation, &out[q]);
  }
  PetscFunctionReturn(0);
}
