/* md/md_run_setup.c - life of a run around the loop: creation, stages, velocities, observers,
   samples */
#include "md/md_run_impl.h"

#include "md/md_halo.h"
#include "md/md_units.h"

PetscErrorCode md__events_get(const md__events **events)
{
  static md__events known;
  static PetscBool registered = PETSC_FALSE;
  PetscClassId class_id;

  PetscFunctionBegin;
  if (!registered) {
    PetscCall(PetscClassIdRegister("Molecular dynamics", &class_id));
    PetscCall(PetscLogEventRegister("MDNeigh", class_id, &known.neigh));
    PetscCall(PetscLogEventRegister("MDForce", class_id, &known.force));
    PetscCall(PetscLogEventRegister("MDIntegrate", class_id, &known.integrate));
    PetscCall(PetscLogEventRegister("MDObserve", class_id, &known.observe));
    PetscCall(PetscLogEventRegister("MDTalk", class_id, &known.talk));
    registered = PETSC_TRUE;
  }
  *events = &known;
  PetscFunctionReturn(0);
}

static PetscErrorCode check_atoms(const md_atoms *atoms, const md_potential *pot)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscInt t = atoms->type[i];

    PetscCheck(t >= 0 && t < atoms->nspecies && t < pot->nspecies, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " has type %" PetscInt_FMT ", wanted 0..%" PetscInt_FMT, i + 1,
               t, PetscMin(atoms->nspecies, pot->nspecies) - 1);
  }
  for (PetscInt t = 0; t < atoms->nspecies; t++) {
    PetscCheck(atoms->mass[t] > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Mass of species %" PetscInt_FMT " is %g eV fs^2/A^2, wanted > 0", t,
               (double)atoms->mass[t]);
  }
  PetscCheck(md_atoms_volume(atoms) > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The cell has no volume");
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_create(const md_atoms *atoms, const md_potential *pot, md_run **run)
{
  PetscFunctionBegin;
  *run = NULL;
  PetscCall(check_atoms(atoms, pot));
  PetscCall(PetscNew(run));
  (*run)->pot = pot;
  (*run)->comm = PETSC_COMM_SELF;
  (*run)->size = 1;
  (*run)->total = (*run)->atom_capacity = atoms->n;
  (*run)->total_mass = md_atoms_total_mass(atoms);
  (*run)->guard = md_guard_default();
  PetscCall(md_atoms_copy(atoms, &(*run)->atoms));
  PetscCall(PetscCalloc1(3 * (size_t)atoms->n, &(*run)->memory.good));
  PetscCall(PetscCalloc1(3 * (size_t)atoms->n, &(*run)->memory.anchor));
  PetscFunctionReturn(0);
}

/* Counts, masses and cell from rank 0 to the others, whose atoms come with the first list. */
static PetscErrorCode spread_system(md_run *run)
{
  md_atoms *a = &run->atoms;
  PetscInt sizes[2] = {run->total, a->nspecies};

  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(sizes, 2, MPIU_INT, 0, run->comm));
  run->total = sizes[0];
  a->nspecies = sizes[1];
  if (run->rank != 0) PetscCall(PetscCalloc1(a->nspecies, &a->mass));
  PetscCallMPI(MPI_Bcast(a->mass, (PetscMPIInt)a->nspecies, MPIU_REAL, 0, run->comm));
  PetscCallMPI(MPI_Bcast(&a->h[0][0], 9, MPIU_REAL, 0, run->comm));
  PetscCallMPI(MPI_Bcast(&run->total_mass, 1, MPIU_REAL, 0, run->comm));
  PetscCall(md__halo_create(run->comm, &run->halo));
  PetscFunctionReturn(0);
}

