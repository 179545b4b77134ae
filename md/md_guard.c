/* md/md_guard.c - when a run no longer describes the liquid that was asked for
 *
 * A potential outside its training range does not stop with an error: atoms fall into each other, a
 * melt evaporates, a cell collapses, and an average is taken all the same.  Each check below looks
 * for one of these ends; the first that speaks ends the run with a reason and one line for people.
 * Forces are asked for at every step, where they are copied, whether they are numbers and how
 * large; positions, whether they are numbers, before each look at the list (md_integrate.c).
 * Velocities are asked where the list was built, which an atom that jumps forces, where somebody
 * looks and where an advance ends; energy and virial where they are computed.  Distances,
 * temperature, pressure, volume and energy have their turn at steps divisible by guard.every.
 * Checks only read, so the trajectory does not depend on them.
 */
#include "md/md_run_impl.h"
#include "md/md_units.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SQRT3 1.7320508075688772
#define MOST  1e100 /* a number above which something is wrong in any unit */

_Static_assert(sizeof(PetscReal) == sizeof(int64_t), "numbers of 64 bits");

const char *md_reason_text(md_reason reason)
{
  switch (reason) {
  case MD_RUNNING:
    return "running";
  case MD_COMPLETED:
    return "completed";
  case MD_NOT_FINITE:
    return "a number is not finite";
  case MD_TOO_HOT:
    return "temperature too high";
  case MD_CLOSE_PAIR:
    return "atoms too close";
  case MD_LOST_ATOM:
    return "an atom is lost";
  case MD_DENSITY_COLLAPSE:
    return "density collapsed";
  case MD_ENERGY_DRIFT:
    return "total energy drifts";
  case MD_EXTRAPOLATING:
    return "the potential extrapolates";
  case MD_HIGH_FORCE:
    return "a force is too large";
  case MD_HIGH_PRESSURE:
    return "pressure runs away";
  case MD_EVAPORATING:
    return "the liquid evaporates";
  case MD_FROZEN:
    return "the liquid has frozen";
  case MD_DEMIXED:
    return "the liquid has demixed";
  }
  return "unknown reason";
}

md_guard md_guard_default(void)
{
  return (md_guard){.every = 200,
                    .hot_factor = 3.0,
                    .close_factor = 0.5,
                    .max_move = 1.0,
                    .volume_low = 0.4,
                    .volume_high = 2.5,
                    .drift = 0.1,
                    .grade_break = 10.0,
                    .max_force = 50.0,
                    .pressure_factor = 20.0,
                    .every_structure = 500,
                    .window = 5000.0,
                    .void_atoms = 40.0,
                    .stall = 0.3,
                    .order = 6.0,
                    .segregation = 0.3};
}

static void label_atom(const md_run *run, PetscInt type, PetscInt id, char label[MD__LABEL])
{
  if (run->name) {
    (void)snprintf(label, MD__LABEL, "%s %" PetscInt_FMT, run->name[type], id + 1);
  } else {
    (void)snprintf(label, MD__LABEL, "species %" PetscInt_FMT " atom %" PetscInt_FMT, type, id + 1);
  }
}

void md__label(const md_run *run, PetscInt atom, char label[MD__LABEL])
{
  label_atom(run, run->atoms.type[atom], run->atoms.id[atom], label);
}

/* Index of the first entry that is not finite, or -1. */
static PetscInt find_bad(PetscInt n, const PetscReal a[])
{
  for (PetscInt k = 0; k < n; k++) {
    if (PetscIsInfOrNanReal(a[k])) return k;
  }
  return -1;
}

/* Bits of |x|: as whole numbers they are in the order of the numbers, those of NaN are last. */
static int64_t size_bits(PetscReal x)
{
  int64_t bits;

  memcpy(&bits, &x, sizeof(bits));
  return bits & INT64_MAX;
}

/* The sign of a difference says whether a number is beyond.  Compilers make vectors of this loop,
   which they do not of comparisons that may trap. */
