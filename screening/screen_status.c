/* screening/screen_status.c - `liquidus status DIR`: reads, never touches */
#include "screening/screen_cli.h"
#include "screening/screen_run.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* "running", "complete", or what became of a run that says it runs but holds no lock */
static const char *true_state(const json_t *root, const char *directory)
{
  const char *state = json_string_value(json_object_get(root, "state"));

  if (!state) return "unknown";
  if (!strcmp(state, "running") && !screen_directory_busy(directory)) {
    return "not running: it was stopped or died; the same `liquidus run` goes on from here";
  }
  return state;
}

static long long integer(const json_t *root, const char *key)
{
  return (long long)json_integer_value(json_object_get(root, key));
}

/* "viscosity 8.1 % (5 %), diffusion of Cl met" after a point's state */
static void print_targets(json_t *targets)
{
  const char *name, *separator = "";
  json_t *t;

  if (json_object_size(targets) == 0) return;
  printf("  targets: ");
  json_object_foreach(targets, name, t)
  {
    const char *species = json_string_value(json_object_get(t, "species"));
    const char *state = json_string_value(json_object_get(t, "state"));
    const json_t *error = json_object_get(t, "error");

    printf("%s%s%s%s ", separator, name, species ? " of " : "", species ? species : "");
    if (json_is_real(error)) printf("%.2g of ", 100.0 * json_real_value(error));
    printf("%.3g %% %s", 100.0 * json_real_value(json_object_get(t, "target")),
           state ? state : "unknown");
    separator = ", ";
  }
  putchar('\n');
}

static void print_points(const json_t *table)
{
  json_t *row;
  size_t i;

  printf("\n%-40s %-12s %6s  %10s  %s\n", "point", "state", "%", "seconds", "crashes");
  json_array_foreach(table, i, row)
  {
    const double steps = (double)integer(row, "steps"), done = (double)integer(row, "steps_done");
    const char *reason = json_string_value(json_object_get(row, "reason"));
    printf(
        "%-40s %-12s %6.1f  %10.1f  %lld%s%s\n", json_string_value(json_object_get(row, "point")),
        json_string_value(json_object_get(row, "state")), steps > 0.0 ? 100.0 * done / steps : 0.0,
        json_real_value(json_object_get(row, "seconds")), integer(row, "crashes"),
        reason && reason[0] ? "  " : "", reason ? reason : "");
    print_targets(json_object_get(row, "targets"));
  }
}

/* All of them together. */
static void print_target_sum(const json_t *sum)
{
  char text[32];

  if (!json_is_object(sum)) return;
  printf("targets: %lld of %lld met", integer(sum, "met"), integer(sum, "asked"));
  if (integer(sum, "barred"))
    printf(", %lld that more replicas do not help", integer(sum, "barred"));
  if (integer(sum, "met") + integer(sum, "barred") < integer(sum, "asked"))
    printf("; about %s of core time missing, as far as is known",
           screen_duration(json_real_value(json_object_get(sum, "core_seconds_needed")), text));
  putchar('\n');
}

static void print_people(const json_t *root, const char *directory)
{
  char excluded[48] = "";
  const long long age = (long long)time(NULL) - integer(root, "updated");

  printf("campaign %s: %s\n", json_string_value(json_object_get(root, "campaign")),
         true_state(root, directory));
  if (integer(root, "excluded") > 0)
    snprintf(excluded, sizeof(excluded), ", %lld excluded", integer(root, "excluded"));
  printf("%lld points: %lld done, %lld failed, %lld running, %lld planned%s; %.0f %% of the work",
         integer(root, "points"), integer(root, "done"), integer(root, "failed"),
         integer(root, "running"), integer(root, "planned"), excluded,
         100.0 * json_real_value(json_object_get(root, "fraction")));
  if (screen_directory_busy(directory)) {
    printf(", about %.0f s left", json_real_value(json_object_get(root, "seconds_left")));
  }
  printf(" (as of %lld s ago)\n", age);
  print_target_sum(json_object_get(root, "targets"));
  print_points(json_object_get(root, "table"));
}

PetscErrorCode screen_verb_status(int argc, char **argv, screen_exit *code)
{
  char path[4200];
  const char *directory = NULL;
  PetscBool as_json = PETSC_FALSE;
  json_error_t problem;
  json_t *root;

  PetscFunctionBegin;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--json"))
      as_json = PETSC_TRUE;
    else if (!directory && argv[i][0] != '-')
      directory = argv[i];
    else
      directory = "";
  }
  if (!directory || !directory[0]) {
    PetscCall(screen_cli_refuse("status", code, "wanted one directory and at most --json"));
    PetscFunctionReturn(0);
  }
  snprintf(path, sizeof(path), "%s/status.json", directory);
  root = json_load_file(path, 0, &problem);
  if (!root) {
    PetscCall(screen_cli_refuse("status", code, "%s: no campaign's results here (%s)", directory,
                                problem.text));
    PetscFunctionReturn(0);
  }
  json_object_set_new(root, "alive", json_boolean(screen_directory_busy(directory)));
  if (as_json)
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
  else
    print_people(root, directory);
  if (as_json) putchar('\n');
  json_decref(root);
  PetscFunctionReturn(0);
}
