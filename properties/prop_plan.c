/* properties/prop_plan.c - the law 1/sqrt(time replicas), forwards and backwards
 *
 * Where an error bar rests on the spread of replicas (they differ in energy, or disagree), a longer
 * run of each tells nothing new: prop_combine() says so by a neff that goes to their number.
 */
#include "properties/prop_plan.h"
#include "properties/prop_stat.h"

static const PetscReal transport_factor = 5.0;  /* measured: see the header */
static const PetscReal rests_on_replicas = 1.5; /* neff over replicas */

PetscReal prop_plan_replicas(PetscReal sequences, PetscReal nparam, PetscReal target)
{
  if (!(sequences > 0.0 && nparam >= 1.0 && target > 0.0)) return PROP_NAN;
  return PetscMax(1.0, ceil(1.0 / (20.0 * nparam * target * target) / sequences));
}

PetscReal prop_plan_transport(PetscReal sequences, PetscReal time, PetscReal memory)
{
  if (!(sequences > 0.0 && time > 0.0 && memory > 0.0)) return PROP_NAN;
  return transport_factor * PetscSqrtReal(memory / (sequences * time));
}

PetscReal prop_plan_mean(PetscReal fluctuation, PetscReal time, PetscReal memory)
{
  if (!(fluctuation >= 0.0 && time > 0.0 && memory > 0.0)) return PROP_NAN;
  return fluctuation * PetscSqrtReal(2.0 * memory / time);
}

PetscReal prop_plan_energies(PetscReal natoms, PetscReal sensitivity)
{
  if (!(natoms > 0.0 && sensitivity >= 0.0)) return PROP_NAN;
  return sensitivity / PetscSqrtReal(3.0 * natoms);
}

static PetscBool only_replicas(const prop_plan_known *known)
{
  if (known->value.flags & PROP_FLAG_REPLICAS_DISAGREE) return PETSC_TRUE;
  return (PetscBool)(known->replicas > 1.0 && known->value.neff > 0.0 &&
                     known->value.neff <= rests_on_replicas * known->replicas);
}

static PetscBool has_error(const prop_value *v)
{
  return (PetscBool)(!(v->flags & PROP_FLAG_MISSING) && v->error > 0.0 &&
                     !PetscIsInfOrNanReal(v->error));
}

PetscReal prop_plan_predict(const prop_plan_known *known, PetscReal time, PetscReal replicas)
{
  PetscReal effort;

  if (!has_error(&known->value)) return PROP_NAN;
  if (!(known->time > 0.0 && known->replicas > 0.0 && time > 0.0 && replicas > 0.0))
    return PROP_NAN;
  effort = replicas / known->replicas;
  if (!only_replicas(known)) effort *= time / known->time;
  return known->value.error / PetscSqrtReal(effort);
}

/* 68 % factor of the error bar of so many samples; they are few enough for a whole number. */
static PetscReal factor68(PetscReal neff)
{
  const PetscReal dof = PetscMax(1.0, floor(neff * (1.0 + 1e-12)) - 1.0);

  return neff > 0.0 ? prop_student68((PetscInt)PetscMin(dof, 1e9)) : 1.0;
}

/* Of an effort so many times that of the value. */
static PetscReal ratio_at(const prop_value *v, PetscReal target, PetscReal effort)
{
  const PetscReal neff = v->neff * effort;
  const PetscReal few = neff > 0.0 ? PetscSqrtReal(PROP_NEFF_MIN / neff) : 0.0;
  const PetscReal error = v->error / PetscAbsReal(v->value) / PetscSqrtReal(effort);

  return PetscMax(few, factor68(neff) * error / target);
}

PetscReal prop_plan_ratio(const prop_value *value, PetscReal target)
{
  if (!has_error(value) || value->value == 0.0) return PROP_INFINITY;
  return ratio_at(value, target, 1.0);
}

/* The least effort at which the ratio is 1: Student's factor of what is enough is next to 1, so a
   few steps are. */
static PetscReal least_effort(const prop_value *v, PetscReal target)
{
  PetscReal effort = 1.0;

  for (int i = 0; i < 8; i++) {
    const PetscReal ratio = ratio_at(v, target, effort);

    effort = PetscMax(1.0, effort * ratio * ratio);
  }
  return effort;
}

PetscErrorCode prop_plan_need(const prop_plan_known *known, PetscReal target,
                              prop_plan_missing *need)
{
  PetscFunctionBegin;
  PetscCheck(target > 0.0 && known->time > 0.0 && known->replicas > 0.0, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "Target %g, time %g and number of replicas %g must be positive", (double)target,
             (double)known->time, (double)known->replicas);
  *need = (prop_plan_missing){.ratio = PROP_INFINITY,
                              .factor = PROP_NAN,
                              .time = PROP_NAN,
                              .replicas = PROP_NAN,
                              .certainty = PROP_NAN,
                              .only_replicas = only_replicas(known)};
  if (!has_error(&known->value) || known->value.value == 0.0) PetscFunctionReturn(0);
  need->ratio = prop_plan_ratio(&known->value, target);
  need->met = (PetscBool)(need->ratio <= 1.0);
  need->factor = need->met ? 1.0 : least_effort(&known->value, target);
  need->time = known->time * need->factor;
  if (need->only_replicas && !need->met) need->time = PROP_INFINITY;
  need->replicas = ceil(known->replicas * need->factor * (1.0 - 1e-12));
  if (known->value.neff > 0.0) need->certainty = PetscSqrtReal(2.0 / known->value.neff);
  PetscFunctionReturn(0);
}