PetscBool md__all_within(size_t n, const PetscReal a[], PetscReal limit)
{
  const int64_t most = size_bits(limit);
  int64_t signs = 0;

  for (size_t k = 0; k < n; k++) signs |= most - size_bits(a[k]);
  return (PetscBool)(signs >= 0);
}

/* Of a component of a vector that is to be no longer than `limit`, 0: any length will do.  Where no
   component is larger the vector is short enough; else it is to be looked at. */
static PetscReal component(PetscReal limit)
{
  return limit > 0.0 ? limit / SQRT3 : MOST;
}

void md__take_forces(md_run *run)
{
  const int64_t most = size_bits(component(run->guard.max_force));
  const PetscReal *restrict from = run->result.force;
  PetscReal *restrict to = run->atoms.f;
  int64_t signs = 0;

  for (size_t k = 0; k < 3 * (size_t)run->atoms.n; k++) {
    to[k] = from[k];
    signs |= most - size_bits(from[k]);
  }
  run->strong = (PetscBool)(signs < 0);
}

/* Whether velocities are asked for in this step.  An atom that moves further than the skin makes
   the list stale; a limit below the skin has to be looked at always. */
static PetscBool velocities_due(const md_run *run)
{
  const PetscReal limit = run->guard.max_move;

  return (PetscBool)(run->built == run->step || run->step % run->guard.every == 0 ||
                     run->step == run->end || (limit > 0.0 && limit < md__skin(run->pot->cutoff)) ||
                     md__watched(run));
}

/* Speaks of the first force or velocity that is not finite. */
static void check_finite(md_run *run)
{
  const md_atoms *atoms = &run->atoms;
  const PetscInt n3 = 3 * atoms->n;
  PetscInt bad;
  char label[MD__LABEL];

  if ((bad = find_bad(n3, atoms->f)) >= 0) {
    md__label(run, bad / 3, label);
    md__speak(run, MD_NOT_FINITE, "force on %s is not finite at step %" PetscInt64_FMT, label,
              run->step);
  } else if ((bad = find_bad(n3, atoms->v)) >= 0) {
    md__label(run, bad / 3, label);
    md__speak(run, MD_NOT_FINITE, "velocity of %s is not finite at step %" PetscInt64_FMT, label,
              run->step);
  }
}

static void check_sums(md_run *run)
{
  const unsigned skip = run->result.skip;
  PetscReal sum = 0.0;

  if (!(skip & MTP_SKIP_ENERGY)) sum += run->result.energy;
  if (!(skip & MTP_SKIP_VIRIAL)) sum += md__trace(run->result.virial);
  if (!PetscIsInfOrNanReal(sum)) return;
  md__speak(run, MD_NOT_FINITE, "potential energy or virial is not finite at step %" PetscInt64_FMT,
            run->step);
}

/* The atom with the largest grade, or -1 where the grade is of the whole configuration. */
static PetscInt worst_atom(const md_run *run)
{
  for (PetscInt i = 0; i < run->atoms.n && run->pot->site_grades; i++) {
    if (run->grade[i] == run->result.max_grade || PetscIsNanReal(run->grade[i])) return i;
  }
  return -1;
}

/* At the steps where grades were asked for, whatever guard.every is.  A grade that is not a number
   is above every limit and remembered. */
static PetscErrorCode check_grade(md_run *run)
{
  const PetscReal grade = run->result.max_grade, limit = run->guard.grade_break;
  PetscReal top[2]; /* largest number, and whether one is none */
  char label[MD__LABEL] = "the configuration";
  PetscInt worst;

  PetscFunctionBegin;
  if (!run->result.grade) PetscFunctionReturn(0);
  if (limit > 0.0 && !(grade <= limit)) {
    if ((worst = worst_atom(run)) >= 0) md__label(run, worst, label);
    md__speak(run, MD_EXTRAPOLATING,
              "%s has extrapolation grade %.1f at step %" PetscInt64_FMT " (limit %g)", label,
              (double)grade, run->step, (double)limit);
  }
  top[0] = PetscIsNanReal(grade) ? 0.0 : grade;
  top[1] = PetscIsNanReal(grade) ? 1.0 : 0.0;
  PetscCall(md__max(run, 2, top));
  run->grade_now = top[1] > 0.0 ? (PetscReal)NAN : top[0];
  if (top[1] > 0.0) run->grade_max = (PetscReal)NAN;
  if (top[0] > run->grade_max) run->grade_max = top[0];
  PetscFunctionReturn(0);
}

