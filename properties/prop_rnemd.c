/* properties/prop_rnemd.c - straight lines through profiles, and their error bars */
#include "properties/prop_rnemd.h"
#include "md/md_units.h"

/* The slabs of the fit, and room for a profile */
typedef struct {
  const md_profile *profile;
  md_rnemd_kind kind;
  PetscInt first, last; /* slabs first..last-1 of the first half, and their mirror images */
  md_profile_row *row;  /* [slabs] */
} fit;

typedef struct {
  PetscReal slope, linearity, temperature;
} line;

/* What the flux runs down along: temperature towards slab 0, velocity towards slab slabs/2 */
static PetscReal height(const fit *f, PetscInt k)
{
  const PetscInt mirror = f->profile->slabs - k;

  if (f->kind == MD_RNEMD_HEAT) return 0.5 * (f->row[k].temperature + f->row[mirror].temperature);
  return -0.5 * (f->row[k].velocity + f->row[mirror].velocity);
}

/* Straight line by least squares through the mean profile of blocks b..e-1 */
static PetscErrorCode draw(const fit *f, PetscInt b, PetscInt e, line *l)
{
  const PetscReal n = (PetscReal)(f->last - f->first);
  PetscReal z = 0.0, y = 0.0, zz = 0.0, zy = 0.0, yy = 0.0;

  PetscFunctionBegin;
  PetscCall(md_profile_average(f->profile, b, e, f->row));
  *l = (line){.slope = 0.0};
  for (PetscInt k = f->first; k < f->last; k++) {
    z += f->row[k].z / n;
    y += height(f, k) / n;
    l->temperature += 0.5 * (f->row[k].temperature + f->row[f->profile->slabs - k].temperature) / n;
  }
  for (PetscInt k = f->first; k < f->last; k++) {
    const PetscReal dz = f->row[k].z - z, dy = height(f, k) - y;

    zz += dz * dz;
    zy += dz * dy;
    yy += dy * dy;
  }
  l->slope = zy / zz;
  l->linearity = yy > 0.0 ? zy * zy / (zz * yy) : 0.0;
  PetscFunctionReturn(0);
}

/* Gradients and fluxes of single blocks; *finite is false where a slab of the fit was empty. */
static PetscErrorCode draw_blocks(const fit *f, PetscReal gradient[], PetscReal flux[],
                                  PetscBool *finite)
{
  PetscFunctionBegin;
  *finite = PETSC_TRUE;
  for (PetscInt b = 0; b < f->profile->nblock; b++) {
    line l;

    PetscCall(draw(f, b, b + 1, &l));
    PetscCall(md_profile_flux(f->profile, b, b + 1, &flux[b]));
    gradient[b] = l.slope;
    if (PetscIsInfOrNanReal(gradient[b])) *finite = PETSC_FALSE;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode estimate_series(PetscInt n, const PetscReal x[], prop_estimate *est)
{
  prop_series series;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(prop_series_create(&series));
  for (PetscInt i = 0; i < n && !ierr; i++) ierr = prop_series_add(&series, x[i]);
  if (!ierr) ierr = prop_series_estimate(&series, est);
  PetscCall(prop_series_clear(&series));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* sqrt(k_B T/m) [Å/fs] with the mean mass of the atoms in the slabs of the fit */
static PetscErrorCode thermal_speed(const fit *f, PetscReal temperature, PetscReal *speed)
{
  const md_profile *p = f->profile;
  PetscReal *x, mass = 0.0;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(p->slabs * p->nspecies, &x));
  ierr = md_profile_composition(p, 0, p->nblock, x);
  for (PetscInt k = f->first; k < f->last && !ierr; k++) {
    for (PetscInt t = 0; t < p->nspecies; t++) {
      mass += p->mass[t] * x[k * p->nspecies + t] / (PetscReal)(f->last - f->first);
    }
  }
  *speed = PetscSqrtReal(MD_BOLTZMANN * temperature / mass);
  PetscCall(PetscFree(x));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Everything but error and flags, from the blocks `begin` and later */
static PetscErrorCode measure(const fit *f, PetscInt begin, prop_rnemd *out)
{
  const md_profile *p = f->profile;
  PetscReal half = 0.0, unit;
  line l;

  PetscFunctionBegin;
  PetscCall(draw(f, begin, p->nblock, &l));
  half = (f->row[p->slabs / 2].z - f->row[0].z);
  PetscCall(md_profile_flux(p, begin, p->nblock, &out->flux));
  out->gradient = l.slope;
  out->linearity = l.linearity;
  out->temperature = unit = l.temperature;
  if (f->kind == MD_RNEMD_SHEAR) PetscCall(thermal_speed(f, l.temperature, &unit));
  out->span = l.slope * half / unit;
  out->transport.mean = out->flux / l.slope;
  PetscFunctionReturn(0);
}

/* gradient, flux [nblock] are overwritten */
static PetscErrorCode estimate(const fit *f, PetscReal gradient[], PetscReal flux[],
                               prop_rnemd *out)
{
  const PetscInt n = f->profile->nblock;
  prop_estimate slope, rest;
  PetscBool finite;
  PetscInt begin;

  PetscFunctionBegin;
  PetscCall(draw_blocks(f, gradient, flux, &finite));
  if (!finite) PetscFunctionReturn(0);
  PetscCall(estimate_series(n, gradient, &slope));
  begin = (PetscInt)(slope.discarded * (PetscReal)n + 0.5);
  PetscCall(measure(f, begin, out));
  for (PetscInt b = begin; b < n; b++) {
    flux[b] = (flux[b] - out->transport.mean * gradient[b]) / out->gradient;
  }
  PetscCall(estimate_series(n - begin, flux + begin, &rest));
  out->transport.error = rest.error;
  out->transport.variance = rest.variance;
  out->transport.neff = rest.neff;
  out->transport.discarded = slope.discarded;
  out->transport.flags = slope.flags | rest.flags;
  if (!(out->linearity >= PROP_RNEMD_LINEARITY)) out->transport.flags |= PROP_FLAG_NOT_LINEAR;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_rnemd_estimate(const md_profile *profile, md_rnemd_kind kind, PetscInt skip,
                                   prop_rnemd *out)
{
  fit f = {.profile = profile, .kind = kind, .first = 1 + skip, .last = profile->slabs / 2 - skip};
  PetscReal *gradient, *flux;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(kind == MD_RNEMD_HEAT || kind == MD_RNEMD_SHEAR, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "No transport coefficient for a flux of kind %d", (int)kind);
  PetscCheck(skip >= 0 && profile->slabs % 2 == 0 && f.last - f.first >= 2, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "No gradient from %" PetscInt_FMT " slabs of which %" PetscInt_FMT
             " on either side of each exchange are left out",
             profile->slabs, skip);
  *out = (prop_rnemd){.transport = {.mean = PROP_NAN,
                                    .error = PROP_NAN,
                                    .variance = PROP_NAN,
                                    .flags = PROP_FLAG_FEW_SAMPLES},
                      .flux = PROP_NAN,
                      .gradient = PROP_NAN,
                      .linearity = PROP_NAN,
                      .temperature = PROP_NAN,
                      .span = PROP_NAN};
  if (profile->nblock < PROP_SERIES_MIN) PetscFunctionReturn(0);
  PetscCall(
      PetscMalloc3(profile->slabs, &f.row, profile->nblock, &gradient, profile->nblock, &flux));
  ierr = estimate(&f, gradient, flux, out);
  PetscCall(PetscFree3(f.row, gradient, flux));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
