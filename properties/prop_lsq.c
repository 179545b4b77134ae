/* properties/prop_lsq.c - small dense least squares, and the choice among models
 *
 * Designs here have columns like 1, 1/T, 1/T^2 over a narrow range of T: nearly parallel.  Normal
 * equations would square their condition number, and so does a covariance matrix; the triangular
 * factor does not, and errors of predictions are taken from it.
 */
#include "properties/prop_fit_impl.h"
#include "properties/prop_stat.h"

/* Scales column j to length 1 and returns its length. */
static PetscReal normalise(PetscInt n, PetscInt k, PetscReal a[], PetscInt j)
{
  PetscReal largest = 0.0, sum = 0.0;

  for (PetscInt i = 0; i < n; i++) largest = PetscMax(largest, PetscAbsReal(a[i * k + j]));
  if (largest == 0.0) return 0.0;
  for (PetscInt i = 0; i < n; i++) sum += PetscSqr(a[i * k + j] / largest);
  sum = largest * PetscSqrtReal(sum);
  for (PetscInt i = 0; i < n; i++) a[i * k + j] /= sum;
  return sum;
}

/* Reflects rows j.. so that column j is zero below the diagonal; the diagonal is returned. */
static PetscReal reflect(PetscInt n, PetscInt k, PetscReal a[], PetscReal b[], PetscInt j)
{
  PetscReal norm = 0.0, head, square;

  for (PetscInt i = j; i < n; i++) norm += PetscSqr(a[i * k + j]);
  norm = PetscSqrtReal(norm);
  if (norm == 0.0) return 0.0;
  if (a[j * k + j] > 0.0) norm = -norm;
  head = a[j * k + j] - norm; /* first element of the vector v; the others stand in the column */
  square = -norm * head;      /* |v|^2/2 */
  a[j * k + j] = head;
  for (PetscInt c = j + 1; c <= k; c++) {
    PetscReal *x = c < k ? a + c : b, dot = 0.0;
    const PetscInt stride = c < k ? k : 1;

    for (PetscInt i = j; i < n; i++) dot += a[i * k + j] * x[i * stride];
    for (PetscInt i = j; i < n; i++) x[i * stride] -= dot / square * a[i * k + j];
  }
  return norm;
}

/* c from R c = b */
static void back_substitute(PetscInt k, const PetscReal r[], const PetscReal b[], PetscReal c[])
{
  for (PetscInt i = k - 1; i >= 0; i--) {
    c[i] = b[i];
    for (PetscInt j = i + 1; j < k; j++) c[i] -= r[i * k + j] * c[j];
    c[i] /= r[i * k + i];
  }
}