static void check_forces(md_run *run)
{
  const PetscReal limit = run->guard.max_force;
  char label[MD__LABEL];

  for (PetscInt i = 0; i < run->atoms.n && limit > 0.0; i++) {
    const PetscReal *f = &run->atoms.f[3 * (size_t)i];
    const PetscReal square = f[0] * f[0] + f[1] * f[1] + f[2] * f[2];

    if (square <= limit * limit) continue;
    md__label(run, i, label);
    md__speak(run, MD_HIGH_FORCE,
              "force on %s is %.3g eV/Å at step %" PetscInt64_FMT " (limit %g eV/Å)", label,
              (double)PetscSqrtReal(square), run->step, (double)limit);
    return;
  }
}

/* Away from where the stage began and from where it should be: a start that is far from there may
   take its time. */
static void check_pressure(md_run *run, PetscReal kinetic)
{
  const md_protocol *p = &run->protocol;
  const PetscReal volume = md_atoms_volume(&run->atoms);
  const PetscReal temperature = p->ensemble == MD_NVE ? run->start_temperature : md__target(run);
  const PetscReal ideal = (PetscReal)run->total * MD_BOLTZMANN * temperature / volume;
  const PetscReal limit = run->guard.pressure_factor * ideal;
  const PetscReal pressure = (2.0 * kinetic + md__trace(run->result.virial)) / (3.0 * volume);
  const PetscReal high = PetscMax(p->pressure, run->start_pressure) + limit;
  const PetscReal low = PetscMin(p->pressure, run->start_pressure) - limit;

  if (limit > 0.0 && (pressure > high || pressure < low)) {
    md__speak(run, MD_HIGH_PRESSURE,
              "pressure is %.3g GPa at step %" PetscInt64_FMT " (limits %.3g and %.3g GPa)",
              (double)(pressure * (1e-9 * MD_PRESSURE_PA)), run->step,
              (double)(low * (1e-9 * MD_PRESSURE_PA)), (double)(high * (1e-9 * MD_PRESSURE_PA)));
  }
}

static void check_temperature(md_run *run, PetscReal kinetic)
{
  const PetscReal target =
      run->protocol.ensemble == MD_NVE ? run->start_temperature : md__target(run);
  const PetscReal limit = run->guard.hot_factor * target;
  const PetscReal temperature = md__temperature(run, kinetic);

  if (limit > 0.0 && temperature > limit) {
    md__speak(run, MD_TOO_HOT, "temperature is %.0f K at step %" PetscInt64_FMT " (limit %.0f K)",
              (double)temperature, run->step, (double)limit);
  }
}

static void check_volume(md_run *run)
{
  const md_guard *g = &run->guard;
  const PetscReal volume = md_atoms_volume(&run->atoms), ratio = volume / run->start_volume;

  if ((g->volume_low > 0.0 && ratio < g->volume_low) ||
      (g->volume_high > 0.0 && ratio > g->volume_high)) {
    md__speak(run, MD_DENSITY_COLLAPSE,
              "volume is %.1f Å^3 at step %" PetscInt64_FMT
              ", %.2f times that at the start (limits %.2f and %.2f)",
              (double)volume, run->step, (double)ratio, (double)g->volume_low,
              (double)g->volume_high);
  }
}