/* The same answer on all ranks: an error of rank 0 is one of everybody. */
static PetscErrorCode check_together(MPI_Comm comm, const md_atoms *atoms, const md_potential *pot,
                                     PetscMPIInt rank)
{
  PetscErrorCode ierr = 0;
  PetscMPIInt code;

  PetscFunctionBegin;
  if (rank == 0) ierr = check_atoms(atoms, pot);
  code = (PetscMPIInt)ierr;
  PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, comm));
  PetscCall(ierr);
  PetscCheck(code == 0, PETSC_COMM_SELF, (PetscErrorCode)code, "Rank 0 refuses the atoms");
  PetscCheck(pot->grade_cost == 0.0 || pot->site_grades, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Grades of whole configurations need all atoms on one rank");
  PetscCheck(!pot->one_rank, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Potential %s needs all atoms on one rank", pot->ops->name);
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_create_on(MPI_Comm comm, const md_atoms *atoms, const md_potential *pot,
                                md_run **run)
{
  PetscMPIInt rank, size;

  PetscFunctionBegin;
  *run = NULL;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  if (size == 1) {
    PetscCall(md_run_create(atoms, pot, run));
    PetscFunctionReturn(0);
  }
  PetscCall(check_together(comm, atoms, pot, rank));
  if (rank == 0) {
    PetscCall(md_run_create(atoms, pot, run));
  } else {
    PetscCall(PetscNew(run));
    (*run)->pot = pot;
    (*run)->guard = md_guard_default();
  }
  (*run)->comm = comm;
  (*run)->rank = rank;
  (*run)->size = size;
  PetscCall(spread_system(*run));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_destroy(md_run **run)
{
  PetscFunctionBegin;
  if (!*run) PetscFunctionReturn(0);
  PetscCall(md_atoms_clear(&(*run)->atoms));
  PetscCall(mtp_neighbors_clear(&(*run)->nb));
  PetscCall(md__halo_destroy(&(*run)->halo));
  PetscCall(PetscFree((*run)->result.force));
  PetscCall(PetscFree((*run)->grade));
  PetscCall(md__flux_clear(&(*run)->flux));
  PetscCall(PetscFree((*run)->memory.good));
  PetscCall(PetscFree((*run)->memory.anchor));
  PetscCall(PetscFree(*run));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_set_names(md_run *run, const char *const names[])
{
  PetscFunctionBegin;
  run->name = names;
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_keep_apart(md_run *run, const PetscReal charge[], PetscReal limit)
{
  PetscFunctionBegin;
  run->charge = charge;
  run->apart = limit;
  PetscFunctionReturn(0);
}

/* value > 0 and finite */
static PetscErrorCode positive(const char *field, PetscReal value)
{
  PetscFunctionBegin;
  PetscCheck(value > 0.0 && !PetscIsInfOrNanReal(value), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%s is %g, wanted > 0", field, (double)value);
  PetscFunctionReturn(0);
}

/* value >= 0 and finite */
static PetscErrorCode not_negative(const char *field, PetscReal value)
{
  PetscFunctionBegin;
  PetscCheck(value >= 0.0 && !PetscIsInfOrNanReal(value), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%s is %g, wanted >= 0", field, (double)value);
  PetscFunctionReturn(0);
}

static PetscErrorCode check_schedule(const md_protocol *p)
{
  PetscInt64 before = 0;

  PetscFunctionBegin;
  PetscCheck(p->nknot >= 0 && p->nknot <= MD_MAX_KNOTS, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "protocol.nknot is %" PetscInt_FMT ", wanted 0..%d", p->nknot, (int)MD_MAX_KNOTS);
  for (PetscInt k = 0; k < p->nknot; k++) {
    PetscCheck(p->knot[k].step > before, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "protocol.knot[%" PetscInt_FMT "].step is %" PetscInt64_FMT
               ", wanted more than %" PetscInt64_FMT,
               k, p->knot[k].step, before);
    PetscCall(positive("protocol.knot.temperature", p->knot[k].temperature));
    before = p->knot[k].step;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_guard(const md_guard *guard)
{
  const struct {
    const char *field;
    PetscReal value;
  } limits[] = {{"guard.hot_factor", guard->hot_factor},
                {"guard.close_factor", guard->close_factor},
                {"guard.max_move", guard->max_move},
                {"guard.volume_low", guard->volume_low},
                {"guard.volume_high", guard->volume_high},
                {"guard.drift", guard->drift},
                {"guard.grade_break", guard->grade_break},
                {"guard.max_force", guard->max_force},
                {"guard.pressure_factor", guard->pressure_factor},
                {"guard.window", guard->window},
                {"guard.void_atoms", guard->void_atoms},
                {"guard.stall", guard->stall},
                {"guard.order", guard->order},
                {"guard.segregation", guard->segregation}};

  PetscFunctionBegin;
  PetscCheck(guard->every >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "guard.every is %" PetscInt_FMT ", wanted >= 1", guard->every);
  PetscCheck(guard->every_structure >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "guard.every_structure is %" PetscInt_FMT ", wanted >= 0", guard->every_structure);
  for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
    PetscCall(not_negative(limits[k].field, limits[k].value));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_barostat(const md_protocol *p)
{
  PetscFunctionBegin;
  if (!md__has_barostat(p->ensemble)) PetscFunctionReturn(0);
  PetscCall(positive("protocol.tau_p", p->tau_p));
  if (p->ensemble != MD_NPT_MTK)
    PetscCall(positive("protocol.compressibility", p->compressibility));
  PetscCheck(!PetscIsInfOrNanReal(p->pressure), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "protocol.pressure is not finite");
  PetscCheck((int)p->shape >= 0 && (int)p->shape < (int)MD_NSHAPE, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "protocol.shape is %d, wanted 0..%d", (int)p->shape,
             (int)MD_NSHAPE - 1);
  PetscFunctionReturn(0);
}

PetscErrorCode md__check_protocol(const md_protocol *protocol, const md_guard *guard)
{
  PetscFunctionBegin;
  PetscCheck((int)protocol->ensemble >= 0 && (int)protocol->ensemble < (int)MD_NENSEMBLE,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "protocol.ensemble is %d, wanted 0..%d",
             (int)protocol->ensemble, (int)MD_NENSEMBLE - 1);
  PetscCall(positive("protocol.dt", protocol->dt));
  PetscCall(not_negative("protocol.max_step", protocol->max_step));
  if (protocol->ensemble != MD_NVE) {
    PetscCall(positive("protocol.temperature", protocol->temperature));
    PetscCall(positive("protocol.tau_t", protocol->tau_t));
    PetscCall(check_schedule(protocol));
  }
  PetscCall(check_barostat(protocol));
  PetscCall(check_guard(guard));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_start(md_run *run, const md_protocol *protocol, const md_guard *guard)
{
  const md_guard standard = md_guard_default();
  md_sample sample;

  PetscFunctionBegin;
  PetscCall(md__check_protocol(protocol, guard ? guard : &standard));
  PetscCall(md__check_rnemd(protocol, (const PetscReal(*)[3])run->atoms.h));
  run->protocol = *protocol;
  run->guard = guard ? *guard : standard;
  run->step = run->end = 0;
  run->builds = 0;
  run->built = 0;
  run->work = 0.0;
  run->extended = (md__extended){.rate = {0.0}};
  run->grade_max = 0.0;
  run->tally = (md_rnemd_tally){.done = 0};
  run->reason = run->trouble = MD_RUNNING;
  run->listed = PETSC_FALSE;
  PetscCall(PetscMemzero(run->detail, sizeof(run->detail)));
  run->nwatcher = 0;
  if (protocol->ensemble != MD_NVE && run->total > 1) PetscCall(md__stop_drift(run));
  PetscCall(mtp_neighbors_clear(&run->nb));
  PetscCall(md__forces(run));
  PetscCall(md_run_sample(run, &sample));
  run->start_conserved = sample.conserved;
  run->start_volume = sample.volume;
  run->start_temperature = sample.temperature;
  run->start_pressure = md__trace(sample.pressure) / 3.0;
  PetscCall(md__remember(run));
  run->started = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_thermalise(md_run *run, PetscReal temperature, md_rng rng)
{
  md_atoms *atoms = &run->atoms;
  PetscReal before, after, drawn, scale;

  PetscFunctionBegin;
  PetscCall(not_negative("temperature", temperature));
  PetscCall(md__kinetic(run, &before));
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal width = PetscSqrtReal(1.0 / atoms->mass[atoms->type[i]]);
    PetscReal normal[3];

    md_rng_normal3(rng, MD_RNG_VELOCITY, 0, (uint32_t)atoms->id[i], normal);
    for (int a = 0; a < 3; a++) atoms->v[3 * (size_t)i + a] = width * normal[a];
  }
  if (run->total > 1) PetscCall(md__stop_drift(run));
  PetscCall(md__kinetic(run, &after));
  drawn = md__temperature(run, after);
  scale = drawn > 0.0 ? PetscSqrtReal(temperature / drawn) : 0.0;
  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->v[k] *= scale;
  PetscCall(md__kinetic(run, &after));
  run->work += after - before; /* in the middle of a stage it is work */
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_observe(md_run *run, PetscInt every, md_observer observe, void *context)
{
  PetscFunctionBegin;
  PetscCall(md_run_observe_with(run, every, MD_NEED_ENERGY | MD_NEED_PRESSURE, observe, context));
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_observe_with(md_run *run, PetscInt every, unsigned needs, md_observer observe,
                                   void *context)
{
  PetscFunctionBegin;
  PetscCheck(every >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "An observer is called every %" PetscInt_FMT " steps, wanted >= 1", every);
  PetscCheck(run->nwatcher < MD_MAX_OBSERVERS, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A run has at most %d observers", (int)MD_MAX_OBSERVERS);
  if (needs & MD_NEED_CURRENTS) PetscCall(md__flux_count(run));
  run->watcher[run->nwatcher++] =
      (md__watcher){.every = every, .needs = needs, .observe = observe, .context = context};
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_sample(const md_run *run, md_sample *sample)
{
  const md_atoms *atoms = &run->atoms;

  PetscFunctionBegin;
  *sample = (md_sample){.step = run->step,
                        .time = (PetscReal)run->step * run->protocol.dt,
                        .atoms = atoms,
                        .nb = &run->nb,
                        .potential = run->result.energy,
                        .total = run->total,
                        .run = run,
                        .volume = md_atoms_volume(atoms),
                        .exchanged = run->tally.exchanged,
                        .grade = run->result.grade ? run->grade_now : 0.0,
                        .grade_max = run->grade_max};
  PetscCall(md__kinetic(run, &sample->kinetic));
  sample->temperature = md__temperature(run, sample->kinetic);
  sample->conserved = sample->kinetic + sample->potential - run->work;
  PetscCall(md__kinetic_tensor(run, sample->pressure));
  for (int ab = 0; ab < 9; ab++) {
    sample->pressure[ab] = (sample->pressure[ab] + run->result.virial[ab]) / sample->volume;
  }
  PetscCall(md__flux_sample(run, sample));
  PetscFunctionReturn(0);
}

PetscInt64 md_run_step(const md_run *run)
{
  return run->step;
}

PetscInt64 md_run_builds(const md_run *run)
{
  return run->builds;
}

const md_atoms *md_run_atoms(const md_run *run)
{
  return &run->atoms;
}

const md_protocol *md_run_protocol(const md_run *run)
{
  return &run->protocol;
}

const md_rnemd_tally *md_run_tally(const md_run *run)
{
  return &run->tally;
}
