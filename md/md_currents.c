/* md/md_currents.c - currents of species and of heat, formed after a step for those who look
 *
 * Energies of sites and virials of atoms come from the force call of the step (md__flux_ask()), and
 * velocities are complete only when the step is: so the heat current is formed when a sample is
 * taken.  Virials stand on atoms and on images.  An image moves as its atom does: velocities are
 * spread to the images, three numbers each, instead of folding nine to the atoms.
 */
#include "md/md_currents.h"

#include "md/md_run_impl.h"
#include <math.h>

PetscErrorCode md__flux_clear(md__flux *flux)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(flux->site_energy));
  PetscCall(PetscFree(flux->atom_virial));
  PetscCall(PetscFree(flux->v));
  PetscCall(PetscFree(flux->current));
  PetscCall(PetscFree(flux->count));
  flux->sites = flux->images = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode md__flux_count(md_run *run)
{
  const md_atoms *atoms = &run->atoms;
  md__flux *flux = &run->flux;

  PetscFunctionBegin;
  if (flux->count) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(atoms->nspecies, &flux->count));
  PetscCall(PetscCalloc1(atoms->nspecies, &flux->current));
  for (PetscInt i = 0; i < atoms->n; i++) flux->count[atoms->type[i]] += 1.0;
  PetscCall(md__sum(run, (PetscMPIInt)atoms->nspecies, flux->count));
  PetscFunctionReturn(0);
}

/* A quarter more than needed, because the number of images changes with every list. */
static PetscErrorCode reserve(const mtp_neighbors *nb, md__flux *flux)
{
  const size_t sites = (size_t)nb->nlocal, images = (size_t)nb->nall;

  PetscFunctionBegin;
  if (sites > flux->sites) {
    PetscCall(PetscFree(flux->site_energy));
    flux->sites = sites + sites / 4;
    PetscCall(PetscMalloc1(flux->sites, &flux->site_energy));
  }
  if (images > flux->images) {
    PetscCall(PetscFree(flux->atom_virial));
    PetscCall(PetscFree(flux->v));
    flux->images = images + images / 4;
    PetscCall(PetscMalloc1(9 * flux->images, &flux->atom_virial));
    PetscCall(PetscMalloc1(3 * flux->images, &flux->v));
  }
  PetscFunctionReturn(0);
}

void md__flux_drop(md_run *run)
{
  run->flux.heat = PETSC_FALSE;
  run->result.site_energy = run->result.atom_virial = NULL;
}

PetscErrorCode md__flux_ask(md_run *run)
{
  PetscFunctionBegin;
  if (!(md__needs(run) & MD_NEED_HEAT)) PetscFunctionReturn(0);
  run->flux.heat = PETSC_TRUE;
  PetscCall(reserve(&run->nb, &run->flux));
  run->result.site_energy = run->flux.site_energy;
  run->result.atom_virial = run->flux.atom_virial;
  PetscFunctionReturn(0);
}

static PetscErrorCode sample_current(const md_run *run, md_sample *sample)
{
  const md_atoms *atoms = &run->atoms;
  PetscReal(*current)[3] = run->flux.current;

  PetscFunctionBegin;
  PetscCall(PetscArrayzero(current, atoms->nspecies));
  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int a = 0; a < 3; a++) current[atoms->type[i]][a] += atoms->v[3 * (size_t)i + a];
  }
  PetscCall(md__sum(run, (PetscMPIInt)(3 * atoms->nspecies), current[0]));
  sample->current = (const PetscReal(*)[3])current;
  sample->count = run->flux.count;
  PetscFunctionReturn(0);
}

/* What moves with the atoms of this rank: part[0..2] kinetic, part[3..5] potential energy */
static void convect(const md_atoms *atoms, const PetscReal site_energy[], PetscReal part[6])
{
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * (size_t)i];
    const PetscReal kinetic =
        0.5 * atoms->mass[atoms->type[i]] * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);

    for (int a = 0; a < 3; a++) {
      part[a] += kinetic * v[a];
      part[3 + a] += site_energy[i] * v[a];
    }
  }
}

/* sum_j W_j v_j over atoms and images */
static void transfer(PetscInt n, const PetscReal w[], const PetscReal v[], PetscReal part[3])
{
  for (PetscInt j = 0; j < n; j++, w += 9, v += 3) {
    for (int a = 0; a < 3; a++) {
      part[a] += w[3 * a] * v[0] + w[3 * a + 1] * v[1] + w[3 * a + 2] * v[2];
    }
  }
}

static PetscErrorCode sample_heat(const md_run *run, md_heat *heat)
{
  const md_atoms *atoms = &run->atoms;
  PetscReal part[9] = {0.0};

  PetscFunctionBegin;
  PetscCall(PetscArraycpy(run->flux.v, atoms->v, 3 * (size_t)atoms->n));
  PetscCall(md__spread(run, 3, run->flux.v));
  convect(atoms, run->result.site_energy, part);
  transfer(run->nb.nall, run->result.atom_virial, run->flux.v, part + 6);
  PetscCall(md__sum(run, 9, part));
  for (int a = 0; a < 3; a++) {
    heat->kinetic[a] = part[a];
    heat->potential[a] = part[3 + a];
    heat->virial[a] = part[6 + a];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__flux_sample(const md_run *run, md_sample *sample)
{
  md_heat *heat = &sample->heat;

  PetscFunctionBegin;
  if (md__needs(run) & MD_NEED_CURRENTS) PetscCall(sample_current(run, sample));
  if (run->flux.heat) {
    PetscCall(sample_heat(run, heat));
    PetscFunctionReturn(0);
  }
  for (int a = 0; a < 3; a++) {
    heat->kinetic[a] = heat->potential[a] = heat->virial[a] = (PetscReal)NAN;
  }
  PetscFunctionReturn(0);
}

void md_current_charge(const md_sample *sample, const PetscReal charge[], PetscReal j[3])
{
  for (int a = 0; a < 3; a++) j[a] = sample->current ? 0.0 : (PetscReal)NAN;
  for (PetscInt s = 0; s < sample->atoms->nspecies && sample->current; s++) {
    for (int a = 0; a < 3; a++) j[a] += charge[s] * sample->current[s][a];
  }
}

void md_current_mass(const md_sample *sample, PetscInt species, PetscReal j[3])
{
  for (int a = 0; a < 3; a++) {
    j[a] = sample->current ? sample->atoms->mass[species] * sample->current[species][a]
                           : (PetscReal)NAN;
  }
}

void md_current_mass_relative(const md_sample *sample, PetscInt species, PetscReal j[3])
{
  const PetscReal *mass = sample->atoms->mass;
  PetscReal total = 0.0, momentum[3] = {0.0, 0.0, 0.0};

  md_current_mass(sample, species, j);
  for (PetscInt s = 0; s < sample->atoms->nspecies && sample->current; s++) {
    total += mass[s] * sample->count[s];
    for (int a = 0; a < 3; a++) momentum[a] += mass[s] * sample->current[s][a];
  }
  for (int a = 0; a < 3 && sample->current; a++) {
    j[a] -= mass[species] * sample->count[species] * momentum[a] / total;
  }
}

void md_current_heat(const md_sample *sample, PetscReal j[3])
{
  const md_heat *heat = &sample->heat;

  for (int a = 0; a < 3; a++) j[a] = heat->kinetic[a] + heat->potential[a] + heat->virial[a];
}