static void check_drift(md_run *run, PetscReal kinetic)
{
  const PetscReal change = kinetic + run->result.energy - run->work - run->start_conserved;
  const PetscReal limit = run->guard.drift * kinetic;

  if (run->protocol.ensemble == MD_NVE && limit > 0.0 && PetscAbsReal(change) > limit) {
    md__speak(run, MD_ENERGY_DRIFT,
              "total energy changed by %.3g eV until step %" PetscInt64_FMT
              " (limit %.3g eV, %g of the kinetic energy)",
              (double)change, run->step, (double)limit, (double)run->guard.drift);
  }
}

static void check_moves(md_run *run)
{
  const md_atoms *atoms = &run->atoms;
  char label[MD__LABEL];

  for (PetscInt i = 0; i < atoms->n && run->guard.max_move > 0.0; i++) {
    const PetscReal *v = &atoms->v[3 * (size_t)i];
    const PetscReal move =
        run->protocol.dt * PetscSqrtReal(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);

    if (move <= run->guard.max_move) continue;
    md__label(run, i, label);
    md__speak(run, MD_LOST_ATOM,
              "%s moves %.2f Å a step at step %" PetscInt64_FMT " (limit %.2f Å)", label,
              (double)move, run->step, (double)run->guard.max_move);
    return;
  }
}