PetscErrorCode prop__lsq(PetscInt n, PetscInt k, PetscReal a[], PetscReal b[], PetscReal c[],
                         PetscReal r[], PetscReal *chi2, PetscBool *degenerate)
{
  PetscReal scale[PROP__LSQ_MAX], diagonal;

  PetscFunctionBegin;
  PetscCheck(k >= 1 && k <= PROP__LSQ_MAX && n >= k, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Least squares of %" PetscInt_FMT " equations for %" PetscInt_FMT " unknowns", n, k);
  *degenerate = PETSC_FALSE;
  *chi2 = 0.0;
  for (PetscInt j = 0; j < k; j++) scale[j] = normalise(n, k, a, j);
  for (PetscInt j = 0; j < k && !*degenerate; j++) {
    diagonal = reflect(n, k, a, b, j);
    *degenerate = (PetscBool) !(PetscAbsReal(diagonal) > PROP__LSQ_DEGENERATE);
    for (PetscInt i = 0; i < k; i++) r[i * k + j] = i < j ? a[i * k + j] * scale[j] : 0.0;
    r[j * k + j] = diagonal * scale[j];
  }
  if (*degenerate) PetscFunctionReturn(0);
  back_substitute(k, r, b, c);
  for (PetscInt i = k; i < n; i++) *chi2 += b[i] * b[i];
  PetscFunctionReturn(0);
}

/* R^T z = g */
static void forward_substitute(PetscInt k, const PetscReal r[], const PetscReal g[], PetscReal z[])
{
  for (PetscInt i = 0; i < k; i++) {
    z[i] = g[i];
    for (PetscInt j = 0; j < i; j++) z[i] -= r[j * k + i] * z[j];
    z[i] /= r[i * k + i];
  }
}

PetscReal prop__lsq_variance(PetscInt k, const PetscReal r[], const PetscReal g[])
{
  PetscReal z[PROP__LSQ_MAX], sum = 0.0;

  forward_substitute(k, r, g, z);
  for (PetscInt i = 0; i < k; i++) sum += z[i] * z[i];
  return sum;
}

void prop__lsq_covariance(PetscInt k, const PetscReal r[], PetscReal covariance[])
{
  PetscReal unit[PROP__LSQ_MAX], z[PROP__LSQ_MAX], column[PROP__LSQ_MAX];

  for (PetscInt m = 0; m < k; m++) {
    for (PetscInt i = 0; i < k; i++) unit[i] = (PetscReal)(i == m);
    forward_substitute(k, r, unit, z);
    back_substitute(k, r, z, column);
    for (PetscInt i = 0; i < k; i++) covariance[i * k + m] = column[i];
  }
}

PetscReal prop__effective(PetscInt n, const PetscReal share[], const PetscReal neff[])
{
  PetscReal sum = 0.0, squares = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    if (!(share[i] > 0.0)) continue;
    if (!(neff[i] > 0.0)) return 0.0;
    sum += share[i];
    squares += share[i] * share[i] / neff[i];
  }
  return squares > 0.0 ? sum * sum / squares : 0.0;
}

PetscReal prop__aicc(PetscReal chi2, PetscInt n, PetscInt k)
{
  if (n <= k + 1) return PROP_INFINITY;
  return chi2 + 2.0 * (PetscReal)k + 2.0 * (PetscReal)(k * (k + 1)) / (PetscReal)(n - k - 1);
}

static PetscBool rejected(const prop__rival *rival)
{
  return (PetscBool)(rival->probability < PROP__REJECT); /* false for NaN */
}

PetscInt prop__choose(PetscInt n, const prop__rival rival[])
{
  PetscInt best = -1;

  for (PetscInt i = 0; i < n; i++) {
    if (rival[i].usable && (best < 0 || rival[i].aicc < rival[best].aicc)) best = i;
  }
  if (best < 0 || !rejected(&rival[best])) return best;
  for (PetscInt i = 0; i < n; i++) {
    if (rival[i].usable && rival[i].nparam > rival[best].nparam && !rejected(&rival[i])) return i;
  }
  return best;
}

void prop__linearise(PetscReal value, PetscReal error, PetscReal f, PetscReal *target, PetscReal *u)
{
  /* A step that would more than double f is cut, so that wild points do not throw it about. */
  const PetscReal d = PetscClipInterval((value - f) / f, -1.0, 1.0);

  *target = log(f) + d;
  *u = error / f;
}

/* 1: there; 2: there, with an error bar */
static PetscInt grade(const prop_value *y, PetscBool logarithm)
{
  if (y->flags & PROP_FLAG_MISSING || PetscIsInfOrNanReal(y->value)) return 0;
  if (logarithm && !(y->value > 0.0)) return 0;
  return y->error > 0.0 && !PetscIsInfOrNanReal(y->error) ? 2 : 1;
}

PetscInt prop__usable(PetscInt n, const prop_value y[], PetscBool logarithm, PetscBool use[],
                      PetscBool *weighted)
{
  PetscInt used = 0;

  *weighted = PETSC_FALSE;
  for (PetscInt i = 0; i < n; i++) {
    if (grade(&y[i], logarithm) == 2) *weighted = PETSC_TRUE;
  }
  for (PetscInt i = 0; i < n; i++) {
    use[i] = (PetscBool)(grade(&y[i], logarithm) >= (*weighted ? 2 : 1));
    if (use[i]) used++;
  }
  return used;
}
