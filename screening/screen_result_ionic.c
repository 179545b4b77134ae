/* screening/screen_result_ionic.c - from the currents of species to ionic conductivity and the
 * Onsager matrix
 *
 * Charges are those of the campaign's carriers (screen_campaign.carrier): of a molecule all of it
 * on one of its elements.
 */
#include "md/md_units.h"
#include "properties/prop_channels.h"
#include "properties/prop_conductivity.h"
#include "screening/screen_result_impl.h"

#define FEMTOSECOND 1e-15

/* What the estimators take; arrays are owned, the blocks are those of the flows. */
typedef struct {
  prop_ions ions;
  PetscReal *number;          /* [nspecies] */
  prop_ion_run *run;          /* [replicas] */
  const PetscReal **velocity; /* [replicas, 3 nspecies] */
} ion_flows;

static PetscErrorCode create(const screen_campaign *campaign, const screen_point *point,
                             const screen_flows *f, ion_flows *x)
{
  static const prop_ionic_kind kinds[] = {[SCREEN_INSULATOR] = PROP_IONIC_INSULATOR,
                                          [SCREEN_MIXED] = PROP_IONIC_MIXED,
                                          [SCREEN_METAL] = PROP_IONIC_METAL};
  const PetscInt ns = campaign->nspecies, n = 3 * ns;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(ns, &x->number));
  PetscCall(PetscCalloc1(f->n, &x->run));
  PetscCall(PetscCalloc1(f->n * n, &x->velocity));
  for (PetscInt a = 0; a < ns; a++) x->number[a] = (PetscReal)point->count[a];
  for (PetscInt r = 0; r < f->n; r++) {
    for (PetscInt k = 0; k < n; k++)
      x->velocity[r * n + k] = screen_flows_channel(f, r, PROP_NVE_CURRENTS + k);
    x->run[r] = (prop_ion_run){.n = f->nblock,
                               .velocity = x->velocity + r * n,
                               .volume = f->volume[r],
                               .temperature = f->temperature[r]};
  }
  x->ions = (prop_ions){.nspecies = ns,
                        .charge = campaign->carrier,
                        .mass = campaign->mass,
                        .number = x->number,
                        .kind = kinds[campaign->electronic]};
  PetscFunctionReturn(0);
}

static PetscErrorCode clear(ion_flows *x)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(x->number));
  PetscCall(PetscFree(x->run));
  PetscCall(PetscFree(x->velocity));
  PetscFunctionReturn(0);
}