/* [Å^2] */
static PetscReal square_of(const mtp_neighbors *nb, PetscInt i, PetscInt k)
{
  const PetscReal *x = nb->x + 3 * (size_t)i, *y = nb->x + 3 * (size_t)nb->index[k];
  const PetscReal d[3] = {y[0] - x[0], y[1] - x[1], y[2] - x[2]};

  return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

/* Squared distance [Å^2] of the nearest entry of row i of the list.  In two halves that do not wait
   for each other, and without asking who it is: that is rarely wanted. */
static PetscReal nearest(const mtp_neighbors *nb, PetscInt i)
{
  PetscReal even = PETSC_MAX_REAL, odd = PETSC_MAX_REAL;
  PetscInt k = nb->first[i];

  for (; k + 1 < nb->first[i + 1]; k += 2) {
    const PetscReal a = square_of(nb, i, k), b = square_of(nb, i, k + 1);

    even = a < even ? a : even;
    odd = b < odd ? b : odd;
  }
  if (k < nb->first[i + 1]) even = PetscMin(even, square_of(nb, i, k));
  return PetscMin(even, odd);
}

/* The first entry of row i at that squared distance */
static PetscInt who_is_at(const mtp_neighbors *nb, PetscInt i, PetscReal square)
{
  PetscInt k = nb->first[i];

  while (square_of(nb, i, k) != square) k++;
  return nb->index[k];
}

/* Names of atom i and entry j of the list, the smaller number first: whoever sees the pair says the
   same. */
static void label_pair(const md_run *run, PetscInt i, PetscInt j, char first[MD__LABEL],
                       char second[MD__LABEL])
{
  const PetscBool turned = (PetscBool)(md_run_id(run, j) < md_run_id(run, i));
  const PetscInt one = turned ? j : i, other = turned ? i : j;

  label_atom(run, run->nb.type[one], md_run_id(run, one), first);
  label_atom(run, run->nb.type[other], md_run_id(run, other), second);
}

/* Both checks that need the list: an atom alone, and the closest pair of all. */
static void check_pairs(md_run *run)
{
  const PetscReal reach = run->pot->cutoff, limit = run->guard.close_factor * run->pot->min_dist;
  PetscReal closest = PETSC_MAX_REAL;
  PetscInt at = -1, with;
  char label[MD__LABEL], other[MD__LABEL];

  for (PetscInt i = 0; i < run->atoms.n; i++) {
    const PetscReal square = nearest(&run->nb, i);

    if (run->guard.max_move > 0.0 && square >= reach * reach) {
      md__label(run, i, label);
      md__speak(run, MD_LOST_ATOM, "%s has no neighbour within %.2f Å at step %" PetscInt64_FMT,
                label, (double)reach, run->step);
      return;
    }
    if (square < closest) {
      closest = square;
      at = i;
    }
  }
  if (closest < limit * limit) {
    with = who_is_at(&run->nb, at, closest);
    label_pair(run, at, with, label, other);
    md__speak(run, MD_CLOSE_PAIR,
              "%s and %s are %.2f Å apart at step %" PetscInt64_FMT " (limit %.2f Å)", label, other,
              (double)PetscSqrtReal(closest), run->step, (double)limit);
  }
}

/* The closest pair of ions of one sign, where one is too close. */
static void check_apart(md_run *run)
{
  const mtp_neighbors *nb = &run->nb;
  PetscReal closest = run->apart * run->apart;
  PetscInt at = -1, with = -1;
  char label[MD__LABEL], other[MD__LABEL];

  for (PetscInt i = 0; i < run->atoms.n && run->apart > 0.0; i++) {
    const PetscReal mine = run->charge[nb->type[i]];

    for (PetscInt k = nb->first[i]; k < nb->first[i + 1]; k++) {
      const PetscReal square = square_of(nb, i, k);

      if (square >= closest || mine * run->charge[nb->type[nb->index[k]]] <= 0.0) continue;
      closest = square;
      at = i;
      with = nb->index[k];
    }
  }
  if (at < 0) return;
  label_pair(run, at, with, label, other);
  md__speak(run, MD_CLOSE_PAIR,
            "%s and %s, charges of one sign, are %.2f Å apart at step %" PetscInt64_FMT
            " (limit %.2f Å)",
            label, other, (double)PetscSqrtReal(closest), run->step, (double)run->apart);
}

/* The order of the checks is that of cause and effect: where the potential has learned nothing two
   atoms fall into each other, which makes forces and speed, then heat, then everything else. */
static void check_atoms(md_run *run)
{
  check_finite(run);
  if (run->trouble != MD_RUNNING) return;
  check_pairs(run);
  check_forces(run);
  check_moves(run);
}

/* At every step; who it is, only where something is. */
static void check_step(md_run *run)
{
  const size_t n3 = 3 * (size_t)run->atoms.n;
  const PetscReal limit = component(run->guard.max_move / run->protocol.dt);

  if (run->strong || (velocities_due(run) && !md__all_within(n3, run->atoms.v, limit)))
    check_atoms(run);
  check_sums(run);
}

static PetscErrorCode check_state(md_run *run)
{
  PetscReal kinetic;

  PetscFunctionBegin;
  PetscCall(md__kinetic(run, &kinetic));
  check_pairs(run);
  check_apart(run);
  check_temperature(run, kinetic);
  check_pressure(run, kinetic);
  check_volume(run);
  check_drift(run, kinetic);
  PetscFunctionReturn(0);
}

PetscErrorCode md__guard(md_run *run)
{
  const PetscBool due = (PetscBool)(run->step % run->guard.every == 0);
  const PetscBool looked = md__structure_due(run);

  PetscFunctionBegin;
  if (run->reason != MD_RUNNING) PetscFunctionReturn(0);
  check_step(run);
  PetscCall(check_grade(run));
  if (due) PetscCall(check_state(run));
  if (looked) PetscCall(md__guard_structure(run));
  /* the ranks of a run also agree at every step in md__forces() */
  if (run->size == 1 || due || looked || md__watched(run) || run->step == run->end) {
    PetscCall(md__agree(run, NULL));
  }
  if (due && run->reason == MD_RUNNING) md__keep_good(run);
  PetscFunctionReturn(0);
}

PetscErrorCode md_run_check(md_run *run, md_reason *reason, char detail[160])
{
  PetscFunctionBegin;
  if (run->reason == MD_RUNNING && run->step % run->guard.every != 0) {
    PetscCall(check_state(run));
    PetscCall(md__agree(run, NULL));
  }
  *reason = run->reason;
  if (detail) PetscCall(PetscStrncpy(detail, run->detail, sizeof(run->detail)));
  PetscFunctionReturn(0);
}
