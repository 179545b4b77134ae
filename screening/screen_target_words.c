/* screening/screen_target_words.c - targets in words */
#include "screening/screen_run.h"

#include <stdio.h>

/* "viscosity", "diffusion of Cl" */
static void name_gap(const screen_campaign *campaign, int k, const screen_gap *gap, char text[64])
{
  const char *name = prop_get((PetscInt)screen_target_value((screen_target_id)k))->name;

  if (gap->species >= 0)
    snprintf(text, 64, "%s of %s", name, campaign->species[gap->species]);
  else
    snprintf(text, 64, "%s", name);
}

/* "8.1 % (target 5 %)", "2.1 % from 6 samples of 20 (target 5 %)" */
static void say_error(const screen_gap *gap, FILE *out)
{
  if (gap->error > 0.0 && gap->neff > 0.0 && gap->neff < PROP_NEFF_MIN) {
    fprintf(out, "%.2g %% from %.2g samples of %d (target %.3g %%)", 100.0 * gap->error, gap->neff,
            PROP_NEFF_MIN, 100.0 * gap->target);
    return;
  }
  if (PetscIsInfOrNanReal(gap->error))
    fprintf(out, "no error bar (target %.3g %%)", 100.0 * gap->target);
  else
    fprintf(out, "%.2g %% (target %.3g %%)", 100.0 * gap->error, 100.0 * gap->target);
}

/* What is missing, after the error. */
static void say_missing(const screen_campaign *campaign, const screen_gap *gap, PetscInt group,
                        FILE *out)
{
  char text[32];

  if (gap->state == SCREEN_GAP_BARRED)
    fprintf(out, "; more replicas do not help");
  else if (gap->state == SCREEN_GAP_OPEN)
    fprintf(out, "; %.0f replicas instead of %.3g would do, about %s more of core time", gap->need,
            gap->replicas, screen_duration(gap->seconds * (double)group, text));
  if (gap->state == SCREEN_GAP_OPEN && gap->need > (PetscReal)campaign->max_replicas &&
      gap->replicas >= (PetscReal)campaign->max_replicas)
    fprintf(out, "; simulation.max_replicas is %" PetscInt_FMT, campaign->max_replicas);
}

PetscErrorCode screen_target_say(const screen_campaign *campaign, const screen_gap gap[],
                                 PetscInt group, FILE *out)
{
  char name[64];

  PetscFunctionBegin;
  for (int k = 0; k < SCREEN_NTARGET; k++) {
    if (gap[k].state == SCREEN_GAP_NONE) continue;
    name_gap(campaign, k, &gap[k], name);
    fprintf(out, "  target: %s: ", name);
    say_error(&gap[k], out);
    fprintf(out, ", %s", gap[k].state == SCREEN_GAP_MET ? "met" : "not met");
    say_missing(campaign, &gap[k], group, out);
    fputc('\n', out);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_target_print(const screen_campaign *campaign, const screen_grid *grid,
                                   const screen_gap gap[], FILE *out)
{
  const screen_target_sum sum = screen_target_total(grid, gap);
  char name[64];

  PetscFunctionBegin;
  if (sum.asked == 0) PetscFunctionReturn(0);
  fprintf(out, "\nTargets: %" PetscInt_FMT " of %" PetscInt_FMT " met\n", sum.met, sum.asked);
  for (PetscInt i = 0; i < grid->npoint * SCREEN_NTARGET; i++) {
    if (gap[i].state == SCREEN_GAP_NONE || gap[i].state == SCREEN_GAP_MET) continue;
    name_gap(campaign, (int)(i % SCREEN_NTARGET), &gap[i], name);
    fprintf(out, "  %s: %s ", grid->point[i / SCREEN_NTARGET].name, name);
    say_error(&gap[i], out);
    say_missing(campaign, &gap[i], 1, out);
    fputc('\n', out);
  }
  PetscFunctionReturn(0);
}