/* The conductivity by three methods. */
static PetscErrorCode fill_conductivity(const screen_campaign *campaign, const screen_flows *f,
                                        const ion_flows *x, PetscInt flags, screen_result *result)
{
  const PetscReal si = PROP_CONDUCTIVITY_SI;
  prop_conductivity c;

  PetscFunctionBegin;
  PetscCall(prop_conductivity_estimate(&x->ions, f->n, x->run, f->step,
                                       campaign->conductivity_cutoff, &c));
  screen_result_put(&c.primary, si, 1.0 / c.cutoff, flags, PROP_ID_IONIC_CONDUCTIVITY, result);
  screen_result_put(&c.einstein.estimate, si, c.einstein.from, flags, PROP_ID_CONDUCTIVITY_EINSTEIN,
                    result);
  screen_result_put(&c.truncated.estimate, si, c.truncated.to, flags,
                    PROP_ID_CONDUCTIVITY_TRUNCATED, result);
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_curves(const screen_flows *f, const ion_flows *x, screen_result *result)
{
  const PetscReal si = PROP_CONDUCTIVITY_SI;
  prop_running run = {0};
  prop_spectrum spectrum = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(prop_conductivity_running(&x->ions, f->n, x->run, f->step, &run));
  ierr = screen_result_curve(run.npoint, run.time, FEMTOSECOND, run.mean, run.error, si,
                             &result->curve[SCREEN_CURVE_IONIC]);
  PetscCall(prop_running_clear(&run));
  PetscCall(ierr);
  if (f->nblock < PROP_SPECTRUM_MIN) PetscFunctionReturn(0);
  PetscCall(prop_conductivity_spectrum(&x->ions, f->n, x->run, f->step, &spectrum));
  ierr = screen_result_curve(spectrum.nbin, spectrum.frequency, 1.0 / FEMTOSECOND, spectrum.value,
                             NULL, si, &result->curve[SCREEN_CURVE_IONIC_SPECTRUM]);
  PetscCall(prop_spectrum_clear(&spectrum));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* One number of the Onsager matrix or of what follows from it. */
static prop_value onsager_value(const prop_onsager *o, PetscReal value, PetscReal error,
                                PetscReal scale, PetscInt flags)
{
  const prop_estimate e = {.mean = value, .error = error, .neff = o->neff, .flags = o->flags};
  prop_value v = screen_result_value(&e, scale);

  screen_result_flag(&v, flags);
  return v;
}

/* Transference numbers seen from the solvent, where there is one. */
static PetscErrorCode fill_solvent(const screen_campaign *campaign, const screen_flows *f,
                                   const ion_flows *x, PetscInt flags, screen_result *result)
{
  prop_value *t = screen_result_at(result, PROP_ID_TRANSFERENCE_SOLVENT);
  prop_onsager o = {0};
  PetscBool *solvent, any = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(campaign->nspecies, &solvent));
  screen_campaign_solvent(campaign, solvent);
  for (PetscInt a = 0; a < campaign->nspecies; a++)
    any = (PetscBool)(any || (solvent[a] && x->number[a] > 0.0));
  if (any)
    PetscCall(
        prop_onsager_create(&x->ions, f->n, x->run, f->step, PROP_FRAME_SOLVENT, solvent, &o));
  for (PetscInt a = 0; any && a < campaign->nspecies; a++) {
    if (x->number[a] > 0.0)
      t[a] = onsager_value(&o, o.transference[a], o.transference_error[a], 1.0, flags);
  }
  PetscCall(prop_onsager_clear(&o));
  PetscCall(PetscFree(solvent));
  PetscFunctionReturn(0);
}

static PetscErrorCode fill_onsager(const screen_flows *f, const ion_flows *x, PetscInt flags,
                                   screen_result *result)
{
  const PetscInt ns = x->ions.nspecies;
  prop_onsager o = {0};

  PetscFunctionBegin;
  PetscCall(prop_onsager_create(&x->ions, f->n, x->run, f->step, PROP_FRAME_BARYCENTRIC, NULL, &o));
  for (PetscInt a = 0; a < ns; a++) {
    if (x->number[a] > 0.0)
      screen_result_at(result, PROP_ID_TRANSFERENCE)[a] =
          onsager_value(&o, o.transference[a], o.transference_error[a], 1.0, flags);
    for (PetscInt b = 0; b < ns; b++) {
      if (x->number[a] > 0.0 && x->number[b] > 0.0)
        screen_result_at(result, PROP_ID_ONSAGER)[a * ns + b] =
            onsager_value(&o, o.l[a * ns + b], o.error[a * ns + b], PROP_ONSAGER_SI, flags);
    }
  }
  PetscCall(prop_onsager_clear(&o));
  PetscFunctionReturn(0);
}

/* What independent ions would conduct, and the ratio of both. */
static PetscErrorCode fill_independent(const screen_flows *f, const ion_flows *x,
                                       screen_result *result)
{
  prop_value *independent = screen_result_at(result, PROP_ID_CONDUCTIVITY_NERNST_EINSTEIN);
  PetscReal volume = 0.0, temperature = 0.0;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < f->n; r++) {
    volume += f->volume[r] / (PetscReal)f->n;
    temperature += f->temperature[r] / (PetscReal)f->n;
  }
  PetscCall(prop_conductivity_nernst_einstein(&x->ions, volume, temperature,
                                              screen_result_at(result, PROP_ID_DIFFUSION_CELL),
                                              NULL, independent));
  PetscCall(prop_conductivity_haven(independent,
                                    screen_result_at(result, PROP_ID_IONIC_CONDUCTIVITY), 0.0,
                                    screen_result_at(result, PROP_ID_HAVEN_RATIO)));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_result_fill_ionic(const screen_campaign *campaign, const screen_point *point,
                                        const screen_flows *f, PetscInt flags,
                                        screen_result *result)
{
  ion_flows x = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!campaign->want_ionic_conductivity || !campaign->carrier || f->n == 0) PetscFunctionReturn(0);
  PetscCall(create(campaign, point, f, &x));
  ierr = fill_conductivity(campaign, f, &x, flags, result);
  if (!ierr) ierr = fill_curves(f, &x, result);
  if (!ierr) ierr = fill_onsager(f, &x, flags, result);
  if (!ierr) ierr = fill_solvent(campaign, f, &x, flags, result);
  if (!ierr) ierr = fill_independent(f, &x, result);
  PetscCall(clear(&x));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
