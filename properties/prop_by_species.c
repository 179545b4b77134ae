/* properties/prop_by_species.c - sums over species in eight parts, which do not wait for one
 * another: always the same eight, whatever the compiler makes of them */
#include "properties/prop_by_species.h"

enum { LANES = 8 };

PetscErrorCode prop__by_species_create(PetscInt n, PetscInt nspecies, const PetscInt type[],
                                       prop__by_species *order)
{
  PetscInt next = 0;

  PetscFunctionBegin;
  *order = (prop__by_species){.n = n, .nspecies = nspecies};
  PetscCall(PetscCalloc1(nspecies, &order->natom));
  PetscCall(PetscMalloc1(n, &order->place));
  for (PetscInt s = 0; s < nspecies; s++) {
    const PetscInt first = next;

    for (PetscInt i = 0; i < n; i++) {
      if (type[i] == s) order->place[i] = next++;
    }
    order->natom[s] = next - first;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop__by_species_clear(prop__by_species *order)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(order->natom));
  PetscCall(PetscFree(order->place));
  *order = (prop__by_species){.n = 0};
  PetscFunctionReturn(0);
}

void prop__by_species_take(const prop__by_species *order, const PetscReal x[], PetscReal sorted[])
{
  for (PetscInt i = 0; i < order->n; i++) {
    for (PetscInt k = 0; k < 3; k++) sorted[3 * order->place[i] + k] = x[3 * i + k];
  }
}

static PetscReal total(const PetscReal part[LANES])
{
  return ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
}

static PetscReal product(PetscInt n, const PetscReal a[], const PetscReal b[])
{
  PetscReal part[LANES] = {0.0};
  PetscInt i = 0;

  for (; i + LANES <= n; i += LANES) {
    for (PetscInt k = 0; k < LANES; k++) part[k] += a[i + k] * b[i + k];
  }
  for (; i < n; i++) part[0] += a[i] * b[i];
  return total(part);
}

static PetscReal distance(PetscInt n, const PetscReal a[], const PetscReal b[])
{
  PetscReal part[LANES] = {0.0};
  PetscInt i = 0;

  for (; i + LANES <= n; i += LANES) {
    for (PetscInt k = 0; k < LANES; k++) {
      part[k] += (b[i + k] - a[i + k]) * (b[i + k] - a[i + k]);
    }
  }
  for (; i < n; i++) part[0] += (b[i] - a[i]) * (b[i] - a[i]);
  return total(part);
}

void prop__by_species_products(const prop__by_species *order, const PetscReal a[],
                               const PetscReal b[], PetscReal sum[])
{
  for (PetscInt s = 0, at = 0; s < order->nspecies; s++) {
    const PetscInt n = 3 * order->natom[s];

    if (n > 0) sum[s] += product(n, a + at, b + at) / (PetscReal)order->natom[s];
    at += n;
  }
}

void prop__by_species_distances(const prop__by_species *order, const PetscReal a[],
                                const PetscReal b[], PetscReal sum[])
{
  for (PetscInt s = 0, at = 0; s < order->nspecies; s++) {
    const PetscInt n = 3 * order->natom[s];

    if (n > 0) sum[s] += distance(n, a + at, b + at) / (PetscReal)order->natom[s];
    at += n;
  }
}

PetscErrorCode prop__by_species_put(const prop__by_species *order, PetscInt count,
                                    const PetscReal sorted[], md_blob *blob)
{
  const size_t width = 3 * (size_t)order->n;
  PetscReal *own;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(width, &own));
  for (PetscInt m = 0; m < count; m++) {
    const PetscReal *from = sorted + (size_t)m * width;

    for (PetscInt i = 0; i < order->n; i++) {
      for (PetscInt k = 0; k < 3; k++) own[3 * i + k] = from[3 * order->place[i] + k];
    }
    PetscCall(md_blob_put(blob, own, width * sizeof(PetscReal)));
  }
  PetscCall(PetscFree(own));
  PetscFunctionReturn(0);
}

PetscErrorCode prop__by_species_get(const prop__by_species *order, PetscInt count, md_blob *blob,
                                    PetscReal sorted[])
{
  const size_t width = 3 * (size_t)order->n;
  PetscReal *own;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(width, &own));
  for (PetscInt m = 0; m < count && !ierr; m++) {
    ierr = md_blob_get(blob, own, width * sizeof(PetscReal));
    if (!ierr) prop__by_species_take(order, own, sorted + (size_t)m * width);
  }
  PetscCall(PetscFree(own));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

size_t prop__first_not_finite(size_t n, const PetscReal x[])
{
  PetscReal sum = 0.0;
  size_t i = 0;

  for (size_t k = 0; k < n; k++) sum += 0.0 * x[k]; /* NaN of infinity and of NaN */
  if (!PetscIsInfOrNanReal(sum)) return n;
  while (i < n && !PetscIsInfOrNanReal(x[i])) i++;
  return i;
}
